using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.ReadModels;

/// <summary>An event as it is stored.</summary>
/// <param name="Sequence">Its place in the whole ledger.</param>
/// <param name="Version">Its place in its stream: 1, 2, ...</param>
/// <param name="Type">Its alias, for instance layer_norm_measured.</param>
/// <param name="Causation">Id of the event that led to it.</param>
/// <param name="Data">JSON.</param>
/// <param name="Chain">Its hash in the stream's chain.</param>
public sealed record LedgerEvent(
    long Sequence, Guid Stream, long Version, string Type, Guid Id, DateTimeOffset Timestamp, string? Causation, string Data, string? Chain)
{
    /// <summary>What it states; null where this version of ldc does not know its type.</summary>
    public ILedgerEvent? Fact => EventKinds.Find(Type) is { } kind ? LedgerJson.Read(kind, Data) : null;

    /// <summary>The same, for whoever cannot do without.</summary>
    /// <exception cref="RuleViolation">This version of ldc does not know its type.</exception>
    public ILedgerEvent KnownFact => LedgerJson.Read(EventKinds.Of(Type), Data);

    /// <summary>The same in a line: its telling numbers, rounded.</summary>
    public string Sentence => Fact is { } fact
        ? EventKinds.Of(fact).Sentence(fact)
        : $"an event that this version of ldc does not know: {Data}";
}
