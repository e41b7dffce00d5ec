using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using Xunit;

namespace LdcLedger.Domain.Tests;

public sealed class RuleDiffTests
{
    private static readonly StudyFacts Facts = new SampleStudy { Seeds = [1, 2] }.Facts();

    [Fact]
    public void A_rule_differs_from_itself_in_nothing()
    {
        var diff = RuleDiff.Of(Facts, AggregationRule.BlockSum, AggregationRule.BlockSum with { Name = "same" });
        Assert.Equal(2 * 6 * 2, diff.Rankings.Count);
        Assert.All(diff.Rankings, r => Assert.Equal((1, null), (r.TauB, r.Missing)));
        Assert.All(diff.Rankings, r => Assert.Equal([new(1, 1), new(3, 3)], r.Overlaps));
        Assert.Empty(diff.Targets);
        Assert.Empty(diff.MissingRuns);
    }

    [Fact]
    public void A_run_that_is_there_is_not_missing_whatever_its_id()
    {
        var ids = Facts.Runs.Index().ToDictionary(r => r.Item.Id, r => new Guid($"aaaaaaaa-0000-4000-8000-{r.Index:D12}"));
        var byHand = Facts with
        {
            Runs = [.. Facts.Runs.Select(r => r with { Id = ids[r.Id] })],
            Norms = [.. Facts.Norms.Select(n => n with { Id = ids[n.Id] })],
            Perplexities = [.. Facts.Perplexities.Select(p => p with { Id = ids[p.Id] })],
        };
        var diff = RuleDiff.Of(byHand, AggregationRule.BlockSum, AggregationRule.BlockRelativeMean);
        Assert.Equal(
            RuleDiff.Of(Facts, AggregationRule.BlockSum, AggregationRule.BlockRelativeMean).MissingRuns.Select(m => m.Tuning.Text),
            diff.MissingRuns.Select(m => m.Tuning.Text));
        Assert.Empty(RuleDiff.Of(byHand, AggregationRule.BlockSum, AggregationRule.BlockSum with { Name = "same" }).MissingRuns);
    }

    [Fact]
    public void The_runs_that_would_be_others_and_those_that_are_missing_follow_from_the_rankings()
    {
        var relative = AggregationRule.BlockRelativeMean;
        var diff = RuleDiff.Of(Facts, AggregationRule.BlockSum, relative);
        foreach (var row in diff.Rankings)
        {
            var all = Facts.Norms.Where(n => n.Role == "all" && n.Model == row.Model && n.Domain == row.Domain).ToList();
            var (a, b) = (Rankings.Of(AggregationRule.BlockSum, all, row.Group), Rankings.Of(relative, all, row.Group));
            Assert.Equal(a.Layers, row.A);
            Assert.Equal(b.Layers, row.B);
            Assert.Equal(
                RankCorrelation.TauB([.. a.Layers.OrderBy(l => l.Layer).Select(l => l.Score)],
                    [.. b.Layers.OrderBy(l => l.Layer).Select(l => l.Score)]),
                row.TauB);
            Assert.Equal(a.Top(3).Intersect(b.Top(3)).Count(), row.Overlaps[1].Shared);
            // Another set of layers is another run; the same set in another order is not.
            foreach (var k in (int[])[1, 3])
                Assert.Equal(
                    !a.Top(k).ToHashSet().SetEquals(b.Top(k)),
                    diff.Targets.Any(t => (t.Model, t.Domain, t.Role) == (row.Model, row.Domain, Roles.Top(k, row.Group))));
        }
        Assert.NotEmpty(diff.Targets);
        Assert.InRange(diff.Targets.Count, 1, diff.Rankings.Count * 2 - 1);
        Assert.Equal(diff.MissingRuns.Select(m => m.Id).Distinct().Count(), diff.MissingRuns.Count);
        Assert.All(diff.MissingRuns, m =>
        {
            Assert.Equal(RunIdentity.Of(Facts.Study.Id, m.Model, m.Domain, m.Tuning, m.Seed), m.Id);
            Assert.DoesNotContain(Facts.Runs, r => r.Id == m.Id);
            Assert.Contains(diff.Targets, t => (t.Model, t.Domain, t.Role, t.B) == (m.Model, m.Domain, m.Role, m.Tuning));
        });
        Assert.Equal(diff.Targets.Count * 2, diff.MissingRuns.Count);   // both seeds
    }

    [Fact]
    public void Where_there_is_no_ranking_there_is_nothing_to_compare_and_the_row_says_why()
    {
        var diff = RuleDiff.Of(SampleStudy.WithMissingRuns.Facts(), AggregationRule.BlockSum, AggregationRule.BlockRelativeMean);
        var rows = diff.Rankings.Where(r => r is { Model: "tiny-llama", Domain: "math" }).ToList();
        Assert.All(rows, r => Assert.Equal((0, 0, null), (r.A.Count, r.Overlaps.Count, r.TauB)));
        Assert.All(rows, r => Assert.StartsWith("no ranking, since", r.Missing));
        Assert.DoesNotContain(diff.MissingRuns, m => m is { Model: "tiny-llama", Domain: "math" });
    }
}
