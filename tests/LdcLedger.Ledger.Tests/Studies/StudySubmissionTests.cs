using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
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
        Assert.True(await Studies.CancelAsync(study.StudyId, "changed my mind", Cancellation));
        Assert.True(await Studies.CancelAsync(study.StudyId, "changed it again", Cancellation));
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
