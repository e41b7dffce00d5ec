using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using Xunit;

namespace LdcLedger.Domain.Tests;

/// <summary>Maps, findings, efficiency and losses of a study whose norms can be reckoned in the head.</summary>
public class StudyMapTests
{
    private static readonly SampleStudy Sample = new() { Models = [("m", "llama", 4)], Domains = ["cpp", "math"] };

    /// <summary>
    /// In layer l (from 1) every projection of the MLP moved by 3 l, of attention by l; a run of few layers by so much more.
    /// </summary>
    private static StudyFacts Facts(double targeted = 2, SampleStudy? sample = null)
    {
        var facts = (sample ?? Sample).Facts();
        return facts with
        {
            Norms =
            [
                .. facts.Norms.Select(n => n with
                {
                    Modules = [.. n.Modules.Select(m => m with
                    {
                        UpdateFrobenius = (Projections.GroupOf(m.Projection) == Regimes.Mlp ? 3 : 1) * (m.Layer + 1)
                            * (n.Role.StartsWith("top", StringComparison.Ordinal) ? targeted : 1),
                    })],
                }),
            ],
        };
    }

    private static NormFindings Findings(StudyFacts facts, AggregationRule rule) =>
        NormFindings.Of(facts, rule, AggregatedNormTable.Of(facts, rule));

    [Fact]
    public void Groups_are_compared_by_the_mean_scores_of_their_layers()
    {
        // Three projections of 3 l against four of l.
        Assert.Equal([2.25, 2.25], Findings(Facts(), AggregationRule.BlockSum).MlpOverAttention!.Sorted);
        Assert.Equal([3.0, 3.0], Findings(Facts(), AggregationRule.ComponentFrobenius).MlpOverAttention!.Sorted);
    }

    [Fact]
    public void Maps_that_order_layers_alike_agree_fully_and_a_reversed_one_not_at_all()
    {
        var facts = Facts();
        Assert.All(Findings(facts, AggregationRule.BlockSum).Agreements, a => Assert.Equal([1.0, 1.0], a.TauB.Sorted));
        var reversed = facts with
        {
            Norms = [.. facts.Norms.Select(n => n.Role != Regimes.Mlp ? n : n with
            {
                Modules = [.. n.Modules.Select(m => m with { UpdateFrobenius = 10 - m.UpdateFrobenius / 3 })],
            })],
        };
        var found = Findings(reversed, AggregationRule.BlockSum).Agreements.ToDictionary(a => a.Group, a => a.TauB.Sorted);
        Assert.Equal([-1.0, -1.0], found[Regimes.Mlp]);
        Assert.Equal([1.0, 1.0], found[Regimes.Attention]);
    }

    [Fact]
    public void Ensemble_and_solo_norms_are_over_as_many_of_the_full_run()
    {
        // The three highest layers by those of the full run; the solo run's by its highest.
        var found = Assert.Single(Findings(Facts(), AggregationRule.BlockSum).Targeted, t => t.Group == Regimes.Mlp);
        Assert.Equal([2.0, 2.0], found.Ensemble!.Sorted);
        Assert.Equal([2.0, 2.0], found.Solo!.Sorted);
    }

    [Fact]
    public void A_run_of_one_layer_is_a_solo_run_alone()
    {
        var facts = Facts(sample: new() { Models = [("m", "llama", 1)], Domains = ["cpp"] });
        Assert.All(Findings(facts, AggregationRule.BlockSum).Targeted, t => Assert.Null(t.Ensemble));
        Assert.All(Findings(facts, AggregationRule.BlockSum).Targeted, t => Assert.NotNull(t.Solo));
    }

    [Fact]
    public void A_study_without_full_runs_has_no_findings_of_norms_and_no_maps()
    {
        var facts = Facts(sample: new() { Models = [("m", "llama", 4)], Regimes = [Regimes.Mlp], Stage2 = new("block-sum", [], []) });
        var findings = Findings(facts, AggregationRule.BlockSum);
        Assert.Null(findings.MlpOverAttention);
        Assert.Empty(findings.Agreements);
        Assert.Empty(findings.Targeted);
        Assert.Empty(NormMap.ByDomain(facts, AggregationRule.BlockSum));
        Assert.Empty(NormMap.ByProjection(facts, AggregationRule.BlockSum));
    }

    [Fact]
    public void A_map_has_a_value_for_every_layer_and_none_where_the_run_is_missing()
    {
        var maps = NormMap.ByDomain(Facts(), AggregationRule.BlockSum);
        Assert.Equal([("m", "mlp"), ("m", "attention")], maps.Select(m => (m.Model, m.Group!)));
        Assert.Equal(["cpp", "math"], maps[0].Rows.Select(r => r.Name));
        Assert.All(maps[0].Rows, row => Assert.Equal([9.0, 18.0, 27.0, 36.0], row.Values.Select(v => v!.Value)));

        var modules = NormMap.ByProjection(Facts(), AggregationRule.BlockSum);
        Assert.Equal(["cpp", "math"], modules.Select(m => m.Domain!));
        Assert.Equal(Projections.All, modules[0].Rows.Select(r => r.Name));
        Assert.Equal([1.0, 2.0, 3.0, 4.0], modules[0].Rows[0].Values.Select(v => v!.Value));
        Assert.Equal([3.0, 6.0, 9.0, 12.0], modules[0].Rows[^1].Values.Select(v => v!.Value));

        var lost = Facts(sample: new()
        {
            Models = Sample.Models, Domains = Sample.Domains,
            Failing = run => run is ("m", "math", "all", _) ? (RunStatuses.Failed, "out of memory") : null,
        });
        var map = NormMap.ByDomain(lost, AggregationRule.BlockSum)[0];
        Assert.Equal([true, false], map.Rows.Select(r => r.Values.All(v => v is not null)));
        Assert.All(map.Rows[1].Values, value => Assert.Null(value));
        Assert.Equal("math: failed: out of memory", map.Missing);
    }

    [Fact]
    public void Trained_parameters_are_rank_times_inputs_and_outputs_of_what_is_adapted()
    {
        var facts = Facts();
        var table = PerplexityTable.Of(facts, AggregationRule.BlockSum);
        var points = EfficiencyRow.Of(facts, table)[0].Points.ToDictionary(p => p.Column.Key);
        // Of the sample: 128 x 128 for attention, 320 x 128 twice and 128 x 320 in the MLP; rank 8, four layers.
        const long attention = 8 * 4 * (128 + 128), mlp = 8 * 3 * (320 + 128);
        Assert.Equal(4 * attention, points[Regimes.Attention].Parameters);
        Assert.Equal(4 * mlp, points[Regimes.Mlp].Parameters);
        Assert.Equal(1, points[Regimes.All].Share);
        Assert.Equal((mlp, (double)mlp / (4 * (attention + mlp))), (points["top1_mlp"].Parameters, points["top1_mlp"].Share));
        Assert.Equal(3 * attention, points["top3_attention"].Parameters);
    }

    [Fact]
    public void Shares_are_known_where_another_domain_has_the_full_tuning_and_what_has_no_perplexity_is_named()
    {
        var facts = Facts(sample: new()
        {
            Models = Sample.Models, Domains = Sample.Domains,
            Failing = run => run is ("m", "math", "all", _) ? (RunStatuses.Failed, "out of memory") : null,
        });
        var row = EfficiencyRow.Of(facts, PerplexityTable.Of(facts, AggregationRule.BlockSum))[1];
        Assert.Equal(["MLP", "Attn"], row.Points.Select(p => p.Column.Title));
        Assert.Equal(["Both", "Top-1 MLP", "Top-1 Attn", "Top-3 MLP", "Top-3 Attn"], row.Missing);
    }

    [Fact]
    public void A_loss_curve_pools_seeds_step_by_step_and_then_neighbouring_steps()
    {
        var sample = new SampleStudy { Models = [("m", "llama", 4)], Domains = ["cpp"], Seeds = [1, 2] };
        var facts = sample.Facts();
        var mlp = facts.Runs.Where(r => r.Role == Regimes.Mlp).ToList();
        facts = facts with
        {
            Losses = [new(mlp[0].Id, [new(1, 30, 10), new(2, 10, 10)]), new(mlp[1].Id, [new(1, 10, 30), new(2, 20, 10)])],
        };
        var figure = Assert.Single(LossFigure.Of(facts, PerplexityTable.Of(facts, AggregationRule.BlockSum)));
        var curve = figure.Curves.Single(c => c.Column.Key == Regimes.Mlp);
        Assert.Equal(2, curve.Runs);
        Assert.Equal([new MeanLoss(1, 1), new MeanLoss(2, 1.5)], curve.Points);
        Assert.All(figure.Curves.Where(c => c.Column.Key != Regimes.Mlp), c => Assert.Empty(c.Points));

        var steps = 2 * LossFigure.MostPoints;
        var many = facts with { Losses = [new(mlp[0].Id, [.. Enumerable.Range(1, steps).Select(s => new LossPoint(s, s, 1))])] };
        var points = LossFigure.Of(many, PerplexityTable.Of(many, AggregationRule.BlockSum))[0].Curves[0].Points;
        Assert.Equal(LossFigure.MostPoints, points.Count);
        Assert.Equal([new MeanLoss(2, 1.5), new MeanLoss(4, 3.5)], points.Take(2));
    }

    [Fact]
    public void Losses_are_gathered_epoch_by_epoch_and_an_epoch_that_ends_again_replaces_itself()
    {
        var run = Guid.Parse("00000000-0000-4000-8000-000000000001");
        var losses = new RunLossesBuilder();
        losses.Add(new(Guid.Empty, run, 2, 4, 1, 1, [new(3, 3, 1), new(4, 4, 1)]));
        losses.Add(new(Guid.Empty, run, 1, 2, 1, 1, [new(1, 9, 1), new(2, 9, 1)]));
        losses.Add(new(Guid.Empty, run, 1, 2, 1, 1, [new(1, 1, 1), new(2, 2, 1)]));
        Assert.Equal([1, 2, 3, 4], Assert.Single(losses.Losses()).Points.Select(p => (int)p.Nats));
    }
}
