using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Studies;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Xunit;

namespace LdcLedger.Ledger.Tests.Studies;

public sealed class StudySubmissionTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private StudySubmission Studies => new(ledger.Store, ledger.Writer);

    [Fact]
    public async Task The_same_study_again_is_the_study_that_is_there()
    {
        var first = await SubmitAsync("same", domains: 2, seeds: 2);
        Assert.True(first.IsNew);
        Assert.Equal(2 * (1 + 2 * 3), first.Study.Runs.Count);
        var again = await SubmitAsync("same", domains: 2, seeds: 2);
        Assert.Equal((first.StudyId, false), (again.StudyId, again.IsNew));
        Assert.Contains("goes on where it stopped", again.Describe(), StringComparison.Ordinal);
        Assert.Equal(
            1 + first.Study.Runs.Count, (await StudyRoot.OfAsync(ledger.Store, first.StudyId, cancellation: Cancellation)).Position);
    }

    [Fact]
    public async Task A_study_with_another_name_and_other_paths_is_the_same_study()
    {
        var (spec, models, domains, rule) = Samples.Asked("renamed");
        var first = await Studies.SubmitAsync(spec, models, domains, rule, cancellation: Cancellation);
        var again = await Studies.SubmitAsync(
            spec with { Name = "another" }, [.. models.Select(m => m with { Path = "elsewhere" })],
            domains, rule, cancellation: Cancellation);
        Assert.Equal((first.StudyId, false), (again.StudyId, again.IsNew));
        Assert.Contains("it was called renamed, and is called another now", again.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renamed_study_is_found_under_every_name_and_listed_under_the_newest()
    {
        var (spec, models, domains, rule) = Samples.Asked("first name");
        var id = (await Studies.SubmitAsync(spec, models, domains, rule, cancellation: Cancellation)).StudyId;
        var before = await StudyRoot.OfAsync(ledger.Store, id, cancellation: Cancellation);
        foreach (var name in new[] { "second name", "second name", "third name", "first name", "third name" })
            Assert.Equal(id, (await Studies.SubmitAsync(
                spec with { Name = name }, models, domains, rule, cancellation: Cancellation)).StudyId);

        var queries = new LedgerQueries(ledger.Store, TimeProvider.System);
        foreach (var name in new[] { "first name", "second name", "third name", id.ToString() })
        {
            var found = await queries.FindStudyAsync(name, Cancellation);
            Assert.Equal((id, "third name"), (found.Id, found.Name));
        }
        // An event of the study's, once for each change of its name.
        var after = await StudyRoot.OfAsync(ledger.Store, id, cancellation: Cancellation);
        Assert.Equal(before.Position + 4, after.Position);
        Assert.NotEqual(before.Root, after.Root);
        Assert.True((await ChainVerification.RunAsync(ledger.Store, id, Cancellation)).IsIntact);
    }

    [Fact]
    public async Task A_name_means_the_newest_study_that_is_called_so_now()
    {
        var older = await SubmitAsync("shared name");
        var newer = await SubmitAsync("shared name", domains: 2);
        var queries = new LedgerQueries(ledger.Store, TimeProvider.System);
        Assert.Equal(newer.StudyId, (await queries.FindStudyAsync("shared name", Cancellation)).Id);

        var (spec, models, domains, rule) = Samples.Asked("shared name", domains: 2);
        await Studies.SubmitAsync(spec with { Name = "moved on" }, models, domains, rule, cancellation: Cancellation);
        Assert.Equal(older.StudyId, (await queries.FindStudyAsync("shared name", Cancellation)).Id);
        Assert.Equal(newer.StudyId, (await queries.FindStudyAsync("moved on", Cancellation)).Id);
    }

    [Fact]
    public async Task Renamed_by_many_at_once_every_name_finds_it()
    {
        var (spec, models, domains, rule) = Samples.Asked("many names");
        var id = (await Studies.SubmitAsync(spec, models, domains, rule, cancellation: Cancellation)).StudyId;
        var names = Enumerable.Range(1, 5).Select(i => $"name {i} of many").ToList();
        await Task.WhenAll(names.Select(name => Task.Run(() => Studies.SubmitAsync(
            spec with { Name = name }, models, domains, rule, cancellation: Cancellation))));

        var queries = new LedgerQueries(ledger.Store, TimeProvider.System);
        foreach (var name in names.Append("many names"))
            Assert.Equal(id, (await queries.FindStudyAsync(name, Cancellation)).Id);
        Assert.Contains((await queries.FindStudyAsync(id.ToString(), Cancellation)).Name, names);
    }

    [Fact]
    public async Task Fresh_starts_the_same_study_anew_each_time()
    {
        var first = await SubmitAsync("fresh");
        var second = await SubmitAsync("fresh", fresh: true);
        var third = await SubmitAsync("fresh", fresh: true);
        Assert.Equal(3, new[] { first.StudyId, second.StudyId, third.StudyId }.Distinct().Count());
        Assert.Empty(second.Study.Runs.Keys.Intersect(third.Study.Runs.Keys));
        Assert.Equal(third.StudyId, (await SubmitAsync("fresh")).StudyId);   // the newest is the one that goes on
    }

    [Fact]
    public async Task Submitted_by_many_at_once_it_is_one_study()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => SubmitAsync("at once"))));
        Assert.Single(all, s => s.IsNew);
        Assert.Single(all.Select(s => s.StudyId).Distinct());
    }

    [Fact]
    public async Task A_rule_that_ranks_by_an_epoch_which_is_never_trained_is_refused()
    {
        var (spec, models, domains, rule) = Samples.Asked("epoch 9");
        var refused = await Assert.ThrowsAsync<RuleViolation>(
            () => Studies.SubmitAsync(spec, models, domains, rule with { Epoch = 9 }, cancellation: Cancellation));
        Assert.Contains("epochs 1 to 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_study_is_asked_to_end_once_and_its_end_is_a_fact()
    {
        var study = await SubmitAsync("cancelled");
        var first = await Studies.CancelAsync(study.StudyId, "changed my mind", Cancellation, by: "ada");
        Assert.True(first.IsNew);
        var again = await Studies.CancelAsync(study.StudyId, "changed it again", Cancellation, by: "ben");
        Assert.Equal((false, first.Request), (again.IsNew, again.Request));
        Assert.Equal("changed my mind", (await ledger.Store.StudyAsync(study.StudyId, Cancellation)).State!.CancelRequested!.Reason);
        await Assert.ThrowsAsync<RuleViolation>(() => Studies.CancelAsync(Guid.Empty, "there is none", Cancellation));
    }

    [Fact]
    public async Task A_study_is_extended_by_a_rule_once_whoever_asks_at_once()
    {
        var study = await SubmitAsync("extended");
        var rule = AggregationRule.ComponentFrobenius;
        var all = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => Task.Run(() => Studies.ExtendAsync(study.StudyId, rule, Cancellation))));
        Assert.Single(all, e => e.IsNew);
        Assert.Equal([AggregationRule.BlockSum, rule], (await ledger.Store.StudyAsync(study.StudyId, Cancellation)).State!.Rules);
        Assert.Contains(
            "1 of 1 models x domains follow when their stage 1 is done", all.Single(e => e.IsNew).Describe(), StringComparison.Ordinal);
        Assert.Contains("already; nothing was added", all.First(e => !e.IsNew).Describe(), StringComparison.Ordinal);
        // By what it says: its own rule under another name is no extension either.
        Assert.False((await Studies.ExtendAsync(study.StudyId, AggregationRule.BlockSum with { Name = "x" }, Cancellation)).IsNew);
        await Assert.ThrowsAsync<RuleViolation>(() => Studies.ExtendAsync(Guid.Empty, rule, Cancellation));
        await Assert.ThrowsAsync<RuleViolation>(
            () => Studies.ExtendAsync(study.StudyId, rule with { Name = "x", Epoch = 7 }, Cancellation));
    }

    private Task<Submission> SubmitAsync(string name, int domains = 1, int seeds = 1, bool fresh = false)
    {
        var (spec, models, resolved, rule) = Samples.Asked(name, domains: domains, seeds: seeds);
        return Studies.SubmitAsync(spec, models, resolved, rule, fresh, Cancellation);
    }
}
