using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Xunit;

namespace LdcLedger.Ledger.Tests.Runs;

public sealed class RunLeaseTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunClaims Claims => new(ledger.Store, ledger.Writer);

    private RunRequests Requests => new(ledger.Store, ledger.Writer);

    [Fact]
    public async Task A_run_that_goes_well_is_claimed_recorded_and_completed()
    {
        var run = await PlannedAsync("goes well");
        await using var lease = await GrantedAsync(run);
        Assert.Equal((1, run.Model, null), (lease.Attempt, lease.Study.Models[0].Name, lease.Checkpoint));
        for (var epoch = 1; epoch <= 2; epoch++)
            Assert.Equal(LeaseState.Held, await lease.RecordAsync(Samples.Epoch(run, epoch), Cancellation));
        Assert.Equal(LeaseState.Over, await lease.RecordAsync(Samples.End(run), Cancellation));

        var state = (await ledger.Store.RunAsync(run.RunId, Cancellation)).State!;
        Assert.Equal((Outcomes.Completed, 0), (state.Outcome, RunSettled.Of(state)!.Retry));
        Assert.NotNull(RunSettled.Of(state)!.Perplexity);
        Assert.Equal(Claim.Ended, (await Claims.ClaimAsync(run.RunId, "w", Samples.Environment, cancellation: Cancellation)).Claim);
        var verified = await ChainVerification.RunAsync(ledger.Store, run.StudyId, Cancellation);
        Assert.Empty(verified.Differences);
    }

    [Fact]
    public async Task A_message_that_comes_twice_does_not_take_the_run_from_the_worker_that_has_it()
    {
        var run = await PlannedAsync("twice");
        await using (var lease = await GrantedAsync(run))
        {
            Assert.Equal(Claim.Taken, (await Claims.ClaimAsync(run.RunId, "other", Samples.Environment, cancellation: Cancellation)).Claim);
            Assert.Equal(LeaseState.Held, await lease.LookAsync(Cancellation));
        }
        await using var next = await GrantedAsync(run);   // its process is gone now
        Assert.Equal(2, next.Attempt);
    }

    [Fact]
    public async Task A_run_that_somebody_holds_and_never_claims_is_not_waited_for_without_end()
    {
        var run = await PlannedAsync("held");
        await using (await RunLock.TryTakeAsync(ledger.Store, run.RunId, Cancellation))
        {
            var claims = new RunClaims(ledger.Store, ledger.Writer) { HolderTimeout = TimeSpan.FromMilliseconds(300) };
            Assert.Equal(Claim.Taken, (await claims.ClaimAsync(run.RunId, "w", Samples.Environment, cancellation: Cancellation)).Claim);
        }
        await using var lease = await GrantedAsync(run);
        Assert.Equal(1, lease.Attempt);
    }

    [Fact]
    public async Task A_claim_that_the_ledger_refuses_for_ever_is_given_up()
    {
        var run = await PlannedAsync("refused");
        // Its id is taken by an event of another stream: whoever looks again finds nothing new.
        var tables = ledger.Store.Tables;
        await using var take = ledger.Store.DataSource.CreateCommand($"""
            insert into {tables.Events} select (jsonb_populate_record(e, jsonb_build_object(
                'seq_id', nextval('{tables.EventsSequence}'), 'id', $1, 'stream_id', gen_random_uuid(), 'version', 1))).*
            from {tables.Events} e where stream_id = $2 limit 1
            """);
        take.Parameters.Add(new() { Value = EventIds.Of(new RunClaimed(run.StudyId, run.RunId, 1, "w", Samples.Environment)) });
        take.Parameters.Add(new() { Value = run.RunId });
        Assert.Equal(1, await take.ExecuteNonQueryAsync(Cancellation));
        await Assert.ThrowsAsync<LedgerConflict>(() => Claims
            .ClaimAsync(run.RunId, "w", Samples.Environment, cancellation: Cancellation)
            .WaitAsync(TimeSpan.FromMinutes(1), Cancellation));
    }

    [Fact]
    public async Task A_worker_that_was_superseded_while_it_was_away_can_record_nothing()
    {
        var run = await PlannedAsync("zombie");
        await using var zombie = await GrantedAsync(run);
        await zombie.RecordAsync(Samples.Epoch(run, 1), Cancellation);
        await using var next = await GrantedAsync(run, redelivered: true);
        Assert.Equal((2, 16), (next.Attempt, next.Checkpoint!.Step));

        Assert.Equal(LeaseState.Lost, await zombie.RecordAsync(Samples.Epoch(run, 2), Cancellation));
        Assert.Equal(LeaseState.Lost, await zombie.CompleteAsync(32, 1, 1, Cancellation));
        Assert.Equal(LeaseState.Held, await next.RecordAsync(Samples.Epoch(run, 2), Cancellation));
        Assert.Equal(LeaseState.Over, await next.RecordAsync(Samples.End(run, 2), Cancellation));
        Assert.Equal(LeaseState.Lost, await zombie.LookAsync(Cancellation));
    }

    [Fact]
    public async Task Facts_that_an_earlier_attempt_recorded_count_once()
    {
        var run = await PlannedAsync("counts once");
        await using (var first = await GrantedAsync(run))
            await first.RecordAsync(Samples.Epoch(run, 1), Cancellation);
        await using var second = await GrantedAsync(run);
        Assert.True(second.Has(Samples.Epoch(run, 1)[0]));
        await second.RecordAsync([.. Samples.Epoch(run, 1), .. Samples.Epoch(run, 2)], Cancellation);
        await second.RecordAsync([.. Samples.Epoch(run, 2), .. Samples.End(run, 2)], Cancellation);
        Assert.Equal(LeaseState.Over, await second.RecordAsync(Samples.End(run, 2), Cancellation));
        Assert.Equal(1 + 2 + 2 * Samples.Epoch(run, 1).Count + Samples.End(run).Count,
            (await ledger.Writer.HeadsAsync([run.RunId], Cancellation))[run.RunId].Version);
    }

    [Fact]
    public async Task A_worker_is_told_that_a_stop_is_asked_for_and_what_it_did_is_kept()
    {
        var run = await PlannedAsync("cancel");
        await using var lease = await GrantedAsync(run);
        Assert.True(await Requests.CancelAsync(run.RunId, "changed my mind", cancellation: Cancellation));
        Assert.Equal(LeaseState.CancelRequested, await lease.RecordAsync(Samples.Epoch(run, 1), Cancellation));
        Assert.Equal(LeaseState.CancelRequested, await lease.LookAsync(Cancellation));
        Assert.Equal(LeaseState.Over, await lease.CancelAsync(Cancellation));
        var state = (await ledger.Store.RunAsync(run.RunId, Cancellation)).State!;
        Assert.Equal((Outcomes.Cancelled, "changed my mind", 16), (state.Outcome, state.Reason, state.Checkpoint!.Step));
        Assert.False(await Requests.CancelAsync(run.RunId, "again", cancellation: Cancellation));
    }

    [Fact]
    public async Task A_run_that_nobody_has_is_cancelled_at_once()
    {
        var run = await PlannedAsync("nobody has it");
        await (await GrantedAsync(run)).DisposeAsync();
        Assert.True(await Requests.CancelAsync(run.RunId, "no more", cancellation: Cancellation));
        Assert.Equal(Outcomes.Cancelled, (await ledger.Store.RunAsync(run.RunId, Cancellation)).State!.Outcome);
    }

    [Fact]
    public async Task After_three_attempts_in_a_row_without_a_new_checkpoint_the_run_is_given_up()
    {
        var run = await PlannedAsync("given up");
        for (var attempt = 1; attempt <= 2; attempt++)
            await (await GrantedAsync(run)).DisposeAsync();
        await using (var fruitful = await GrantedAsync(run))
            await fruitful.RecordAsync(Samples.Epoch(run, 1), Cancellation);
        await using (var stopped = await GrantedAsync(run))
            await stopped.ReleaseAsync("the worker was asked to stop", Cancellation);   // does not count
        for (var attempt = 1; attempt <= 3; attempt++)
            await (await GrantedAsync(run)).DisposeAsync();
        Assert.Equal(Claim.Ended, (await Claims.ClaimAsync(run.RunId, "w", Samples.Environment, cancellation: Cancellation)).Claim);
        var state = (await ledger.Store.RunAsync(run.RunId, Cancellation)).State!;
        Assert.Equal((Outcomes.Abandoned, 7), (state.Outcome, state.Attempt));
        Assert.Contains("3 attempts", state.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_run_can_be_retried_and_fails_or_completes_anew()
    {
        var run = await PlannedAsync("retried");
        await Assert.ThrowsAsync<RuleViolation>(() => Requests.RetryAsync(run.RunId, "too early", Cancellation));
        await using (var first = await GrantedAsync(run))
            Assert.Equal(LeaseState.Over, await first.FailAsync("the loss was NaN at step 3", 3, 2.5, Cancellation));
        var retrying = await Requests.RetryAsync(run.RunId, "a lower learning rate of the moon", Cancellation, by: "ada");
        Assert.True(retrying.IsNew);
        var again = await Requests.RetryAsync(run.RunId, "is it?", Cancellation);
        Assert.Equal((false, EventIds.Of(retrying.Request)), (again.IsNew, EventIds.Of(again.Request)));
        await using (var second = await GrantedAsync(run))
        {
            Assert.Equal((2, 1), (second.Attempt, second.Retry));
            await second.RecordAsync(Samples.End(run, 2), Cancellation);
        }
        await Assert.ThrowsAsync<RuleViolation>(() => Requests.RetryAsync(run.RunId, "why", Cancellation));
        Assert.Equal((Outcomes.Completed, 1), await SettledAsync(run));
    }

    [Fact]
    public async Task Many_workers_that_ask_at_once_get_the_run_once()
    {
        var run = await PlannedAsync("asked at once");
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(
            i => Task.Run(() => Claims.ClaimAsync(run.RunId, $"w{i}", Samples.Environment, cancellation: Cancellation))));
        Assert.Single(answers, a => a.Claim == Claim.Granted);
        Assert.Equal(1, (await ledger.Store.RunAsync(run.RunId, Cancellation)).State!.Attempt);
        foreach (var (_, lease) in answers)
            await (lease?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async Task<(string?, int)> SettledAsync(RunPlanned run)
    {
        var settled = RunSettled.Of((await ledger.Store.RunAsync(run.RunId, Cancellation)).State!)!;
        return (settled.Outcome, settled.Retry);
    }

    private async Task<RunPlanned> PlannedAsync(string name)
    {
        var (study, runs) = Samples.Study(name);
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        return runs[3];
    }

    private async Task<RunLease> GrantedAsync(RunPlanned run, bool redelivered = false)
    {
        // A lock ends with its connection, which the server notices a moment after it is closed.
        while (true)
        {
            var (claim, lease) = await Claims.ClaimAsync(run.RunId, "lab-07/1", Samples.Environment, redelivered, Cancellation);
            if (claim == Claim.Granted)
                return lease!;
            Assert.Equal(Claim.Taken, claim);
            await Task.Delay(10, Cancellation);
        }
    }
}
