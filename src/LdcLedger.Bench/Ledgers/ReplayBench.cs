using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Bench.Ledgers;

/// <summary>
/// How fast a large study is replayed under four rules at once: its events read and folded, and every table and figure of every rule made.
/// The yardstick is the same rows read and parsed by the same reader, and nothing else.
/// </summary>
public sealed class ReplayBench(LedgerStore store, TimeProvider time)
{
    public const double TargetSecondsOfAMillion = 10, ShareTarget = 0.7;

    private const int Layers = 34, Models = 4, Domains = 6, Seeds = 10, Regimes = 3;

    /// <summary>The built-in rules, and one that has a different word in every place.</summary>
    private static readonly IReadOnlyList<AggregationRule> Rules =
    [
        .. AggregationRule.BuiltIn,
        new("bench", 1, "rms", "block", "l2", 1, "median", "other-group", 2, "min-max"),
    ];

    /// <param name="events">LayerNormMeasured, at least so many.</param>
    /// <param name="rounds">Both sides take turns so many times; the first turn, which warms up, does not count.</param>
    public async Task<IReadOnlyList<Measurement>> RunAsync(int events, int rounds, CancellationToken cancellation = default)
    {
        var (study, norms, last) = await FillAsync(events, cancellation);
        List<double> read = [], replayed = [];
        for (var round = 0; round <= rounds; round++)
        {
            read.Add(await SecondsAsync(() => ReadAsync(study, last, cancellation)));
            replayed.Add(await SecondsAsync(() => ReplayAsync(study, last, cancellation)));
        }
        (read, replayed) = (read[1..], replayed[1..]);
        var seconds = Sample.Median(replayed);
        var rates = new Dictionary<string, double>
        {
            ["layer_norms"] = norms, ["events"] = last, ["rules"] = Rules.Count, ["read_seconds"] = Sample.Median(read),
            ["replay_seconds"] = seconds, ["read_events_per_second"] = last / Sample.Median(read), ["replay_events_per_second"] = last / seconds,
        };
        return
        [
            new("replay-time", "a study of a million LayerNormMeasured replayed under four rules, by the rate of this one",
                1_000 * seconds * (1_000_000 / (double)norms), "ms", 1_000 * TargetSecondsOfAMillion, false, rates),
            new("replay-share", "events/s of the replay over those of reading and parsing the same rows",
                Sample.Median(read.Zip(replayed, (a, b) => a / b)), "ratio", ShareTarget, true, rates),
        ];
    }

    private async Task ReadAsync(Guid study, long last, CancellationToken cancellation)
    {
        await foreach (var _ in StudyEvents.ReadAsync(store, study, last, cancellation))
        {
            // Read and parsed; that is all.
        }
    }

    internal async Task ReplayAsync(Guid study, long last, CancellationToken cancellation)
    {
        var facts = await new StudyReplay(store).FoldAsync(study, Rules, last, cancellation);
        foreach (var rule in Rules)
            if (RankingTable.Of(facts, rule).Rows.Any(r => r.Layers.Count != Layers) || AggregatedNormTable.Of(facts, rule).Count == 0
                || NormFigure.Of(facts, rule).Any(f => f.Lines.Any(l => l.Points.Count != Layers))
                || PerplexityTable.Of(facts, rule).Rows.Count == 0)
                throw new InvalidOperationException($"The replay under {rule.Name} is not whole.");
    }

    private async Task<double> SecondsAsync(Func<Task> work)
    {
        GC.Collect();
        var begun = time.GetTimestamp();
        await work();
        return time.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>One study whose stage 1 is done: few seeds and many epochs, as many as give the number of events.</summary>
    internal async Task<(Guid Study, long Norms, long Last)> FillAsync(int events, CancellationToken cancellation)
    {
        var (models, domains, seeds) = events >= Models * Domains * Seeds * Regimes * Layers ? (Models, Domains, Seeds) : (1, 1, 2);
        var ofAnEpoch = models * domains * seeds * Regimes * Layers;
        var epochs = (events + ofAnEpoch - 1) / ofAnEpoch;
        var (study, runs) = MadeUpStudy.Of("replay", models, domains, seeds, Layers, epochs);
        var bulk = new BulkEvents(store);
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await bulk.WriteAsync([(study, at)], cancellation);
        foreach (var run in runs)
        {
            IReadOnlyList<ILedgerEvent> facts =
                [run, new RunClaimed(run.StudyId, run.RunId, 1, "bench", MadeUpStudy.Machine), .. MadeUpStudy.Facts(run, 1)];
            await bulk.WriteAsync([.. facts.Select((fact, i) => (fact, at.AddSeconds(i)))], cancellation);
        }
        return (study.StudyId, (long)ofAnEpoch * epochs, await bulk.FinishAsync(cancellation));
    }
}
