using System.Text.Json;
using JasperFx.Events;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Relay;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Studies;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Tests.Relay;
using LdcLedger.Ledger.Verification;
using Xunit;

namespace LdcLedger.Ledger.Tests.Studies;

public sealed class Stage2SagaTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_message_ten_times_in_any_order_is_as_good_as_once()
    {
        await using var host = await StudyHost.StartAsync(ledger.Store);
        var (study, runs) = await SubmittedAsync("ten times", domains: 2, seeds: 2);
        await CompleteAsync(runs);
        await host.DeliverAsync([.. runs.Select(Ended)], times: 10, seed: 7);

        var stage2 = await OpenRunsAsync(study);
        Assert.Equal(2 * 4 * 2, stage2.Count);   // domains x targets x seeds
        Assert.Equal(runs.Count, (await FactsAsync<RunSettled>(study)).Count);
        Assert.Equal(2, (await FactsAsync<Stage2Planned>(study)).Count);
        Assert.Empty(await FactsAsync<StudyCompleted>(study));

        await CompleteAsync(stage2);
        await host.DeliverAsync([.. runs.Concat(stage2).Select(Ended)], times: 10, seed: 8);
        var completed = Assert.Single(await FactsAsync<StudyCompleted>(study));
        Assert.Equal(
            (runs.Count + stage2.Count, 0, 0, 0), (completed.Completed, completed.Failed, completed.Cancelled, completed.Abandoned));
        Assert.Empty(host.Deliveries.Faults);
        Assert.True((await ChainVerification.RunAsync(ledger.Store, study, Cancellation)).IsIntact);
    }

    [Fact]
    public async Task The_plan_is_what_the_norms_of_the_run_streams_say()
    {
        await using var host = await StudyHost.StartAsync(ledger.Store);
        var (study, runs) = await SubmittedAsync("the plan", seeds: 2);
        await CompleteAsync(runs);
        await host.DeliverAsync([.. runs.Select(Ended)], times: 1);
        var planned = Assert.Single(await FactsAsync<Stage2Planned>(study));
        var norms =
            runs.Where(r => r.Role == Regimes.All).Select(r => Samples.Whole(r).Aggregate((RunNorms?)null, RunNormsFold.Evolve)!).ToList();
        var (rankings, targeted) = Stage2Plan.For(study, "model-1", "domain-1", planned.Rule, Stage2Spec.Default, [1, 2], norms);
        Assert.Equal(JsonSerializer.Serialize(rankings), JsonSerializer.Serialize(planned.Rankings));
        Assert.Equal(targeted, planned.Runs);
        // What follows from an event is caused by it.
        var history =
            await new Ledger.ReadModels.LedgerQueries(ledger.Store, TimeProvider.System).HistoryAsync(targeted[0].RunId, Cancellation);
        Assert.NotNull(history[0].Causation);
    }

    [Fact]
    public async Task The_state_of_the_saga_is_the_fold_of_the_stream()
    {
        await using var host = await StudyHost.StartAsync(ledger.Store);
        var (study, runs) = await SubmittedAsync("the fold", domains: 2);
        foreach (var run in runs)
        {
            await CompleteAsync([run]);
            await host.DeliverAsync([Ended(run)], times: 2);
            var loaded = Stage2State.Of((await ledger.Store.StudyAsync(study, Cancellation)).State!);
            var folded = (await HistoryAsync(study)).Aggregate(
                (StudyProgress?)null, (state, e) => StudyProgress.Evolve(state, e.Fact, e.Timestamp))!;
            Assert.Equal(Sorted(folded), Sorted(loaded.Progress));
            Assert.Equal((study, nameof(Stage2Saga.Running)), (loaded.CorrelationId, loaded.CurrentState));
        }
    }

    [Fact]
    public async Task Stage_2_waits_for_the_all_runs_of_every_seed()
    {
        await using var host = await StudyHost.StartAsync(ledger.Store);
        var (study, runs) = await SubmittedAsync("every seed", seeds: 3);
        var last = runs.Last(r => r.Role == Regimes.All);
        await CompleteAsync(runs.Where(r => r != last));
        await host.DeliverAsync([.. runs.Where(r => r != last).Select(Ended)], times: 2);
        Assert.Empty(await FactsAsync<Stage2Planned>(study));
        await CompleteAsync([last]);
        await host.DeliverAsync([Ended(last)], times: 2);
        Assert.Equal(4 * 3, Assert.Single(await FactsAsync<Stage2Planned>(study)).Runs.Count);
    }

    [Fact]
    public async Task A_failed_all_run_keeps_its_cell_out_and_holds_nothing_else_up_until_it_is_retried()
    {
        await using var host = await StudyHost.StartAsync(ledger.Store);
        var (study, runs) = await SubmittedAsync("failed", domains: 2);
        var failed = runs.First(r => r.Role == Regimes.All);
        await CompleteAsync(runs.Where(r => r != failed));
        await ledger.Writer.RecordAsync(
            [new RunFailed(study, failed.RunId, 1, "the loss was NaN at step 3", 3, null)], cancellation: Cancellation);
        await host.DeliverAsync([.. runs.Select(Ended)], times: 3);
        Assert.Equal("domain-2", Assert.Single(await FactsAsync<Stage2Planned>(study)).Domain);
        var stage2 = await OpenRunsAsync(study);
        await CompleteAsync(stage2);
        await host.DeliverAsync([.. stage2.Select(Ended)], times: 3);
        Assert.Equal((1, 11, 1), Counts(Assert.Single(await FactsAsync<StudyCompleted>(study))));

        await new RunRequests(ledger.Store, ledger.Writer).RetryAsync(failed.RunId, "more memory", Cancellation);
        await host.DeliverAsync([Ended(failed)], times: 2);   // the old end, delivered late: nothing
        Assert.Equal(12, (await FactsAsync<RunSettled>(study)).Count);
        await CompleteAsync([failed]);
        await host.DeliverAsync([Ended(failed)], times: 3);
        Assert.Equal(2, (await FactsAsync<Stage2Planned>(study)).Count);
        var late = await OpenRunsAsync(study);
        await CompleteAsync(late);
        await host.DeliverAsync([.. late.Select(Ended)], times: 3);
        Assert.Equal([(1, 11, 1), (2, 16, 0)], (await FactsAsync<StudyCompleted>(study)).Select(Counts));
        Assert.Empty(host.Deliveries.Faults);
    }

    [Fact]
    public async Task A_cancelled_study_starts_nothing_more_and_ends_when_its_runs_have()
    {
        await using var host = await StudyHost.StartAsync(ledger.Store);
        var (study, runs) = await SubmittedAsync("cancelled");
        var all = runs.Single(r => r.Role == Regimes.All);
        var (_, lease) =
            await new RunClaims(ledger.Store, ledger.Writer).ClaimAsync(all.RunId, "w", Samples.Environment, cancellation: Cancellation);
        await new StudySubmission(ledger.Store, ledger.Writer).CancelAsync(study, "changed my mind", Cancellation);
        await host.DeliverAsync([new StudyEnding(study)], times: 3);

        Assert.Equal(LeaseState.CancelRequested, await lease!.LookAsync(Cancellation));
        await lease.RecordAsync([.. Samples.Whole(all).Skip(1)], Cancellation);   // it was just done
        await lease.DisposeAsync();
        await host.DeliverAsync([.. runs.Select(Ended)], times: 3);
        Assert.Empty(await FactsAsync<Stage2Planned>(study));
        var completed = Assert.Single(await FactsAsync<StudyCompleted>(study));
        Assert.Equal((1, 3), (completed.Completed, completed.Cancelled));
        Assert.Equal("cancelled", (await ledger.Store.StudyAsync(study, Cancellation)).State!.Summary.Status);
        Assert.Empty(host.Deliveries.Faults);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_study_without_all_runs_or_without_groups_has_no_stage_2(bool withoutGroups)
    {
        await using var host = await StudyHost.StartAsync(ledger.Store);
        var (study, runs) = await SubmittedAsync(
            $"no stage 2 {withoutGroups}", regimes: withoutGroups ? StudySpec.DefaultRegimes : [Regimes.Mlp],
            stage2: withoutGroups ? Stage2Spec.Default with { Groups = [] } : null);
        await CompleteAsync(runs);
        await host.DeliverAsync([.. runs.Select(Ended)], times: 2);
        Assert.Equal(runs.Count, Assert.Single(await FactsAsync<StudyCompleted>(study)).Completed);
    }

    [Fact]
    public async Task A_targeted_run_with_the_tuning_of_another_is_that_run()
    {
        await using var host = await StudyHost.StartAsync(ledger.Store);
        var (study, runs) = await SubmittedAsync("same tuning", stage2: new("block-sum", [Samples.Layers], [Regimes.Mlp]));
        await CompleteAsync(runs);
        await host.DeliverAsync([.. runs.Select(Ended)], times: 2);
        Assert.Equal(
            runs.Single(r => r.Role == Regimes.Mlp).RunId, Assert.Single(Assert.Single(await FactsAsync<Stage2Planned>(study)).Runs).RunId);
        Assert.Equal(runs.Count, Assert.Single(await FactsAsync<StudyCompleted>(study)).Completed);
    }

    [Fact]
    public async Task An_extended_study_decides_every_cell_under_every_rule_once_now_or_when_its_all_runs_are_there()
    {
        await using var host = await StudyHost.StartAsync(ledger.Store);
        var studies = new StudySubmission(ledger.Store, ledger.Writer);
        var (study, runs) = await SubmittedAsync("extended", domains: 2, seeds: 2);
        var (first, second) = (runs.Where(r => r.Domain == "domain-1").ToList(), runs.Where(r => r.Domain == "domain-2").ToList());
        await CompleteAsync(first);
        await host.DeliverAsync([.. first.Select(Ended)], times: 3);

        var extension = await studies.ExtendAsync(study, AggregationRule.ComponentFrobenius, Cancellation);
        Assert.Equal((true, 8), (extension.IsNew, extension.Planned + extension.Shared));
        Assert.InRange(extension.Planned, 1, 8);
        var plans = await FactsAsync<Stage2Planned>(study);
        Assert.Equal([("domain-1", false), ("domain-1", true)], plans.Select(p => (p.Domain, p.ByExtension)));

        await CompleteAsync(second);
        await host.DeliverAsync([.. second.Select(Ended)], times: 10, seed: 9);
        plans = await FactsAsync<Stage2Planned>(study);
        Assert.Equal(
            [("domain-1", false), ("domain-1", true), ("domain-2", false), ("domain-2", true)],
            plans.Select(p => (p.Domain, p.ByExtension)));
        // Each states the ranking that it saw, under its rule.
        Assert.All(plans, p => Assert.Equal(
            JsonSerializer.Serialize(Rankings.Of(p.Rule, Norms(p.Domain), Regimes.Mlp).Layers),
            JsonSerializer.Serialize(p.Rankings[0].Layers)));
        var stage2 = await OpenRunsAsync(study);
        Assert.Equal(plans.SelectMany(p => p.Runs).Select(r => r.RunId).Distinct().Order(), stage2.Select(r => r.RunId).Order());

        await CompleteAsync(stage2);
        await host.DeliverAsync([.. stage2.Select(Ended)], times: 4);
        Assert.Equal((1, runs.Count + stage2.Count, 0), Counts(Assert.Single(await FactsAsync<StudyCompleted>(study))));

        // Of a study that has ended: it runs again where runs are missing, and completes again in any case.
        var third = await studies.ExtendAsync(study, AggregationRule.BlockRelativeMean with { Name = "l", Combine = "l2" }, Cancellation);
        var late = await OpenRunsAsync(study);
        Assert.Equal(third.Planned, late.Count);
        await CompleteAsync(late);
        if (late.Count > 0)
            await host.DeliverAsync([.. late.Select(Ended)], times: 2);
        Assert.Equal([1, 2], (await FactsAsync<StudyCompleted>(study)).Select(c => c.Completion));
        Assert.Empty(host.Deliveries.Faults);
        Assert.True((await ChainVerification.RunAsync(ledger.Store, study, Cancellation)).IsIntact);

        IReadOnlyList<RunNorms> Norms(string domain) =>
            [.. runs.Where(r => r.Role == Regimes.All && r.Domain == domain).Select(r =>
                Samples.Whole(r).Aggregate((RunNorms?)null, RunNormsFold.Evolve)!)];
    }

    private static (int, int, int) Counts(StudyCompleted completed) => (completed.Completion, completed.Completed, completed.Failed);

    private static object Ended(RunPlanned run) => new RunEnded(run.StudyId, run.RunId);

    private async Task<(Guid Study, IReadOnlyList<RunPlanned> Runs)> SubmittedAsync(
        string name, int domains = 1, int seeds = 1, IReadOnlyList<string>? regimes = null, Stage2Spec? stage2 = null)
    {
        var (study, runs) = Samples.Study(name, domains: domains, seeds: seeds, regimes: regimes, stage2: stage2);
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        return (study.StudyId, runs);
    }

    private async Task CompleteAsync(IEnumerable<RunPlanned> runs)
    {
        foreach (var run in runs)
        {
            var attempt = (await ledger.Store.RunAsync(run.RunId, Cancellation)).State!.Attempt + 1;
            await ledger.Writer.RecordAsync(Samples.Whole(run, attempt), EventIds.Of(run), Cancellation);
        }
    }

    private async Task<IReadOnlyList<RunPlanned>> OpenRunsAsync(Guid study)
    {
        var open = (await ledger.Store.StudyAsync(study, Cancellation)).State!.Runs.Where(r => r.Value is null).Select(r => r.Key).Order();
        var runs = new List<RunPlanned>();
        foreach (var run in open)
            runs.Add((await ledger.Store.RunAsync(run, Cancellation)).State!.Planned);
        return runs;
    }

    private async Task<IReadOnlyList<T>> FactsAsync<T>(Guid study) => [.. (await HistoryAsync(study)).Select(e => e.Data).OfType<T>()];

    private async Task<IReadOnlyList<IEvent>> HistoryAsync(Guid study)
    {
        await using var session = ledger.Store.Marten.QuerySession();
        return await session.Events.FetchStreamAsync(study, token: Cancellation);
    }

    private static string Sorted(StudyProgress study) =>
        JsonSerializer.Serialize(study.Runs.OrderBy(r => r.Key), LedgerJson.Options)
        + JsonSerializer.Serialize(study.Stage2, LedgerJson.Options)
        + JsonSerializer.Serialize(study.Summary, LedgerJson.Options);
}
