using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Relay;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Studies;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using MassTransit;
using Xunit;

namespace LdcLedger.Ledger.Tests.Relay;

/// <summary>A ledger for every test: what leads one ledger relays all of its studies.</summary>
public sealed class RelayTests(TestServer server) : IAsyncLifetime
{
    private readonly EmptyLedger _ledger = new(server);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LedgerStore Store => _ledger.Store;

    public ValueTask InitializeAsync() => _ledger.InitializeAsync();

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    [Fact]
    public async Task A_submitted_study_runs_by_itself_to_its_end()
    {
        await using var host = await StudyHost.StartAsync(Store, daemon: true, worker: true);
        var submission = await SubmitAsync("by itself", domains: 2);
        var study = await EndedAsync(submission.StudyId);
        Assert.Equal(2 * (1 + 3 + 4), study.Count(Outcomes.Completed));

        var facts = await new LedgerQueries(Store, TimeProvider.System).FactsAsync(study.StudyId, Cancellation);
        Assert.Equal(
            ("completed", 16, 16, 2), (facts.Study.Status, facts.Study.PlannedRuns, facts.Study.SettledRuns, facts.Study.Stage2Planned));
        Assert.All(facts.Runs, r => Assert.Equal((RunStatuses.Completed, 1), (r.Status, r.Attempt)));
        Assert.True((await ChainVerification.RunAsync(Store, cancellation: Cancellation)).IsIntact);
        Assert.Empty(host.Deliveries.Faults);
    }

    [Fact]
    public async Task A_study_that_is_extended_after_its_end_runs_by_itself_to_its_next_end()
    {
        await using var host = await StudyHost.StartAsync(Store, daemon: true, worker: true);
        var submission = await SubmitAsync("extended", domains: 2);
        var before = await EndedAsync(submission.StudyId);
        var extension = await new StudySubmission(Store, _ledger.Writer).ExtendAsync(
            submission.StudyId, AggregationRule.ComponentFrobenius, Cancellation);
        Assert.InRange(extension.Planned, 1, 8);
        var study = await EndedAsync(submission.StudyId);
        Assert.Equal((2, before.Runs.Count + extension.Planned), (study.Completions, study.Count(Outcomes.Completed)));

        // Under the rule every targeted column has its run now.
        var facts = await new LedgerQueries(Store, TimeProvider.System).FactsAsync(
            study.StudyId, [AggregationRule.ComponentFrobenius], Cancellation);
        Assert.All(PerplexityTable.Of(facts, AggregationRule.ComponentFrobenius).Rows, row => Assert.All(row.Cells, c => Assert.Null(c.Note)));
        Assert.Empty(RuleDiff.Of(facts, facts.Study.Rule, AggregationRule.ComponentFrobenius).MissingRuns);
        Assert.Empty(host.Deliveries.Faults);
    }

    [Fact]
    public async Task A_relay_that_dies_after_publishing_publishes_again_and_nothing_counts_twice()
    {
        var dying = new DiesAfterPublishing(times: 3);
        await using var host = await StudyHost.StartAsync(Store, daemon: true, worker: true, observer: dying);
        var submission = await SubmitAsync("dies");
        var study = await EndedAsync(submission.StudyId);
        Assert.Equal(0, dying.Left);
        Assert.Equal(8, study.Count(Outcomes.Completed));
        Assert.All((await new LedgerQueries(Store, TimeProvider.System).RunsAsync(cancellation: Cancellation)).Items,
            r => Assert.Equal(1, r.Attempt));
    }

    [Fact]
    public async Task What_a_lost_broker_had_is_published_again_from_the_ledger()
    {
        var submission = await SubmitAsync("lost broker");
        var runs = submission.Study.Submitted.Runs;
        await using (await StudyHost.StartAsync(Store, daemon: true))   // nobody trains, and the messages die with the process
            await RelayedAsync();
        // One run ended meanwhile, and the message that says so was lost, too.
        var ended = (await Store.RunAsync(runs[0], Cancellation)).State!.Planned;
        await _ledger.Writer.RecordAsync(Samples.Whole(ended), cancellation: Cancellation);
        await using (await StudyHost.StartAsync(Store, daemon: true, worker: true))
            Assert.Equal(8, (await EndedAsync(submission.StudyId)).Count(Outcomes.Completed));
    }

    [Fact]
    public async Task A_refill_publishes_what_is_open_and_nothing_else()
    {
        await using var host = await StudyHost.StartAsync(Store, daemon: true);
        var first = await SubmitAsync("open");
        var second = await SubmitAsync("other");
        await RelayedAsync();
        var refill = new Refill(Store, host.Bus);
        Assert.Equal(
            (8, 4), (await refill.PublishAsync(cancellation: Cancellation), await refill.PublishAsync(first.StudyId, Cancellation)));

        var run = (await Store.RunAsync(first.Study.Submitted.Runs[0], Cancellation)).State!.Planned;
        await _ledger.Writer.RecordAsync(Samples.Whole(run), cancellation: Cancellation);
        await WaitForAsync(async () => (await Store.StudyAsync(first.StudyId, Cancellation)).State!.Runs[run.RunId] is not null);
        await RelayedAsync();
        Assert.Equal(3, await refill.PublishAsync(first.StudyId, Cancellation));

        await new StudySubmission(Store, _ledger.Writer).CancelAsync(second.StudyId, "no more", Cancellation);
        await WaitForAsync(async () => (await Store.StudyAsync(second.StudyId, Cancellation)).State!.IsEnded);
        await RelayedAsync();
        Assert.Equal(0, await refill.PublishAsync(second.StudyId, Cancellation));
    }

    [Fact]
    public async Task A_retried_run_is_sent_out_again()
    {
        var failing = true;
        await using var host = await StudyHost.StartAsync(Store, daemon: true, worker: true,
            failing: run => run.Role == Regimes.Mlp && Volatile.Read(ref failing) ? "the loss was NaN at step 3" : null);
        var submission = await SubmitAsync("retried");
        var study = await EndedAsync(submission.StudyId);
        var failed = Assert.Single(study.Runs.Values, s => s!.Outcome == Outcomes.Failed)!;
        Volatile.Write(ref failing, false);
        await new RunRequests(Store, _ledger.Writer).RetryAsync(failed.RunId, "again", Cancellation);
        await WaitForAsync(async () => (await Store.StudyAsync(submission.StudyId, Cancellation)).State!.Completions == 2);
        Assert.Equal(8, (await Store.StudyAsync(submission.StudyId, Cancellation)).State!.Count(Outcomes.Completed));
    }

    [Fact]
    public async Task One_process_leads_and_another_takes_over_when_it_leaves()
    {
        var first = await StudyHost.StartAsync(Store, daemon: true);
        await first.Daemon.LeadingAsync(Cancellation);
        await using var second = await StudyHost.StartAsync(Store, daemon: true, worker: true);
        Assert.False(second.Daemon.IsLeading);
        var submission = await SubmitAsync("taken over");
        await RelayedAsync();   // by the first, where nobody trains
        await first.DisposeAsync();
        await second.Daemon.LeadingAsync(Cancellation);
        Assert.Equal(8, (await EndedAsync(submission.StudyId)).Count(Outcomes.Completed));
    }

    private Task<Submission> SubmitAsync(string name, int domains = 1)
    {
        var (spec, models, resolved, rule) = Samples.Asked(name, domains: domains);
        return new StudySubmission(Store, _ledger.Writer).SubmitAsync(spec, models, resolved, rule, cancellation: Cancellation);
    }

    private async Task<StudyProgress> EndedAsync(Guid study)
    {
        await WaitForAsync(async () => (await Store.StudyAsync(study, Cancellation)).State!.IsEnded);
        return (await Store.StudyAsync(study, Cancellation)).State!;
    }

    // The relay's progress is the sign that it has published everything up to there.
    private Task RelayedAsync() => WaitForAsync(async () =>
    {
        await using var command = Store.DataSource.CreateCommand($"""
            select coalesce((select last_seq_id from ledger.mt_event_progression where name = '{LedgerRelay.Progress}'), 0)
                >= (select max(seq_id) from ledger.mt_events)
            """);
        return await command.ExecuteScalarAsync(Cancellation) is true;
    });

    private static async Task WaitForAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
            await Task.Delay(20, Cancellation);
    }

    /// <summary>The publish goes through, and the relay does not live to know it.</summary>
    private sealed class DiesAfterPublishing(int times) : IPublishObserver
    {
        private int _left = times;

        public int Left => Math.Max(0, _left);

        public Task PrePublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

        public Task PostPublish<T>(PublishContext<T> context) where T : class =>
            Interlocked.Decrement(ref _left) >= 0 ? throw new IOException("the relay dies here") : Task.CompletedTask;

        public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => Task.CompletedTask;
    }
}
