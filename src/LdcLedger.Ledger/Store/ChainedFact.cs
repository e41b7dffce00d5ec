using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Chain;

namespace LdcLedger.Ledger.Store;

/// <summary>Where a stream ends: its version (0: no event yet) and the chain hash of its last event.</summary>
public readonly record struct StreamHead(long Version, string? Chain);

/// <summary>
/// A fact as it is stored: with its derived id, its stored name, its study, its time, and its link in the hash chain of its stream.
/// </summary>
/// <param name="Timestamp">In whole microseconds, as PostgreSQL keeps it.</param>
/// <param name="Causation">Id of the event that led to it; null where a person did.</param>
/// <param name="Study">Null where it belongs to none.</param>
/// <param name="Data">What is stored and hashed.</param>
/// <param name="Head">Where its stream ends with it.</param>
internal readonly record struct ChainedFact(
    Guid Stream, Guid Id, string Type, DateTimeOffset Timestamp, string? Causation, string? Study, JsonElement Data, StreamHead Head)
{
    /// <summary>Links a fact to the end of its stream.</summary>
    public static ChainedFact After(StreamHead end, ILedgerEvent fact, string? causation, DateTimeOffset at)
    {
        var (stream, id, type, time) = (EventIds.StreamOf(fact), EventIds.Of(fact), EventKinds.Of(fact).Alias, ChainLink.Cut(at));
        var data = JsonSerializer.SerializeToElement(fact, fact.GetType(), LedgerJson.Options);
        var link = new ChainLink(end.Chain, stream, end.Version + 1, type, id, time, causation, data);
        return new(stream, id, type, time, causation, EventIds.StudyOf(fact)?.ToString("D"), data, new(end.Version + 1, link.Hash()));
    }
}
