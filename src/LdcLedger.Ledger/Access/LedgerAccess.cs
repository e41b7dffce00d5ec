using LdcLedger.Domain;
using LdcLedger.Domain.Access;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Access;

/// <summary>The tokens of this ledger: on a stream of its own, read anew only where it has grown.</summary>
public sealed class LedgerAccess
{
    private readonly LedgerStore _store;
    private readonly LedgerWriter _writer;
    private readonly TimeProvider _time;
    private readonly SharedQuestion<AccessBook> _book;
    private volatile Known _known = new(AccessBook.Empty, 0);

    public LedgerAccess(LedgerStore store, LedgerWriter writer, TimeProvider time) =>
        (_store, _writer, _time, _book) = (store, writer, time, new(ReadAsync));

    private sealed record Known(AccessBook Book, long Version);

    /// <summary>As the ledger has them at this moment.</summary>
    public Task<AccessBook> BookAsync(CancellationToken cancellation = default) => _book.AskAsync(cancellation);

    /// <summary>As they were when they were last read, for whoever may not wait while the ledger is away.</summary>
    public AccessBook Last => _known.Book;

    /// <summary>Records that a token was made, by its hash.</summary>
    /// <exception cref="RuleViolation">It may not be.</exception>
    public async Task<AccessGranted> GrantAsync(
        string name, string role, string sha256, Guid? study, long? position, DateTimeOffset? expires,
        CancellationToken cancellation = default)
    {
        AccessGranted? granted = null;
        await RecordAsync(book => granted = book.Grant(name, role, sha256, study, position, expires, _time.GetUtcNow()), cancellation);
        return granted!;
    }

    /// <summary>Records that a token ends.</summary>
    /// <exception cref="RuleViolation">No token of that name is in force.</exception>
    public Task RevokeAsync(string name, CancellationToken cancellation = default) =>
        RecordAsync(book => book.Revoke(name, _time.GetUtcNow()), cancellation);

    private async Task<AccessBook> ReadAsync()
    {
        var known = _known;
        await using var command = _store.DataSource.CreateCommand(
            $"""
            select version, type, data::text, timestamp from {_store.Tables.Events} where stream_id = $1 and version > $2 order by version
            """);
        command.Parameters.Add(new() { Value = LedgerIds.Access });
        command.Parameters.Add(new() { Value = known.Version });
        await using var reader = await command.ExecuteReaderAsync();
        var (book, version) = (known.Book, known.Version);
        while (await reader.ReadAsync())
        {
            version = reader.GetInt64(0);
            book = AccessBook.Evolve(
                book, LedgerJson.Read(EventKinds.Of(reader.GetString(1)), reader.GetString(2)), reader.GetFieldValue<DateTimeOffset>(3));
        }
        if (version > known.Version)
            _known = new(book, version);   // of two that read at once, the last may know less: the next look reads the rest again
        return book;
    }

    private async Task RecordAsync(Func<AccessBook, ILedgerEvent> decide, CancellationToken cancellation)
    {
        while (true)
        {
            var heads = await _writer.HeadsAsync([LedgerIds.Access], cancellation);
            var fact = decide(await BookAsync(cancellation));
            try
            {
                await _writer.AppendAsync([fact], heads, null, cancellation);
                return;
            }
            catch (LedgerConflict)
            {
                // Somebody made or ended one just now: look again.
            }
        }
    }
}
