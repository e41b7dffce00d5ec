using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using Npgsql;
using NpgsqlTypes;

namespace LdcLedger.Ledger.Bench;

/// <summary>
/// Fills an empty ledger with whole streams by COPY, every event named, chained and written as <see cref="LedgerWriter"/> would: for a bench that needs a large
/// ledger, not for facts.
/// </summary>
internal sealed class BulkEvents(LedgerStore store)
{
    private const string Tenant = "*DEFAULT*";

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
            copy {store.Schema}.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, headers, is_archived)
            from stdin (format binary)
            """, cancellation))
        {
            foreach (var (fact, at) in facts)
            {
                var (stream, type) = (EventIds.StreamOf(fact), fact.GetType());
                var head = heads.GetValueOrDefault(stream);
                var (id, alias, time) = (EventIds.Of(fact), EventKinds.Of(type).Alias, ChainLink.Cut(at));
                var data = JsonSerializer.SerializeToElement(fact, type, LedgerJson.Options);
                head = new(head.Version + 1, new ChainLink(head.Chain, stream, head.Version + 1, alias, id, time, null, data).Hash());
                heads[stream] = head;
                await copy.StartRowAsync(cancellation);
                await copy.WriteAsync(++_sequence, cancellation);
                await copy.WriteAsync(id, cancellation);
                await copy.WriteAsync(stream, cancellation);
                await copy.WriteAsync(head.Version, cancellation);
                await copy.WriteAsync(data.GetRawText(), NpgsqlDbType.Jsonb, cancellation);
                await copy.WriteAsync(alias, cancellation);
                await copy.WriteAsync(time, cancellation);
                await copy.WriteAsync(Tenant, cancellation);
                await copy.WriteAsync($"{type.FullName}, {type.Assembly.GetName().Name}", cancellation);
                await copy.WriteAsync(EventIds.StudyOf(fact)!.Value.ToString("D"), cancellation);
                await copy.WriteAsync($$"""{"{{LedgerWriter.ChainHeader}}":"{{head.Chain}}"}""", NpgsqlDbType.Jsonb, cancellation);
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
        await using var command = store.DataSource.CreateCommand($"select setval('{store.Schema}.mt_events_sequence', {_sequence}); analyze {store.Schema}.mt_events");
        await command.ExecuteNonQueryAsync(cancellation);
        return _sequence;
    }

    private async Task WriteStreamsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            $"copy {store.Schema}.mt_streams (id, version, timestamp, created, tenant_id, is_archived) from stdin (format binary)", cancellation);
        foreach (var (stream, version, at) in _streams)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(stream, cancellation);
            await copy.WriteAsync(version, cancellation);
            await copy.WriteAsync(at, cancellation);
            await copy.WriteAsync(at, cancellation);
            await copy.WriteAsync(Tenant, cancellation);
            await copy.WriteAsync(false, cancellation);
        }
        await copy.CompleteAsync(cancellation);
        _streams.Clear();
    }
}
