using LdcLedger.Domain;
using LdcLedger.Domain.Events;

namespace LdcLedger.Ledger.Relay;

// What goes over the bus. Frozen contracts: MassTransit puts name and namespace into every message. A message says only where to look;
// whoever gets it reads the ledger.

/// <summary>A run waits for a worker.</summary>
public sealed record TrainRun(Guid StudyId, Guid RunId);

/// <summary>A run came to an end; its study has to settle it.</summary>
public sealed record RunEnded(Guid StudyId, Guid RunId);

/// <summary>A study is to end; its open runs have to be cancelled.</summary>
public sealed record StudyEnding(Guid StudyId);

/// <summary>The message for each kind of work that an event asks for.</summary>
public static class Messages
{
    /// <summary>The kinds of events that become messages.</summary>
    internal static readonly IReadOnlyList<Type> Sources = [.. EventKinds.All.Where(k => k.Asks is not null).Select(k => k.Record)];

    /// <summary>Null where an event is nobody's business.</summary>
    public static object? Of(ILedgerEvent fact) =>
        EventKinds.Of(fact).Asks is { } work ? Of(work, EventIds.StudyOf(fact)!.Value, EventIds.StreamOf(fact)) : null;

    /// <param name="stream">The run that is to be trained or settled; of no use where a study is to end.</param>
    internal static object Of(Work work, Guid study, Guid stream) => work switch
    {
        Work.Train => new TrainRun(study, stream),
        Work.Settle => new RunEnded(study, stream),
        Work.EndStudy => new StudyEnding(study),
        _ => throw new ArgumentOutOfRangeException(nameof(work), work, "There is no message for this work."),
    };
}
