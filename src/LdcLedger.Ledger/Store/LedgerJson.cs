using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Postgres;

namespace LdcLedger.Ledger.Store;

/// <summary>How facts are written: one setting for what is stored, hashed and exported.</summary>
public static class LedgerJson
{
    public static readonly JsonSerializerOptions Options = Configured();

    /// <summary>The kind of a stored event.</summary>
    /// <exception cref="LedgerUnavailable">This version of ldc does not know it.</exception>
    public static EventKind KindOf(string alias) => EventKinds.Find(alias) ?? throw new LedgerUnavailable(
        $"The ledger has an event '{alias}', which this version of ldc does not know: install a newer ldc.");

    /// <summary>
    /// An event as today's record, of whichever shape it was stored in. The chain is of what is stored, and never sees this.
    /// </summary>
    /// <exception cref="JsonException">It is no event of this kind.</exception>
    public static ILedgerEvent Read(EventKind kind, string stored) => kind.Upcast is null
        ? (ILedgerEvent)JsonSerializer.Deserialize(stored, kind.Record, Options)!
        : Upcast(kind, JsonNode.Parse(stored)!.AsObject());

    /// <summary>The same of UTF-8 text.</summary>
    /// <exception cref="JsonException">It is no event of this kind.</exception>
    public static ILedgerEvent Read(EventKind kind, ReadOnlySpan<byte> stored) => kind.Upcast is null
        ? (ILedgerEvent)JsonSerializer.Deserialize(stored, kind.Record, Options)!
        : Upcast(kind, JsonNode.Parse(stored)!.AsObject());

    /// <summary>The same of JSON that is parsed already.</summary>
    /// <exception cref="JsonException">It is no event of this kind.</exception>
    public static ILedgerEvent Read(EventKind kind, JsonElement stored) => kind.Upcast is null
        ? (ILedgerEvent)stored.Deserialize(kind.Record, Options)!
        : Upcast(kind, JsonObject.Create(stored)!);

    private static ILedgerEvent Upcast(EventKind kind, JsonObject stored)
    {
        kind.Upcast!(stored);
        return (ILedgerEvent)stored.Deserialize(kind.Record, Options)!;
    }

    private static JsonSerializerOptions Configured()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            // A loss can overflow; recording it must not fail hours into a run.
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
