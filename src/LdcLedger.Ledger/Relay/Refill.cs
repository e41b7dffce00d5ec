using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.Store;
using MassTransit;

namespace LdcLedger.Ledger.Relay;

/// <summary>Something that the ledger says is still to be done.</summary>
/// <param name="Cause">The event that asks for it; the message's id.</param>
internal sealed record OpenWork(object Message, Guid Cause, long Sequence);

/// <summary>
/// Publishes again what the ledger says is still open: for a broker that starts empty or was purged. Only what the relay has passed; the
/// rest is the relay's to publish.
/// </summary>
public sealed class Refill(LedgerStore store, IBus bus)
{
    private static readonly string Wanted = Aliases(k => k.Asks == Work.Train);
    private static readonly string Ends = Aliases(k => k.Asks == Work.Settle);
    private static readonly string Settlements = Aliases(k => k.Answers == Work.Settle);
    private static readonly string EndsOfStudies = Aliases(k => k.Asks == Work.EndStudy);
    private static readonly string EndedStudies = Aliases(k => k.Answers == Work.EndStudy);

    /// <param name="study">Null: every study.</param>
    /// <returns>How many messages were published.</returns>
    public async Task<int> PublishAsync(Guid? study = null, CancellationToken cancellation = default)
    {
        var open = await OpenAsync(study, cancellation);
        await PublishAsync(open, cancellation);
        return open.Count;
    }

    internal async Task PublishAsync(IEnumerable<OpenWork> open, CancellationToken cancellation)
    {
        foreach (var (message, cause, sequence) in open)
            await LedgerRelay.PublishAsync(bus, message, cause, sequence, cancellation);
    }

    /// <summary>
    /// In ledger order: runs that are wanted and have not ended since, runs that have ended and are not settled since, studies that are to
    /// end and have not; of studies that are not at rest.
    /// </summary>
    /// <param name="upTo">Only what stands up to there in the whole ledger; null: what the relay has passed.</param>
    internal async Task<IReadOnlyList<OpenWork>> OpenAsync(Guid? study, CancellationToken cancellation, long? upTo = null)
    {
        await using var command = store.DataSource.CreateCommand($"""
            with relayed as (
                select * from {store.Tables.Events}
                where seq_id <= coalesce($2, (select last_seq_id from {store.Tables.Progress} where name = '{LedgerRelay.Progress}'))
                  and correlation_id is not null and ($1::text is null or correlation_id = $1)
                  and correlation_id not in ({ImportedStudies.AtRest(store.Tables)})
                  and type in ({Wanted}, {Ends}, {EndsOfStudies})),
            last as (
                select distinct on (stream_id) correlation_id, stream_id, type, id, seq_id from relayed order by stream_id, seq_id desc)
            select correlation_id::uuid, stream_id, type, id, seq_id from last l
            where type in ({Wanted}) and not exists (
                  select 1 from {store.Tables.Events} e where e.stream_id = l.stream_id and e.type in ({Ends}) and e.seq_id > l.seq_id)
               or type in ({Ends}) and not exists (
                  select 1 from {store.Tables.Events} e
                  where e.stream_id = l.correlation_id::uuid and e.type in ({Settlements})
                    and e.data ->> 'runId' = l.stream_id::text and e.seq_id > l.seq_id)
               or type in ({EndsOfStudies}) and not exists (
                  select 1 from {store.Tables.Events} e
                  where e.stream_id = l.stream_id and e.type in ({EndedStudies}) and e.seq_id > l.seq_id)
            order by seq_id
            """);
        command.Parameters.Add(
            new() { Value = (object?)study?.ToString("D") ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)upTo ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var open = new List<OpenWork>();
        while (await reader.ReadAsync(cancellation))
        {
            var (of, stream, type) = (reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2));
            open.Add(new(Messages.Of(EventKinds.Find(type)!.Asks!.Value, of, stream), reader.GetGuid(3), reader.GetInt64(4)));
        }
        return open;
    }

    private static string Aliases(Func<EventKind, bool> which) =>
        string.Join(", ", EventKinds.All.Where(which).Select(k => $"'{k.Alias}'"));
}
