using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Studies;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Tests.Relay;
using LdcLedger.Ledger.Verification;
using Xunit;

namespace LdcLedger.Ledger.Tests.ReadModels;

/// <summary>What a living process holds is running; what nobody holds any more is interrupted, and no event says so.</summary>
public sealed class StandingsTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LedgerQueries Queries => new(ledger.Store, TimeProvider.System);

    [Fact]
    public async Task A_run_is_running_while_its_lease_is_held_and_interrupted_from_then_on()
    {
        var (study, runs) = Samples.Study("leases tell");
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        await using (await ClaimedAsync(runs[1]))
        {
            Assert.Equal(RunStatuses.Running, (await Queries.FindRunAsync(runs[1].RunId.ToString(), Cancellation)).Status);
            Assert.Equal([runs[1].RunId], await ListedAsync(study, RunStatuses.Running));
            Assert.Empty(await ListedAsync(study, RunStatuses.Interrupted));
        }
        var before = await StudyRoot.OfAsync(ledger.Store, study.StudyId, cancellation: Cancellation);

        Assert.Equal(RunStatuses.Interrupted, (await Queries.FindRunAsync(runs[1].RunId.ToString(), Cancellation)).Status);
        Assert.Equal([runs[1].RunId], await ListedAsync(study, RunStatuses.Interrupted));
        Assert.Empty(await ListedAsync(study, RunStatuses.Running));
        var listed = (await Queries.RunsAsync(study.StudyId, cancellation: Cancellation)).Items;
        Assert.Equal(["planned", "interrupted", "planned", "planned"], runs.Select(r => listed.Single(i => i.Id == r.RunId).Status));
        // A report is a function of the ledger's position: it has what the events say.
        var facts = await Queries.FactsAsync(study.StudyId, Cancellation);
        Assert.Equal((RunStatuses.Running, before.Position), (facts.Runs.Single(r => r.Id == runs[1].RunId).Status, facts.Position));

        await using (await ClaimedAsync(runs[1]))
            Assert.Equal((RunStatuses.Running, 2), await Queries.FindRunAsync(runs[1].RunId.ToString(), Cancellation) is var again
                ? (again.Status, again.Attempt) : default);
    }

    [Fact]
    public async Task A_run_that_ends_between_two_looks_is_never_called_interrupted()
    {
        var (study, runs) = Samples.Study("ends between looks");
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        var lease = await ClaimedAsync(runs[0]);
        var seen = (await Queries.RunsAsync(study.StudyId, cancellation: Cancellation)).Items;
        await lease.RecordAsync([.. Samples.Whole(runs[0]).Skip(1)], Cancellation);
        await lease.DisposeAsync();

        var told = await Queries.StandingsAsync(seen, Cancellation);
        Assert.Equal(RunStatuses.Completed, told.Single(r => r.Id == runs[0].RunId).Status);
    }

    [Fact]
    public async Task Interrupted_runs_are_listed_in_pages()
    {
        var (study, runs) = Samples.Study("pages of interrupted runs", domains: 2);
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        foreach (var run in runs)
            await (await ClaimedAsync(run)).DisposeAsync();
        var all = await Queries.RunsAsync(study.StudyId, RunStatuses.Interrupted, cancellation: Cancellation);
        Assert.Equal(runs.Count, all.Of);
        var page = await Queries.RunsAsync(study.StudyId, RunStatuses.Interrupted, 3, 2, Cancellation);
        Assert.Equal(all.Items.SkipLast(2).TakeLast(3).Select(r => r.Id), page.Items.Select(r => r.Id));
        Assert.Equal(runs.Count, page.Of);
    }

    [Fact]
    public async Task A_study_that_nobody_drives_is_interrupted_and_one_that_somebody_would_drive_is_not()
    {
        var (study, _) = await SubmittedAsync("alone");
        Assert.Equal((StudyStatuses.Interrupted, true), await ToldAsync(study, "no process leads it"));

        await using (await DriverSign.GivenAsync(ledger.Store, study.StudyId, TimeProvider.System, Cancellation))
        {
            Assert.Equal((StudyStatuses.Running, true), await ToldAsync(study, null));   // about to lead
            await using (await LeaderLock.LeadAsync(ledger.Store, Guid.CreateVersion7(), TimeProvider.System, Cancellation))
                Assert.Equal((StudyStatuses.Waiting, true), await ToldAsync(study, "another ldc leads this ledger"));
            await using (await LeaderLock.LeadAsync(ledger.Store, study.StudyId, TimeProvider.System, Cancellation))
                Assert.Equal((StudyStatuses.Running, true), await ToldAsync(study, null));
        }
        Assert.Equal((StudyStatuses.Interrupted, true), await ToldAsync(study, "no process leads it"));
    }

    [Fact]
    public async Task A_study_of_a_cluster_waits_for_workers_and_says_when_nobody_leads()
    {
        var (study, run) = await SubmittedAsync("on a cluster");
        await using (var host = await StudyHost.StartAsync(ledger.Store, daemon: true))
        {
            await host.Daemon.LeadingAsync(Cancellation);
            Assert.Equal((StudyStatuses.Waiting, true), await ToldAsync(study, "no worker has one of its runs"));
            await using (await ClaimedAsync(run))
                Assert.Equal((StudyStatuses.Running, true), await ToldAsync(study, null));
        }
        await using (await ClaimedAsync(run))
            Assert.Equal((StudyStatuses.Interrupted, true), await ToldAsync(study, "a worker still has one of its runs"));
        await using (await DriverSign.GivenAsync(ledger.Store, null, TimeProvider.System, Cancellation))
        await using (await LeaderLock.LeadAsync(ledger.Store, Guid.CreateVersion7(), TimeProvider.System, Cancellation))
            Assert.Equal((StudyStatuses.Waiting, true), await ToldAsync(study, "another ldc leads this ledger"));
    }

    [Fact]
    public async Task A_study_that_has_ended_stays_as_it_is()
    {
        var (study, runs) = Samples.Study("ended", regimes: ["mlp"]);
        await ledger.Writer.RecordAsync([study, .. runs, .. runs.SelectMany(r => Samples.Whole(r))], cancellation: Cancellation);
        foreach (var run in runs)
            await ledger.Writer.RecordAsync(
                [RunSettled.Of((await ledger.Store.RunAsync(run.RunId, Cancellation)).State!)!], cancellation: Cancellation);
        var open = await Queries.FindStudyAsync("ended", Cancellation);
        await ledger.Writer.RecordAsync([new StudyCompleted(study.StudyId, 1, runs.Count, 0, 0, 0)], cancellation: Cancellation);

        Assert.Equal(StudyStatuses.Interrupted, open.Status);
        Assert.Equal((StudyStatuses.Completed, true), await ToldAsync(study, null));
        // One that was read before its end is told by what it is now.
        Assert.Equal(StudyStatuses.Completed,
            (await Queries.StandingAsync(open with { Status = StudyStatuses.Running }, Cancellation)).Study.Status);
    }

    [Fact]
    public async Task Whoever_submits_to_drive_gives_the_sign_before_the_study_is_there()
    {
        var (spec, models, domains, rule) = Samples.Asked("driven at once");
        var (submission, sign) = await new StudySubmission(ledger.Store, ledger.Writer).SubmitAndDriveAsync(
            spec, models, domains, rule, fresh: false, TimeProvider.System, Cancellation);
        await using (sign)
            Assert.Equal((StudyStatuses.Running, true), await ToldAsync(submission.Study.Submitted, null));
        Assert.Equal((StudyStatuses.Interrupted, true), await ToldAsync(submission.Study.Submitted, "no process leads it"));
    }

    private async Task<(StudySubmitted Study, RunPlanned Run)> SubmittedAsync(string name)
    {
        var (study, runs) = Samples.Study(name);
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        return (study, runs[1]);
    }

    /// <summary>The status as it is listed, and whether the reason holds these words; null: there is none.</summary>
    private async Task<(string Status, bool SaysSo)> ToldAsync(StudySubmitted study, string? words)
    {
        var listed = (await Queries.StudiesAsync(cancellation: Cancellation)).Items.Single(s => s.Id == study.StudyId);
        var facts = await Queries.FactsAsync(study.StudyId, Cancellation);
        var (told, why) = await Queries.StandingAsync(facts.Study, Cancellation);
        Assert.Equal(told.Status, listed.Status);
        Assert.True(StudyStatuses.Rows[facts.Study.Status].IsStored);
        return (told.Status, words is null ? why is null : why?.Contains(words, StringComparison.Ordinal) is true);
    }

    private async Task<RunLease> ClaimedAsync(RunPlanned run) => (await new RunClaims(ledger.Store, ledger.Writer).ClaimAsync(
        run.RunId, "lab-07/1", Samples.Environment, cancellation: Cancellation)).Lease!;

    private async Task<IReadOnlyList<Guid>> ListedAsync(StudySubmitted study, string status) =>
        [.. (await Queries.RunsAsync(study.StudyId, status, cancellation: Cancellation)).Items.Select(r => r.Id)];
}
