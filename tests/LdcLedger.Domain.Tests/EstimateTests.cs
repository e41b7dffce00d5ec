using LdcLedger.Domain.Statistics;
using LdcLedger.Domain.Tables;
using Xunit;

namespace LdcLedger.Domain.Tests;

public sealed class EstimateTests
{
    /// <summary>Computed apart: Student's density integrated by Simpson's rule in Python, its quantile by bisection.</summary>
    [Theory]
    [InlineData(new[] { 3.1, 2.9, 3.6 }, 3.2, 3.1, 0.360555127546399, 2.304331, 4.095669)]
    [InlineData(new[] { 1.0, 2, 4, 8, 16 }, 6.2, 4, 6.09918027279076, -1.373133, 13.773133)]
    public void A_sample_has_its_usual_figures(
        double[] values, double mean, double median, double deviation, double low, double high)
    {
        var estimate = Estimate.Of(values);
        Assert.Equal(values.Length, estimate.Count);
        Assert.Equal(mean, estimate.Mean, 12);
        Assert.Equal(median, estimate.Median, 12);
        Assert.Equal(deviation, estimate.StandardDeviation!.Value, 12);
        Assert.Equal(low, estimate.Confidence!.Value.Low, 5);
        Assert.Equal(high, estimate.Confidence!.Value.High, 5);
    }

    [Fact]
    public void A_single_seed_has_no_interval()
    {
        var estimate = Estimate.Of([2.5]);
        Assert.Equal((1, 2.5, 2.5), (estimate.Count, estimate.Mean, estimate.Median));
        Assert.Null(estimate.StandardDeviation);
        Assert.Null(estimate.Confidence);
    }

    [Fact]
    public void No_seed_at_all_is_refused() => Assert.Throws<RuleViolation>(() => Estimate.Of([]));

    /// <summary>20,000 studies of made-up seeds whose true mean is known; the normal distribution's 1.96 covers 81 % at n = 3.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public void The_interval_covers_the_true_value_in_95_of_100_studies(int seeds)
    {
        const int studies = 20_000;
        const double truth = 3.2, scatter = 0.04;   // nats per token
        var random = new Random(17 * seeds);
        var (covered, byNormal) = (0, 0);
        for (var study = 0; study < studies; study++)
        {
            var estimate = Estimate.Of([.. Enumerable.Range(0, seeds).Select(_ => truth + scatter * Normal(random))]);
            covered += estimate.Confidence is { } t && t.Low <= truth && truth <= t.High ? 1 : 0;
            byNormal += Math.Abs(estimate.Mean - truth) <= 1.959964 * estimate.StandardDeviation / Math.Sqrt(seeds) ? 1 : 0;
        }
        Assert.InRange((double)covered / studies, 0.93, 0.97);
        if (seeds == 3)
            Assert.InRange((double)byNormal / studies, 0.79, 0.83);
    }

    [Fact]
    public void A_cell_over_seeds_has_the_interval_of_its_nats_as_perplexity()
    {
        var facts = new SampleStudy { Seeds = [1, 2, 3], Domains = ["cpp"] }.Facts();
        var table = PerplexityTable.Of(facts, facts.Study.Rule);
        foreach (var row in table.Rows)
        {
            Assert.Null(row.Cells[0].Confidence);   // the pretrained model has no seeds
            foreach (var cell in row.Cells.Skip(1))
            {
                var nats = cell.Runs.Select(id => facts.Perplexities.Single(p => p.Id == id)).Select(p => p.TotalNats / p.ScoredTokens);
                var of = Estimate.Of([.. nats]);
                Assert.Equal(3, cell.OverSeeds!.Count);
                Assert.Equal(Math.Exp(of.Confidence!.Value.Low), cell.Confidence!.Value.Low, 9);
                Assert.Equal(Math.Exp(of.Confidence!.Value.High), cell.Confidence!.Value.High, 9);
                Assert.InRange(cell.Value!.Value.Value, cell.Confidence.Value.Low, cell.Confidence.Value.High);
            }
        }
    }

    [Fact]
    public void The_interval_of_a_perplexity_does_not_reach_below_1_however_far_seeds_are_apart()
    {
        var facts = new SampleStudy { Seeds = [1, 2], Domains = ["cpp"], Models = [("m", "llama", 2)] }.Facts();
        facts = facts with { Perplexities = [.. facts.Perplexities.Select(p => p with { TotalNats = p.ScoredTokens * (p.Seed ?? 1.5) })] };
        var cell = PerplexityTable.Of(facts, facts.Study.Rule).Rows[0].Cells[1];
        Assert.True(cell.OverSeeds!.Confidence!.Value.Low < 0);
        Assert.Equal(1, cell.Confidence!.Value.Low);
    }

    [Fact]
    public void A_cell_of_one_seed_has_no_interval()
    {
        var facts = new SampleStudy { Domains = ["cpp"] }.Facts();
        Assert.All(PerplexityTable.Of(facts, facts.Study.Rule).Rows.SelectMany(r => r.Cells), cell => Assert.Null(cell.Confidence));
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
