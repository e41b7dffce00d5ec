using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Bench.Ledgers;

/// <summary>
/// How fast a large ledger answers: what <c>ldc study list</c> and <c>ldc run list</c> ask of it, with and without filters. The events are
/// copied in, the read models are made of them by the projection that makes them always.
/// </summary>
public sealed class ListBench(LedgerStore store, TimeProvider time)
{
    public const double TargetMilliseconds = 300;

    private const int Layers = 4, Seeds = 3, RunsOfACell = 22, CellsOfAStudy = 24;
    private const int StudiesShown = 200, RunsShown = 1_000;   // as the verbs do unless asked otherwise

    private readonly LedgerQueries _queries = new(store, time);

    /// <param name="runs">At least so many: a model and domain has 22 with three seeds, a study like the reference study 528.</param>
    /// <param name="questions">How often each is asked.</param>
    public async Task<IReadOnlyList<Measurement>> RunAsync(int runs, int questions, CancellationToken cancellation = default)
    {
        var (made, events, projected) = await FillAsync(runs, cancellation);
        var newest = (await _queries.StudiesAsync(2, cancellation: cancellation)).Items[^1];
        var asked = new Dictionary<string, Func<Task>>
        {
            ["all"] = () => _queries.RunsAsync(null, null, RunsShown, 0, cancellation),
            ["study"] = async () =>
                await _queries.RunsAsync((await _queries.FindStudyAsync(newest.Name, cancellation)).Id, null, RunsShown, 0, cancellation),
            ["study_and_status"] = async () => await _queries.RunsAsync(
                (await _queries.FindStudyAsync(newest.Name, cancellation)).Id, RunStatuses.Completed, RunsShown, 0, cancellation),
            ["completed"] = () => _queries.RunsAsync(null, RunStatuses.Completed, RunsShown, 0, cancellation),
            ["failed"] = () => _queries.RunsAsync(null, RunStatuses.Failed, RunsShown, 0, cancellation),
            ["middle"] = () => _queries.RunsAsync(null, null, RunsShown, made / 2, cancellation),
            ["oldest"] = () => _queries.RunsAsync(null, null, RunsShown, Math.Max(0, made - RunsShown), cancellation),
        };
        List<double> studies = [];
        var lists = asked.Keys.ToDictionary(name => name, _ => new List<double>());
        for (var i = -1; i < questions; i++)   // the first time warms up
        {
            var study = await TimeAsync(() => _queries.StudiesAsync(StudiesShown, 0, cancellation));
            if (i >= 0)
                studies.Add(study);
            foreach (var (name, question) in asked)
            {
                var took = await TimeAsync(question);
                if (i >= 0)
                    lists[name].Add(took);
            }
        }
        var size = new Dictionary<string, double> { ["runs"] = made, ["events"] = events, ["projected_events_per_second"] = projected };
        return
        [
            new("study-list", "p95 of what `ldc study list` asks", Sample.P95(studies), "ms", TargetMilliseconds, false, size),
            new("run-list", "p95 of what `ldc run list` asks, the slowest of its filters",
                lists.Values.Max(Sample.P95), "ms", TargetMilliseconds, false,
                lists.ToDictionary(l => $"{l.Key}_p95_ms", l => Sample.P95(l.Value))),
        ];
    }

    private async Task<double> TimeAsync(Func<Task> question)
    {
        var begun = time.GetTimestamp();
        await question();
        return time.GetElapsedTime(begun).TotalMilliseconds;
    }

    /// <summary>Studies that have completed, here and there with a failed run; every tenth is half done.</summary>
    internal async Task<(int Runs, long Events, double ProjectedPerSecond)> FillAsync(int runs, CancellationToken cancellation)
    {
        var bulk = new BulkEvents(store);
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var made = 0;
        for (var number = 1; made < runs; number++)
        {
            var cells = Math.Min(CellsOfAStudy, (runs - made + RunsOfACell - 1) / RunsOfACell);
            var (study, planned) = cells == CellsOfAStudy
                ? MadeUpStudy.Of($"study-{number}", 4, 6, Seeds, Layers, 1)
                : MadeUpStudy.Of($"study-{number}", 1, cells, Seeds, Layers, 1);
            var facts =
                History(study, planned, number % 10 == 1 ? cells / 2 : cells).Select((fact, i) => (fact, at.AddSeconds(i))).ToList();
            await bulk.WriteAsync(facts, cancellation);
            made += facts.Count(f => f.fact is RunPlanned);
            at = at.AddSeconds(facts.Count + 60);
        }
        var events = await bulk.FinishAsync(cancellation);
        var begun = time.GetTimestamp();
        await new ReadModelProgress(store, time).CatchUpAsync(cancellation);
        var projected = events / time.GetElapsedTime(begun).TotalSeconds;
        // As it is in a ledger that grew over months.
        await using var vacuum = store.DataSource.CreateCommand($"vacuum analyze {store.Tables.Documents<RunSummary>()}");
        await vacuum.ExecuteNonQueryAsync(cancellation);
        return (made, events, projected);
    }

    internal static List<ILedgerEvent> History(StudySubmitted submitted, IReadOnlyList<RunPlanned> planned, int cells)
    {
        List<ILedgerEvent> facts = [submitted];
        var study = StudyProgress.Evolve(null, submitted, default)!;
        var norms = new Dictionary<Guid, RunNorms>();
        foreach (var cell in planned.GroupBy(r => (r.Model, r.Domain)).Take(cells))
        {
            foreach (var run in cell)
                Settle(run);
            foreach (var ready in Stage2Decision.Ready(study))
            {
                var (plan, newRuns) = Stage2Decision.Plan(study, ready, study.Submitted.Rule, [.. ready.AllRuns.Select(id => norms[id])]);
                Take(plan);
                facts.AddRange(newRuns);
                foreach (var run in newRuns)
                    Settle(run);
            }
        }
        if (Stage2Decision.Completion(study) is { } completed)
            facts.Add(completed);
        // Planned in the transaction of the submission.
        facts.InsertRange(1, planned);
        return facts;

        void Take(ILedgerEvent fact)
        {
            facts.Add(fact);
            study = StudyProgress.Evolve(study, fact, default)!;
        }

        void Settle(RunPlanned run)
        {
            List<ILedgerEvent> history = [new RunClaimed(run.StudyId, run.RunId, 1, "bench", MadeUpStudy.Machine)];
            if (run.Role == Regimes.Mlp && run.RunId.ToByteArray()[0] < 16)
                history.Add(new RunFailed(run.StudyId, run.RunId, 1, "the loss of step 17 is not a finite number", 17, 3.914));
            else
                history.AddRange(MadeUpStudy.Facts(run, 1));
            facts.AddRange(history);
            if (history.Aggregate((RunNorms?)null, RunNormsFold.Evolve) is { } measured)
                norms[run.RunId] = measured;
            Take(RunSettled.Of(history.Prepend(run).Aggregate(
                (RunProgress?)null, (state, fact) => RunProgress.Evolve(state, fact, default))!)!);
        }
    }
}
