using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Store;
using Xunit;

namespace LdcLedger.Ledger.Tests.ReadModels;

[Trait("Needs", "nothing")]
public sealed class FoldTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 14, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_redelivered_norm_counts_once_and_the_later_measurement_wins()
    {
        var run = Samples.Study("norms").Runs[3];
        var facts = Samples.Whole(run);
        var once = facts.Aggregate((RunNorms?)null, RunNormsFold.Evolve)!;
        Assert.Equal(2 * Samples.Layers * 7, once.Modules.Count);
        Assert.Equal(once.Modules.OrderBy(m => m.Epoch).ThenBy(m => m.Layer).ThenBy(m => Projections.Order(m.Projection)), once.Modules);
        Assert.Equal(once.Modules, facts.Concat(facts.Reverse()).Aggregate((RunNorms?)null, RunNormsFold.Evolve)!.Modules);
    }

    [Fact]
    public void Facts_that_are_delivered_again_change_no_run()
    {
        var run = Samples.Study("runs").Runs[3];
        ILedgerEvent[][] histories =
        [
            [run, .. Samples.Whole(run)],
            [run, .. Samples.Whole(run).Take(3), new RunFailed(run.StudyId, run.RunId, 1, "NaN", 3, null),
                new RunRetryRequested(run.StudyId, run.RunId, 1, "again"), .. Samples.Whole(run, 2)],
            [run, new RunClaimed(run.StudyId, run.RunId, 1, "w", Samples.Environment), new RunReleased(run.StudyId, run.RunId, 1, "bye"),
                new RunCancelRequested(run.StudyId, run.RunId, 0, "no more"), new RunCancelled(run.StudyId, run.RunId, null, 0)],
        ];
        foreach (var history in histories)
        {
            RunSummary? summary = null;
            foreach (var fact in history)
            {
                summary = RunSummaryFold.Evolve(summary, fact, Noon);
                Assert.Equal(summary, RunSummaryFold.Evolve(summary, fact, Noon));
            }
        }
    }

    [Fact]
    public void Seconds_are_summed_over_attempts_and_tokens_of_a_repeated_step_count_once()
    {
        var run = Samples.Study("summed").Runs[3];
        RunSummary? summary = null;
        void Then(double atSecond, ILedgerEvent fact)
        {
            summary = RunSummaryFold.Evolve(summary, fact, Noon.AddSeconds(atSecond));
            Assert.Equal(summary, RunSummaryFold.Evolve(summary, fact, Noon.AddSeconds(atSecond)));
        }
        RunClaimed Claimed(int attempt) => new(run.StudyId, run.RunId, attempt, "w", Samples.Environment);
        CheckpointSaved Saved(int attempt, int step, double seconds, long tokens) =>
            new(run.StudyId, run.RunId, attempt, step, Samples.Sha($"{step}"), 1, seconds, tokens);

        Then(0, run);
        Then(1, Claimed(1));
        Assert.Null(summary!.Seconds);
        Then(11, Saved(1, 20, 9.75, 20_000));
        Assert.Equal((9.75, 20, 20_000L), (summary!.Seconds, summary.Steps, summary.TrainedTokens));
        // Killed: the steps since its checkpoint are lost, and with them their time, which nobody recorded.
        Then(100, Claimed(2));
        Then(104, Saved(2, 25, 4, 25_000));
        // What others ask of the run is no work on it.
        Then(500, new RunCancelRequested(run.StudyId, run.RunId, 0, "no more"));
        Then(501, new RunCancelled(run.StudyId, run.RunId, 2, 0));
        Assert.Equal((13.75, 25_000L), (summary!.Seconds, summary.TrainedTokens));
        Then(600, new RunRetryRequested(run.StudyId, run.RunId, 1, "again"));
        Then(601, Claimed(3));
        Then(603, new RunCompleted(run.StudyId, run.RunId, 3, 40, 40_000, 1.5));

        Assert.Equal((15.25, 13.75, 1.5), (summary!.Seconds, summary.EarlierSeconds, summary.AttemptSeconds));
        Assert.Equal((40, 40_000L), (summary.Steps, summary.TrainedTokens));
    }

    [Fact]
    public void An_attempt_from_before_seconds_were_stated_is_timed_by_its_records()
    {
        var run = Samples.Study("timed").Runs[3];
        var facts = new (double At, ILedgerEvent Fact)[]
        {
            (0, run), (2, new RunClaimed(run.StudyId, run.RunId, 1, "w", Samples.Environment)),
            (5, new CheckpointSaved(run.StudyId, run.RunId, 1, 16, "ab", 1)),
            (9, new EpochCompleted(run.StudyId, run.RunId, 1, 32, 10, 5, [])),
            (20, new RunClaimed(run.StudyId, run.RunId, 2, "w", Samples.Environment)),
            (23, new RunFailed(run.StudyId, run.RunId, 2, "NaN", 3, null)),
        };
        var summary = facts.Aggregate((RunSummary?)null, (s, f) => RunSummaryFold.Evolve(s, f.Fact, Noon.AddSeconds(f.At)))!;
        Assert.Equal((10, 32), (summary.Seconds, summary.Steps));
        var progress = facts.Aggregate((RunProgress?)null, (s, f) => RunProgress.Evolve(s, f.Fact, Noon.AddSeconds(f.At)))!;
        Assert.Equal((7, 10), (progress.Time.Earlier, progress.Time.Seconds));
    }

    [Fact]
    public void A_release_that_is_recorded_long_after_its_worker_s_death_is_no_work()
    {
        var run = Samples.Study("replayed").Runs[3];
        RunTime After(params (double At, ILedgerEvent Fact)[] facts) => facts.Aggregate(RunTime.None, (time, f) =>
            RunTime.Evolve(time, f.Fact, Noon.AddSeconds(f.At), f.Fact is RunClaimed ? 0 : 1));
        var claimed = new RunClaimed(run.StudyId, run.RunId, 1, "w", Samples.Environment);
        var released = new RunReleased(run.StudyId, run.RunId, 1, "its worker ended while the ledger was away");

        Assert.Equal(9.5, After((0, claimed), (9_000, new CheckpointSaved(run.StudyId, run.RunId, 1, 16, "ab", 1, 9.5, 1)),
            (9_000, released)).Seconds);
        Assert.Equal(3, After((0, claimed), (3, released)).Seconds);
    }

    [Fact]
    public void A_renamed_study_is_called_by_its_newest_name_and_keeps_the_earlier_ones()
    {
        var (submitted, _) = Samples.Study("one");
        StudyProgress? study = null;
        foreach (var fact in new ILedgerEvent[]
        {
            submitted, new StudyNamed(submitted.StudyId, 1, "two"), new StudyNamed(submitted.StudyId, 1, "two"),
            new StudyNamed(submitted.StudyId, 2, "three"), new StudyNamed(submitted.StudyId, 3, "one"),
        })
            study = StudyProgress.Evolve(study, fact, Noon);

        Assert.Equal(("one", "two, three"), (study!.Summary.Name, string.Join(", ", study.Summary.FormerNames)));
        Assert.Equal(["one", "two", "three", "one"], study.Names);
    }

    [Fact]
    public void A_run_that_is_retried_and_completes_is_a_completed_run()
    {
        var run = Samples.Study("retried").Runs[3];
        ILedgerEvent[] history =
        [
            run, new RunClaimed(run.StudyId, run.RunId, 1, "w", Samples.Environment),
            new RunFailed(run.StudyId, run.RunId, 1, "NaN", 3, null),
            new RunRetryRequested(run.StudyId, run.RunId, 1, "again"), .. Samples.Whole(run, 2),
        ];
        var summary = history.Aggregate((RunSummary?)null, (s, fact) => RunSummaryFold.Evolve(s, fact, Noon))!;
        Assert.Equal((RunStatuses.Completed, 2, null), (summary.Status, summary.Attempt, summary.Reason));
    }

    [Fact]
    public void A_study_that_completed_and_is_extended_runs_again_until_the_new_runs_end()
    {
        var (submitted, runs) = Samples.Study("extended", regimes: [Regimes.Mlp]);
        StudyProgress? study = null;
        void Then(ILedgerEvent fact)
        {
            study = StudyProgress.Evolve(study, fact, Noon);
            Assert.Equal(Json(study), Json(StudyProgress.Evolve(study, fact, Noon)));
        }
        RunSettled Settled(Guid run) => new(submitted.StudyId, run, "model-1", "domain-1", "mlp", 1, 0, Outcomes.Completed, 9.5, null);

        Then(submitted);
        foreach (var run in runs)
            Then(Settled(run.RunId));
        Assert.True(study!.IsSettled);
        Then(new StudyCompleted(submitted.StudyId, 1, 2, 0, 0, 0));
        Assert.Equal("completed", study.Summary.Status);

        var added = Samples.Sha("added")[..32];
        Then(new StudyExtended(submitted.StudyId, Domain.Rules.AggregationRule.ComponentFrobenius, [Guid.Parse(added)]));
        Assert.Equal(("running", 3, 2), (study.Summary.Status, study.Summary.PlannedRuns, study.Summary.SettledRuns));
        Then(Settled(Guid.Parse(added)));
        Then(new StudyCompleted(submitted.StudyId, 2, 3, 0, 0, 0));
        Assert.Equal(("completed", 3), (study.Summary.Status, study.Summary.CompletedRuns));
    }

    // Dictionaries have no order of their own.
    private static string Json(StudyProgress? study) => JsonSerializer.Serialize(
        new { study!.Summary, study.Stage2, study.Rules, study.CancelRequested, study.Completions, Runs = study.Runs.OrderBy(r => r.Key) },
        LedgerJson.Options);
}
