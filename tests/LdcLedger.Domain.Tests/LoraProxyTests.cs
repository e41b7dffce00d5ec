using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using Xunit;

namespace LdcLedger.Domain.Tests;

public class LoraProxyTests
{
    private static readonly string[] Both = [Regimes.All, Regimes.FullAll];

    /// <summary>A study whose norms of one projection are set by hand, for each seed: by LoRA and in full.</summary>
    private static StudyFacts With(IReadOnlyList<(double[] Lora, double[] Full)> seeds)
    {
        var facts = new SampleStudy
        {
            Models = [("m", "llama", seeds[0].Lora.Length)], Domains = ["cpp"], Seeds = [.. Enumerable.Range(1, seeds.Count)],
            Regimes = Both,
        }.Facts();
        return facts with
        {
            Norms = [.. facts.Norms.Select(run => run with
            {
                Modules = [.. run.Modules.Select(m => m with
                {
                    UpdateFrobenius = m.Projection != "up_proj" || m.Epoch != 2 ? 0
                        : (run.Role == Regimes.All ? seeds[run.Seed!.Value - 1].Lora : seeds[run.Seed!.Value - 1].Full)[m.Layer],
                })],
            })],
        };
    }

    private static LoraProxy Mlp(StudyFacts facts) =>
        LoraProxy.Of(facts, AggregationRule.BlockSum).Single(p => p.Group == Regimes.Mlp);

    [Fact]
    public void The_coefficient_is_that_of_the_scores_over_all_seeds_and_the_interval_that_of_single_ones()
    {
        // Seed 1: the same order. Seed 2: one of six pairs the other way round, 4/6. Seed 3: reversed.
        var proxy = Mlp(With([
            ([1, 2, 3, 4], [10, 20, 30, 40]),
            ([1, 2, 3, 4], [10, 20, 40, 30]),
            ([1, 2, 3, 4], [40, 30, 20, 10]),
        ]));

        Assert.Equal(3, proxy.OverSeeds!.Count);
        Assert.Equal((1 + 4.0 / 6 - 1) / 3, proxy.OverSeeds.Mean, 1e-12);
        // Means in full: 20, 23.3, 30, 26.7, one pair the other way round.
        Assert.Equal(4.0 / 6, proxy.TauB!.Value, 1e-12);
        Assert.Equal((-1, 1), (proxy.Confidence!.Value.Low, proxy.Confidence.Value.High));   // never beyond what it can be
        Assert.Equal([(1, 0), (3, 3)], proxy.Overlaps.Select(o => (o.K, o.Shared)));
        Assert.Equal([1, 2, 3, 4], proxy.Layers.Select(l => l.Lora));
        Assert.Equal([20, 70.0 / 3, 30, 80.0 / 3], proxy.Layers.Select(l => Math.Round(l.Full, 10) is var r && r == 23.3333333333 ? 70.0 / 3
            : r == 26.6666666667 ? 80.0 / 3 : r));
        Assert.Null(proxy.Missing);
    }

    [Fact]
    public void One_seed_has_no_interval_and_scores_that_are_all_alike_no_coefficient()
    {
        var one = With([([1, 2, 3, 4], [1, 2, 3, 4])]);

        Assert.Equal((1.0, 1), (Mlp(one).TauB!.Value, Mlp(one).OverSeeds!.Count));
        Assert.Null(Mlp(one).Confidence);
        var attention = LoraProxy.Of(one, AggregationRule.BlockSum).Single(p => p.Group == Regimes.Attention);
        Assert.Null(attention.TauB);
        Assert.Null(attention.OverSeeds);
    }

    [Fact]
    public void A_pair_of_groups_has_that_group_and_a_study_without_a_pair_has_none()
    {
        IReadOnlyList<LoraProxy> Of(params string[] regimes) =>
            LoraProxy.Of(new SampleStudy { Models = [("m", "llama", 4)], Domains = ["cpp"], Regimes = regimes }.Facts(),
                AggregationRule.BlockSum);

        Assert.Equal(["mlp/mlp", "all/mlp", "all/attention"],
            Of("all", "mlp", "full-all", "full-mlp").Select(p => $"{p.Regime}/{p.Group}"));
        Assert.Empty(Of("all", "mlp"));
        Assert.Empty(Of("all", "full-mlp"));
    }

    [Fact]
    public void What_lacks_is_said_and_what_is_there_is_compared()
    {
        var facts = new SampleStudy
        {
            Models = [("m", "llama", 4)], Domains = ["cpp"], Seeds = [1, 2], Regimes = Both,
            Failing = run => run is (_, _, "full-all", 2) ? (RunStatuses.Failed, "no memory") : null,
        }.Facts();

        var proxy = Mlp(facts);

        Assert.Equal("full-all: seed 2 failed: no memory", proxy.Missing);
        Assert.Equal(1, proxy.OverSeeds!.Count);
        Assert.NotNull(proxy.TauB);
        var none = Mlp(facts with { Norms = [.. facts.Norms.Where(n => n.Role != "full-all")] });
        Assert.Empty(none.Layers);
        Assert.Empty(none.Overlaps);
        Assert.NotNull(none.Missing);
    }
}
