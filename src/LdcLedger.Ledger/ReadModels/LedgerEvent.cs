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
    /// <summary>What it states.</summary>
    /// <exception cref="RuleViolation">This version of ldc does not know events of its kind.</exception>
    public ILedgerEvent Fact => LedgerJson.Read(EventKinds.Of(Type), Data);

    /// <summary>What it states, in a line: its telling numbers, rounded.</summary>
    public string Sentence => EventKinds.Find(Type) is { } kind
        ? kind.Sentence(LedgerJson.Read(kind, Data))
        : $"an event that this version of ldc does not know: {Data}";
}
