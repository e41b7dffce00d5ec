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
