using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;

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
    /// <summary>What it states; null where this version of ldc does not know its type, or its data was changed.</summary>
    public ILedgerEvent? Fact => EventKinds.Find(Type) is { } kind ? Read(kind) : null;

    /// <summary>The same, for whoever cannot do without.</summary>
    /// <exception cref="LedgerUnavailable">This version of ldc does not know its type.</exception>
    /// <exception cref="LedgerDamaged">Its data is none of that type.</exception>
    public ILedgerEvent KnownFact => Read(LedgerJson.KindOf(Type)) ?? throw LedgerDamaged.Unreadable(Sequence, Type);

    /// <summary>The same in a line: its telling numbers, rounded.</summary>
    public string Sentence => Fact is { } fact
        ? EventKinds.Of(fact).Sentence(fact)
        : $"an event that this version of ldc cannot read: {Data}";

    private ILedgerEvent? Read(EventKind kind)
    {
        try
        {
            return LedgerJson.Read(kind, Data);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
