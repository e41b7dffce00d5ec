using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Ledger.Relay;

// What goes over the bus. Frozen contracts: MassTransit puts name and namespace into every message. A message says only where to look;
// whoever gets it reads the ledger.

/// <summary>A run waits for a worker.</summary>
public sealed record TrainRun(Guid StudyId, Guid RunId);

/// <summary>A run came to an end; its study has to settle it.</summary>
public sealed record RunEnded(Guid StudyId, Guid RunId);

/// <summary>A study is to end; its open runs have to be cancelled.</summary>
public sealed record StudyEnding(Guid StudyId);

/// <summary>The messages that events become.</summary>
public static class Messages
{
    /// <summary>The kinds of events that become messages.</summary>
    internal static readonly IReadOnlyList<Type> Sources =
        [typeof(RunPlanned), typeof(RunRetryRequested), typeof(RunReleased), typeof(RunCompleted), typeof(RunFailed), typeof(RunCancelled), typeof(RunAbandoned), typeof(StudyCancelRequested)];

    /// <summary>Null where an event is nobody's business.</summary>
    public static object? Of(object fact) => fact switch
    {
        RunPlanned e => new TrainRun(e.StudyId, e.RunId),
        RunRetryRequested e => new TrainRun(e.StudyId, e.RunId),
        RunReleased e => new TrainRun(e.StudyId, e.RunId),   // its worker has let the message go
        RunCompleted e => new RunEnded(e.StudyId, e.RunId),
        RunFailed e => new RunEnded(e.StudyId, e.RunId),
        RunCancelled e => new RunEnded(e.StudyId, e.RunId),
        RunAbandoned e => new RunEnded(e.StudyId, e.RunId),
        StudyCancelRequested e => new StudyEnding(e.StudyId),
        _ => null,
    };
}
