using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Store;
using Npgsql;
using NpgsqlTypes;

namespace LdcLedger.Bench.Ledgers;

/// <summary>
/// Fills an empty ledger with whole streams by COPY, every event named, chained and written as <see cref="LedgerWriter"/> would: for a
/// bench that needs a large ledger, not for facts.
/// </summary>
internal sealed class BulkEvents(LedgerStore store)
{
    private readonly List<(Guid Stream, long Version, DateTimeOffset At)> _streams = [];
    private long _sequence;

    /// <summary>Writes the events of a study, in ledger order, in one transaction.</summary>
    public async Task WriteAsync(IReadOnlyList<(ILedgerEvent Fact, DateTimeOffset At)> facts, CancellationToken cancellation)
    {
        var heads = new Dictionary<Guid, StreamHead>();
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        foreach (var stream in facts.GroupBy(f => EventIds.StreamOf(f.Fact)))
            _streams.Add((stream.Key, stream.Count(), stream.Last().At));
        await WriteStreamsAsync(connection, cancellation);
        await using (var copy = await connection.BeginBinaryImportAsync($"""
            copy {store.Tables.Events}
                (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, {MartenTables.DotnetType}, correlation_id, headers,
                 is_archived)
            from stdin (format binary)
            """, cancellation))
        {
            foreach (var (fact, at) in facts)
            {
                var chained = ChainedFact.After(heads.GetValueOrDefault(EventIds.StreamOf(fact)), fact, null, at);
                heads[chained.Stream] = chained.Head;
                await copy.StartRowAsync(cancellation);
                await copy.WriteAsync(++_sequence, cancellation);
                await copy.WriteAsync(chained.Id, cancellation);
                await copy.WriteAsync(chained.Stream, cancellation);
                await copy.WriteAsync(chained.Head.Version, cancellation);
                await copy.WriteAsync(chained.Data.GetRawText(), NpgsqlDbType.Jsonb, cancellation);
                await copy.WriteAsync(chained.Type, cancellation);
                await copy.WriteAsync(chained.Timestamp, cancellation);
                await copy.WriteAsync(MartenTables.Tenant, cancellation);
                await copy.WriteAsync(MartenTables.DotnetTypeOf(fact.GetType()), cancellation);
                await copy.WriteAsync(chained.Study!, cancellation);
                await copy.WriteAsync($$"""{"{{LedgerWriter.ChainHeader}}":"{{chained.Head.Chain}}"}""", NpgsqlDbType.Jsonb, cancellation);
                await copy.WriteAsync(false, cancellation);
            }
            await copy.CompleteAsync(cancellation);
        }
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Lets appends go on where the copied events end.</summary>
    /// <returns>How many there are.</returns>
    public async Task<long> FinishAsync(CancellationToken cancellation)
    {
        await using var command =
            store.DataSource.CreateCommand($"select setval('{store.Tables.EventsSequence}', {_sequence}); analyze {store.Tables.Events}");
        await command.ExecuteNonQueryAsync(cancellation);
        return _sequence;
    }

    private async Task WriteStreamsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            $"copy {store.Tables.Streams} (id, version, timestamp, created, tenant_id, is_archived) from stdin (format binary)",
            cancellation);
        foreach (var (stream, version, at) in _streams)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(stream, cancellation);
            await copy.WriteAsync(version, cancellation);
            await copy.WriteAsync(at, cancellation);
            await copy.WriteAsync(at, cancellation);
            await copy.WriteAsync(MartenTables.Tenant, cancellation);
            await copy.WriteAsync(false, cancellation);
        }
        await copy.CompleteAsync(cancellation);
        _streams.Clear();
    }
}
