using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Bench.Ledgers;

/// <summary>
/// How fast one run's facts get into the ledger, 100 in a transaction: as a worker appends them, fenced and chained, and as Marten appends
/// without that. The yardstick is what PostgreSQL takes of the very same rows, by binary COPY into a table of the same columns and indexes.
/// </summary>
public sealed class AppendBench(LedgerStore store, TimeProvider time)
{
    public const double PlainTarget = 0.5, ChainedTarget = 0.2;

    private const int Batch = 100;
    private const int Layers = 16;

    /// <param name="events">Of one round and side.</param>
    /// <param name="rounds">The three sides take turns so many times; the first turn, which warms up, does not count.</param>
    public async Task<IReadOnlyList<Measurement>> RunAsync(int events, int rounds, CancellationToken cancellation = default)
    {
        await ExecuteAsync($"create table {store.Schema}.copied (like {store.Tables.Events} including all)", cancellation);
        List<double> copied = [], plain = [], chained = [];
        for (var round = 0; round <= rounds; round++)
        {
            var (study, runs) = MadeUpStudy.Of($"append {round}", 1, 1, 1, Layers, 1);
            var run = runs.First(r => r.Role == Regimes.All);
            await new LedgerWriter(store, time).RecordAsync([study, .. runs], cancellation: cancellation);
            var facts =
                Enumerable.Range(1, int.MaxValue).SelectMany(epoch => MadeUpStudy.Epoch(run, epoch)).Take(events).Chunk(Batch).ToList();
            plain.Add(events / await PlainAsync(runs[0].RunId, facts, cancellation));
            chained.Add(events / await ChainedAsync(run.RunId, facts, cancellation));
            copied.Add(events / await CopyAsync(await RowsAsync(run.RunId, events, cancellation), cancellation));
        }
        (copied, plain, chained) = (copied[1..], plain[1..], chained[1..]);
        var rates = new Dictionary<string, double>
        {
            ["copy_events_per_second"] = Sample.Median(copied), ["plain_events_per_second"] = Sample.Median(plain),
            ["chained_events_per_second"] = Sample.Median(chained),
        };
        return
        [
            new("append-plain", "events/s of plain appends over raw binary COPY, 100 in a transaction",
                Sample.Median(plain.Zip(copied, (a, b) => a / b)), "ratio", PlainTarget, true, rates),
            new("append-chained", "the same, fenced and chained as a worker appends",
                Sample.Median(chained.Zip(copied, (a, b) => a / b)), "ratio", ChainedTarget, true, rates),
        ];
    }

    private async Task<double> PlainAsync(Guid stream, List<ILedgerEvent[]> batches, CancellationToken cancellation)
    {
        var begun = time.GetTimestamp();
        foreach (var batch in batches)
        {
            await using var session = store.Marten.LightweightSession();
            session.Events.Append(stream, batch);
            await session.SaveChangesAsync(cancellation);
        }
        return time.GetElapsedTime(begun).TotalSeconds;
    }

    private async Task<double> ChainedAsync(Guid run, List<ILedgerEvent[]> batches, CancellationToken cancellation)
    {
        var (_, lease) =
            await new RunClaims(store, new(store, time)).ClaimAsync(run, "bench", MadeUpStudy.Machine, cancellation: cancellation);
        await using (lease)
        {
            var begun = time.GetTimestamp();
            foreach (var batch in batches)
                if (await lease!.RecordAsync(batch, cancellation) is not LeaseState.Held)
                    throw new InvalidOperationException("The lease of a run that nobody else knows was lost.");
            return time.GetElapsedTime(begun).TotalSeconds;
        }
    }

    private async Task<double> CopyAsync((string[] Types, List<object[]> Rows) of, CancellationToken cancellation)
    {
        await ExecuteAsync($"truncate {store.Schema}.copied", cancellation);
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        var begun = time.GetTimestamp();
        foreach (var batch in of.Rows.Chunk(Batch))
        {
            await using var copy =
                await connection.BeginBinaryImportAsync($"copy {store.Schema}.copied from stdin (format binary)", cancellation);
            foreach (var row in batch)
            {
                await copy.StartRowAsync(cancellation);
                for (var i = 0; i < row.Length; i++)
                    await (row[i] is DBNull ? copy.WriteNullAsync(cancellation) : copy.WriteAsync(row[i], of.Types[i], cancellation));
            }
            await copy.CompleteAsync(cancellation);
        }
        return time.GetElapsedTime(begun).TotalSeconds;
    }

    // The newest events of a run as rows.
    private async Task<(string[] Types, List<object[]> Rows)> RowsAsync(Guid run, int events, CancellationToken cancellation)
    {
        await using var command =
            store.DataSource.CreateCommand($"select * from {store.Tables.Events} where stream_id = $1 order by version desc limit $2");
        command.Parameters.Add(new() { Value = run });
        command.Parameters.Add(new() { Value = events });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<object[]>();
        while (await reader.ReadAsync(cancellation))
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }
        return ([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetDataTypeName)], rows);
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using var command = store.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
