using LdcLedger.Domain;
using LdcLedger.Domain.Access;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Access;

/// <summary>The tokens of this ledger: on a stream of its own, read anew only where it has grown.</summary>
public sealed class LedgerAccess(LedgerStore store, LedgerWriter writer, TimeProvider time)
{
    private volatile Known _known = new(AccessBook.Empty, 0);

    private sealed record Known(AccessBook Book, long Version);

    /// <summary>As the ledger has them at this moment.</summary>
    public async Task<AccessBook> BookAsync(CancellationToken cancellation = default)
    {
        var known = _known;
        await using var command = store.DataSource.CreateCommand(
            $"""
            select version, type, data::text, timestamp from {store.Tables.Events} where stream_id = $1 and version > $2 order by version
            """);
        command.Parameters.Add(new() { Value = LedgerIds.Access });
        command.Parameters.Add(new() { Value = known.Version });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (book, version) = (known.Book, known.Version);
        while (await reader.ReadAsync(cancellation))
        {
            version = reader.GetInt64(0);
            book = AccessBook.Evolve(
                book, LedgerJson.Read(EventKinds.Of(reader.GetString(1)), reader.GetString(2)), reader.GetFieldValue<DateTimeOffset>(3));
        }
        if (version > known.Version)
            _known = new(book, version);   // of two that read at once, the last may know less: the next look reads the rest again
        return book;
    }

    /// <summary>As they were when they were last read, for whoever may not wait while the ledger is away.</summary>
    public AccessBook Last => _known.Book;

    /// <summary>Records that a token was made, by its hash.</summary>
    /// <exception cref="RuleViolation">It may not be.</exception>
    public async Task<AccessGranted> GrantAsync(
        string name, string role, string sha256, Guid? study, long? position, DateTimeOffset? expires,
        CancellationToken cancellation = default)
    {
        AccessGranted? granted = null;
        await RecordAsync(book => granted = book.Grant(name, role, sha256, study, position, expires, time.GetUtcNow()), cancellation);
        return granted!;
    }

    /// <summary>Records that a token ends.</summary>
    /// <exception cref="RuleViolation">No token of that name is in force.</exception>
    public Task RevokeAsync(string name, CancellationToken cancellation = default) =>
        RecordAsync(book => book.Revoke(name, time.GetUtcNow()), cancellation);

    private async Task RecordAsync(Func<AccessBook, ILedgerEvent> decide, CancellationToken cancellation)
    {
        while (true)
        {
            var heads = await writer.HeadsAsync([LedgerIds.Access], cancellation);
            var fact = decide(await BookAsync(cancellation));
            try
            {
                await writer.AppendAsync([fact], heads, null, cancellation);
                return;
            }
            catch (LedgerConflict)
            {
                // Somebody made or ended one just now: look again.
            }
        }
    }
}
