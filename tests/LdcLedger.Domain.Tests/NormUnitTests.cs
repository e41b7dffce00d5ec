using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using Xunit;

namespace LdcLedger.Domain.Tests;

public class NormUnitTests
{
    // Layer 0: q = 3 of 6 (4 x 4), k = 4 of 16 (4 x 9). Layer 1: q = 5 of 5 (4 x 4), k = 1 of 2 (4 x 9). One MLP projection beside them.
    private static readonly RunNorms Run = RunOf(1,
        new(1, 0, "q_proj", 3, 6, 4, 4), new(1, 0, "k_proj", 4, 16, 4, 9), new(1, 0, "up_proj", 12, 24, 9, 9),
        new(1, 1, "q_proj", 5, 5, 4, 4), new(1, 1, "k_proj", 1, 2, 4, 9), new(1, 1, "up_proj", 2, 4, 9, 9));

    [Theory]
    [InlineData("frobenius", "sum", 7, 6)]
    [InlineData("frobenius", "mean", 3.5, 3)]
    [InlineData("frobenius", "l2", 5, 5.0990195135927845)]
    [InlineData("frobenius", "max", 4, 5)]
    [InlineData("relative", "sum", 0.75, 1.5)]
    [InlineData("relative", "mean", 0.375, 0.75)]
    [InlineData("relative", "l2", 0.5590169943749475, 1.118033988749895)]
    [InlineData("relative", "max", 0.5, 1)]
    [InlineData("rms", "sum", 1.4166666666666665, 1.4166666666666667)]
    [InlineData("rms", "mean", 0.7083333333333333, 0.7083333333333334)]
    [InlineData("rms", "l2", 1.0034662148993582, 1.2610621625351297)]
    [InlineData("rms", "max", 0.75, 1.25)]
    public void A_block_combines_the_measures_of_its_projections(string measure, string combine, double layer0, double layer1)
    {
        var rule = AggregationRule.BlockSum with { Measure = measure, Combine = combine };
        var units = NormUnits.Of(rule, [Run], Projections.Of("attention"));
        Assert.Equal([0, 1], units.Select(u => u.Layer));
        Assert.All(units, u => Assert.Null(u.Projection));
        Assert.Equal(layer0, units[0].Value, 12);
        Assert.Equal(layer1, units[1].Value, 12);
    }

    [Theory]
    [InlineData("frobenius", 3, 4, 5, 1)]
    [InlineData("relative", 0.5, 0.25, 1, 0.5)]
    [InlineData("rms", 0.75, 0.6666666666666666, 1.25, 0.16666666666666666)]
    public void A_component_is_a_single_projection(string measure, double q0, double k0, double q1, double k1)
    {
        var units = NormUnits.Of(AggregationRule.ComponentFrobenius with { Measure = measure }, [Run], Projections.Of("attention"));
        Assert.Equal([new NormUnit(0, "q_proj", q0), new(0, "k_proj", k0), new(1, "q_proj", q1), new(1, "k_proj", k1)], units);
    }

    [Fact]
    public void The_last_epoch_counts_unless_the_rule_names_one()
    {
        var run = RunOf(1, new(1, 0, "q_proj", 1, 1, 1, 1), new(2, 0, "q_proj", 2, 1, 1, 1));
        Assert.Equal(2, Assert.Single(NormUnits.Of(AggregationRule.BlockSum, [run], ["q_proj"])).Value);
        Assert.Equal(1, Assert.Single(NormUnits.Of(AggregationRule.BlockSum with { Epoch = 1 }, [run], ["q_proj"])).Value);
        Assert.Empty(NormUnits.Of(AggregationRule.BlockSum with { Epoch = 3 }, [run], ["q_proj"]));
    }

    [Fact]
    public void A_unit_is_its_mean_over_seeds_whatever_order_they_come_in()
    {
        var seeds = Enumerable.Range(1, 7).Select(s => RunOf(s, new ModuleNorm(1, 0, "q_proj", 1.0 / (3 * s), 1, 1, 1))).ToList();
        var unit = Assert.Single(NormUnits.Of(AggregationRule.BlockSum, seeds, ["q_proj"]));
        Assert.Equal(Enumerable.Range(1, 7).Average(s => 1.0 / (3 * s)), unit.Value);
        Assert.Equal(unit, Assert.Single(NormUnits.Of(AggregationRule.BlockSum, seeds.AsEnumerable().Reverse(), ["q_proj"])));
    }

    [Fact]
    public void Seeds_are_averaged_before_a_layer_takes_its_largest_component()
    {
        // Each seed's largest component is 9, but of different projections: the mean of each is 5.
        RunNorms[] seeds =
        [
            RunOf(1, new(1, 0, "q_proj", 9, 1, 1, 1), new(1, 0, "k_proj", 1, 1, 1, 1), new(1, 1, "q_proj", 6, 1, 1, 1)),
            RunOf(2, new(1, 0, "q_proj", 1, 1, 1, 1), new(1, 0, "k_proj", 9, 1, 1, 1), new(1, 1, "q_proj", 6, 1, 1, 1)),
        ];
        Assert.Equal([new LayerScore(1, 6), new(0, 5)], Rankings.Of(AggregationRule.ComponentFrobenius, seeds, "attention").Layers);
    }

    [Fact]
    public void Layers_rank_by_their_group_alone()
    {
        Assert.Equal([0, 1], Rankings.Of(AggregationRule.BlockSum, [Run], "attention").Top(2));
        Assert.Equal([1, 0], Rankings.Of(AggregationRule.BlockRelativeMean, [Run], "attention").Top(2));
        Assert.Equal([new LayerScore(0, 12), new(1, 2)], Rankings.Of(AggregationRule.BlockSum, [Run], "mlp").Layers);
    }

    [Fact]
    public void Equal_scores_put_the_lower_layer_first()
    {
        var run = RunOf(1, [.. new[] { 4, 2, 7, 0, 5 }.Select(layer => new ModuleNorm(1, layer, "q_proj", layer == 5 ? 2 : 1, 1, 1, 1))]);
        Assert.Equal([5, 0, 2, 4, 7], Rankings.Of(AggregationRule.BlockSum, [run], "attention").Top(10));
    }

    [Theory]
    [InlineData("mean", 4, 3)]
    [InlineData("median", 2, 3)]
    [InlineData("max", 9, 3)]
    public void Seeds_combine_as_the_rule_says(string seeds, double layer0, double layer1)
    {
        var runs = new double[] { 1, 2, 9 }.Select((v, seed) =>
            RunOf(seed, new ModuleNorm(1, 0, "q_proj", v, 1, 1, 1), new(1, 1, "q_proj", 3, 1, 1, 1))).ToList();
        var rule = AggregationRule.BlockSum with { Seeds = seeds };
        Assert.Equal([layer0, layer1], NormUnits.Of(rule, runs, ["q_proj"]).Select(u => u.Value));
        Assert.Equal(layer0 > layer1 ? [0, 1] : [1, 0], Rankings.Of(rule, runs, "attention").Top(2));
    }

    [Fact]
    public void Of_an_even_number_of_seeds_the_median_is_the_mean_of_the_two_in_the_middle()
    {
        var runs = new double[] { 8, 1, 2, 4 }.Select((v, seed) => RunOf(seed, new ModuleNorm(1, 0, "q_proj", v, 1, 1, 1))).ToList();
        Assert.Equal(3, Assert.Single(NormUnits.Of(AggregationRule.BlockSum with { Seeds = "median" }, runs, ["q_proj"])).Value);
    }

    [Fact]
    public void Equal_scores_are_told_apart_by_the_other_group_where_the_rule_says_so_and_then_by_the_lower_layer()
    {
        // Attention: layer 4 leads, the others are equal. MLP: 1 and 3 are equal and above 0 and 2.
        var run = RunOf(1,
        [
            .. new[] { 1.0, 1, 1, 1, 5 }.Select((v, layer) => new ModuleNorm(1, layer, "q_proj", v, 1, 1, 1)),
            .. new[] { 2.0, 7, 2, 7, 1 }.Select((v, layer) => new ModuleNorm(1, layer, "up_proj", v, 1, 1, 1)),
        ]);
        Assert.Equal([4, 0, 1, 2, 3], Rankings.Of(AggregationRule.BlockSum, [run], "attention").Top(5));
        var rule = AggregationRule.BlockSum with { Ties = "other-group" };
        Assert.Equal([4, 1, 3, 0, 2], Rankings.Of(rule, [run], "attention").Top(5));
        Assert.Equal([1, 3, 0, 2, 4], Rankings.Of(rule, [run], "mlp").Top(5));
    }

    [Fact]
    public void What_a_run_lacks_of_what_a_rule_asks_for_is_named()
    {
        var rule = AggregationRule.BlockSum with { Name = "mine", Version = 2 };
        Assert.Null(NormUnits.Lacking(rule, Run));
        Assert.Null(NormUnits.Lacking(rule with { Epoch = 1 }, Run));
        Assert.Equal("no norms were recorded", NormUnits.Lacking(rule, null));
        Assert.Equal("no norms of epoch 2, which rule mine@2 asks for", NormUnits.Lacking(rule with { Epoch = 2 }, Run));
        var handWritten = RunOf(1, new(1, 0, "q_proj", 3, 6, 4, 4), new(1, 1, "k_proj", 3, 0, 0, 0));
        Assert.Null(NormUnits.Lacking(rule, handWritten));
        Assert.Equal("no ‖W‖ of k_proj in layer 1, which rule mine@2 asks for",
            NormUnits.Lacking(rule with { Measure = "relative" }, handWritten));
        Assert.Equal("no shape of k_proj in layer 1, which rule mine@2 asks for",
            NormUnits.Lacking(rule with { Measure = "rms" }, handWritten));
        // A run that went through the roof has been measured.
        Assert.Null(NormUnits.Lacking(
            rule with { Measure = "relative" }, RunOf(1, new ModuleNorm(1, 0, "q_proj", double.PositiveInfinity, 6, 4, 4))));
    }

    [Theory]
    [InlineData("spectral", "block", "sum", "'spectral' is not a known measure; allowed are frobenius, relative, rms.")]
    [InlineData("rms", "layer", "sum", "'layer' is not a known scope; allowed are block, component.")]
    [InlineData("rms", "block", "median", "'median' is not a known combination; allowed are sum, mean, l2, max.")]
    public void A_rule_with_an_unknown_word_is_refused(string measure, string over, string combine, string message)
    {
        var rule = AggregationRule.BlockSum with { Name = "mine", Measure = measure, Over = over, Combine = combine };
        var refused = Assert.Throws<RuleViolation>(() => NormUnits.Of(rule, [Run], Projections.Of("attention")));
        Assert.Equal(message, refused.Message);
    }

    private static RunNorms RunOf(int seed, params ModuleNorm[] modules) => new(Guid.Empty, Guid.Empty, "m", "d", "all", seed, modules);
}
