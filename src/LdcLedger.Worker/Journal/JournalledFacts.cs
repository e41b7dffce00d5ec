using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Worker.Journal;

/// <summary>
/// Facts of one transaction as a record of a journal: a JSON array of type and data, named and written as the ledger does.
/// </summary>
public static class JournalledFacts
{
    private sealed record Entry(string Type, JsonElement Data);

    public static byte[] Write(IReadOnlyList<ILedgerEvent> facts) => JsonSerializer.SerializeToUtf8Bytes(
        facts.Select(f => new Entry(EventKinds.Of(f).Alias, JsonSerializer.SerializeToElement(f, f.GetType(), LedgerJson.Options))),
        LedgerJson.Options);

    /// <exception cref="InvalidDataException">The record holds something that is no event of this version's ledger.</exception>
    public static IReadOnlyList<ILedgerEvent> Read(byte[] record)
    {
        try
        {
            var entries = JsonSerializer.Deserialize<List<Entry>>(record, LedgerJson.Options)!;
            return [.. entries.Select(e => EventKinds.Find(e.Type) is { } kind
                ? LedgerJson.Read(kind, e.Data)
                : throw new InvalidDataException($"A journal holds an event '{e.Type}', which this version of ldc does not know."))];
        }
        catch (JsonException cause)
        {
            throw new InvalidDataException($"A record of a journal cannot be read: {cause.Message}", cause);
        }
    }
}
