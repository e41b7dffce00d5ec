using CsCheck;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Statistics;
using LdcLedger.Domain.Tables;
using Xunit;

namespace LdcLedger.Domain.Tests;

public class RankingStabilityTests
{
    private static readonly string Mlp = Regimes.Groups.First(g => g == "mlp");

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 10)]
    [InlineData(5, 126)]
    [InlineData(6, 462)]
    public void Few_seeds_are_resampled_in_every_way_each_as_often_as_it_can_be_drawn(int seeds, int ways)
    {
        var resamples = Bootstrap.Resamples(seeds).ToList();
        Assert.Equal(ways, resamples.Select(r => string.Join(',', r.Counts)).Distinct().Count());
        Assert.Equal(ways, resamples.Count);
        Assert.All(resamples, r => Assert.Equal(seeds, r.Counts.Sum()));
        Assert.Equal((long)Math.Pow(seeds, seeds), resamples.Sum(r => r.Weight));
        // A single value is drawn every time in one order, all of them in n! orders.
        Assert.Equal(1, resamples.Single(r => r.Counts[0] == seeds).Weight);
    }

    [Fact]
    public void Many_seeds_are_drawn_the_same_way_every_time_and_each_as_often_as_any()
    {
        var resamples = Bootstrap.Resamples(10).ToList();
        Assert.Equal(Bootstrap.Draws, resamples.Count);
        Assert.Equal(resamples.Select(r => string.Join(',', r.Counts)), Bootstrap.Resamples(10).Select(r => string.Join(',', r.Counts)));
        Assert.All(resamples, r => Assert.Equal(10, r.Counts.Sum()));
        // 20,000 draws of ten: 2,000 each, standard deviation 42.
        Assert.All(Enumerable.Range(0, 10), i => Assert.InRange(resamples.Sum(r => r.Counts[i]), 1_800, 2_200));
    }

    [Fact]
    public void Two_seeds_that_disagree_give_the_winner_of_their_mean_three_draws_in_four()
    {
        // Means: layer 0 6, layer 1 5. Drawn: (1, 1) 10 : 2, (1, 2) 6 : 5 twice, (2, 2) 2 : 8.
        var stability = RankingStability.Of(AggregationRule.BlockSum, [Seed(1, 10, 2), Seed(2, 2, 8)], Mlp, [1])!;
        Assert.Equal([0.75, 0.25], stability.Layers.Select(l => l.InTop[0]));
        Assert.Equal([0, 1], stability.Layers.Select(l => l.Layer));
        Assert.Equal(2, stability.Seeds);
    }

    [Fact]
    public void A_rule_s_way_over_seeds_is_that_of_the_resamples()
    {
        // By the largest, layer 0 wins in every draw that holds seed 1.
        var rule = AggregationRule.BlockSum with { Seeds = "max" };
        var stability = RankingStability.Of(rule, [Seed(1, 10, 2), Seed(2, 2, 8)], Mlp, [1])!;
        Assert.Equal([0.75, 0.25], stability.Layers.Select(l => l.InTop[0]));
        var three = RankingStability.Of(rule, [Seed(1, 10, 2), Seed(2, 2, 8), Seed(3, 1, 1)], Mlp, [1])!;
        // 19 of 27 draws hold seed 1; the one of three seeds 3 is a tie, which the lower layer wins.
        Assert.Equal([20 / 27.0, 7 / 27.0], three.Layers.Select(l => l.InTop[0]));
    }

    [Fact]
    public void A_single_seed_has_no_stability()
    {
        Assert.Null(RankingStability.Of(AggregationRule.BlockSum, [Seed(1, 10, 2)], Mlp, [1, 3]));
        Assert.All(
            RankingTable.WithStability(SampleStudy.WithMissingRuns.Facts(), AggregationRule.BlockSum).Rows, r => Assert.Null(r.Stability));
    }

    [Fact]
    public void Layers_in_the_top_k_are_k_in_every_draw_and_the_order_in_which_runs_were_read_changes_nothing() =>
        Gen.Select(Gen.Int[2, 8], Gen.Int[1, 5], Gen.OneOfConst("mean", "median", "max"), Gen.OneOfConst("block", "component"), Gen.ULong)
            .Sample((seeds, layers, over, scope, mix) =>
            {
                var rule = AggregationRule.BlockSum with { Seeds = over, Over = scope, Ties = "other-group" };
                var runs = Enumerable.Range(1, seeds)
                    .Select(s => Seed(
                        s, [.. Enumerable.Range(0, layers).Select(l => (double)((mix >> (s * 7 + l * 3) % 61) % 5))])).ToList();
                var stability = RankingStability.Of(rule, runs, Mlp, [3, 1, 1])!;
                Assert.Equal([1, 3], stability.Tops);
                foreach (var (k, place) in stability.Tops.Select((k, i) => (k, i)))
                    Assert.Equal(Math.Min(k, layers), stability.Layers.Sum(l => l.InTop[place]), 9);
                Assert.All(stability.Layers, l => Assert.True(l.InTop[0] <= l.InTop[1]));
                var other = RankingStability.Of(rule, [.. Enumerable.Reverse(runs)], Mlp, [1, 3])!;
                Assert.Equal(stability.Layers.Select(l => (l.Layer, l.InTop[0], l.InTop[1])),
                    other.Layers.Select(l => (l.Layer, l.InTop[0], l.InTop[1])));
            }, iter: 60);

    private static RunNorms Seed(int seed, params double[] layers) => new(
        Guid.Empty, Guid.Empty, "m", "d", "all", seed,
        [.. layers.SelectMany((norm, layer) => Projections.Of(Regimes.All).Select(p => new ModuleNorm(
            1, layer, p, Projections.GroupOf(p) == Mlp ? norm / 3 : 1, 1, 4, 4)))]);
}
