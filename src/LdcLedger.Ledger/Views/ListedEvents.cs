using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Views;

/// <summary>A part of the ledger's events, in its order.</summary>
/// <param name="Next">The place after which the next part begins; null: there is no more up to now.</param>
public sealed record EventPart(IReadOnlyList<LedgerEvent> Items, long? Next);

/// <summary>
/// Events in ledger order, a part after the other. Of one kind of a large ledger there may be few: a part looks at so many places and no
/// more, and may be short, or empty, though others follow.
/// </summary>
internal static class ListedEvents
{
    private const long PlacesAPart = 20_000;

    /// <summary>An event, by its id or an unambiguous prefix of it.</summary>
    /// <exception cref="RuleViolation">There is none, or there are several.</exception>
    public static async Task<LedgerEvent> FindAsync(LedgerStore store, string named, long upTo, CancellationToken cancellation)
    {
        var digits = named.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        if (digits.Length is 0 or > 32 || !digits.All(char.IsAsciiHexDigit))
            throw new RuleViolation($"'{named}' is no id of an event.");
        List<LedgerEvent> found = [];
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        // Materialised, so that the index of ids is taken and not that of places.
        var ids = $"(select seq_id from {store.Tables.Events} where id between $1 and $2 and seq_id <= $3 and type <> $4 limit 3)";
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, $"seq_id = any(array{ids})",
            [Guid.Parse(digits.PadRight(32, '0')), Guid.Parse(digits.PadRight(32, 'f')), upTo, MartenTables.Tombstone], cancellation))
            found.Add(e);
        return found switch
        {
            [] => throw new RuleViolation($"There is no event '{named}'."),
            [var only] => only,
            _ => throw new RuleViolation(
                $"'{named}' is the beginning of several event ids, such as {found[0].Id} and {found[1].Id}: give more digits."),
        };
    }

    /// <param name="upTo">The place up to which the read models have come: nothing is told of what comes after.</param>
    public static async Task<EventPart> ListAsync(
        LedgerStore store, Guid? study, string? type, long after, long upTo, int limit, CancellationToken cancellation)
    {
        if (type is not null)
            EventKinds.Of(type);
        var end = study is null && type is not null ? Math.Min(upTo, after + PlacesAPart) : upTo;
        var (where, values) = ("seq_id > $1 and seq_id <= $2", new List<object> { after, end });
        if (study is { } one)
        {
            values.Add(one.ToString("D"));
            where += $" and correlation_id = ${values.Count}";
        }
        if (type is not null)
        {
            values.Add(type);
            where += $" and type = ${values.Count}";
        }
        else
        {
            values.Add(MartenTables.Tombstone);
            where += $" and type <> ${values.Count}";
        }
        var items = new List<LedgerEvent>();
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, where, values, cancellation, limit + 1))
            items.Add(e);
        return items.Count > limit ? new([.. items.Take(limit)], items[limit - 1].Sequence) : new(items, end < upTo ? end : null);
    }
}
