using System.Text.Json.Nodes;
using LdcLedger.Domain.Identity;

namespace LdcLedger.Domain.Events;

/// <summary>What somebody has to do because of an event; the relay makes it a message.</summary>
public enum Work
{
    /// <summary>A worker is to take the run.</summary>
    Train,

    /// <summary>The study is to settle the run, which has ended.</summary>
    Settle,

    /// <summary>The study's open runs are to be cancelled.</summary>
    EndStudy,
}

/// <summary>Whose history an event is part of.</summary>
public enum EventStream
{
    /// <summary>A study's own; id = the study's.</summary>
    Study,

    /// <summary>A run's; id = the run's.</summary>
    Run,

    /// <summary>The ledger's aggregation rules.</summary>
    Rules,

    /// <summary>The ledger's seals.</summary>
    Seals,

    /// <summary>The ledger's notes of studies that came from another one.</summary>
    Imports,

    /// <summary>The tokens by which others may look at the ledger.</summary>
    Access,
}

/// <summary>
/// A kind of event: all that is said of it in one place. What is derived from it: ids, the name it is stored under, what the relay sends,
/// what a refill looks for, and the line that <c>run show</c> prints.
/// </summary>
/// <param name="Record">Its type.</param>
/// <param name="Alias">Its stored name: a contract, never changed and never used for another.</param>
/// <param name="Asks">What has to be done because of it; null = nothing.</param>
/// <param name="Answers">What has been done by it; null = nothing that was asked.</param>
public sealed record EventKind(Type Record, string Alias, EventStream Stream, Work? Asks, Work? Answers)
{
    /// <summary>What tells facts of this kind in one stream apart; the attempt only where the attempt itself is the fact.</summary>
    public required Func<ILedgerEvent, object[]> Key { get; init; }

    /// <summary>
    /// Makes what today's record reads of what earlier versions stored, in place: for a change of shape that a field's default does not
    /// cover. It gets today's JSON, too, and leaves that as it is. Null: everything that was ever stored is read as it is.
    /// </summary>
    public Action<JsonObject>? Upcast { get; init; }

    /// <summary>What an event of this kind states, in a line.</summary>
    public required Func<ILedgerEvent, string> Sentence { get; init; }

    /// <summary>
    /// The runs that an event of this kind says its study has, each planned in the same transaction or before; null = a kind that names
    /// none.
    /// </summary>
    public Func<ILedgerEvent, IEnumerable<Guid>>? Names { get; init; }

    /// <summary>The id of the stream that a fact of this kind belongs to.</summary>
    public Guid StreamOf(ILedgerEvent fact) => Stream switch
    {
        EventStream.Study => ((IStudyEvent)fact).StudyId,
        EventStream.Run => ((IRunEvent)fact).RunId,
        EventStream.Rules => LedgerIds.Rules,
        EventStream.Seals => LedgerIds.Seals,
        EventStream.Imports => LedgerIds.Imports,
        EventStream.Access => LedgerIds.Access,
        _ => throw new InvalidOperationException($"{Alias} is in stream {Stream}, which has no id."),
    };
}
