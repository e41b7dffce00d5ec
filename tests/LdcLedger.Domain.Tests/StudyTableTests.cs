using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using Xunit;

namespace LdcLedger.Domain.Tests;

public class StudyTableTests
{
    private static readonly StudyFacts Facts = new SampleStudy().Facts();
    private static readonly PerplexityTable Table = PerplexityTable.Of(Facts, AggregationRule.BlockSum);

    [Fact]
    public void The_perplexity_table_has_the_published_columns_and_the_rows_of_the_spec()
    {
        Assert.Equal(
            "pt,mlp,attention,all,top1_mlp,top1_attention,top3_mlp,top3_attention", string.Join(',', Table.Columns.Select(c => c.Key)));
        Assert.Equal("PT,MLP,Attn,Both,Top-1 MLP,Top-1 Attn,Top-3 MLP,Top-3 Attn", string.Join(',', Table.Columns.Select(c => c.Title)));
        Assert.Equal(
            from m in Facts.Study.Spec.Models from d in Facts.Study.Spec.Domains select (m.Name, d.Name),
            Table.Rows.Select(r => (r.Model, r.Domain)));
    }

    [Fact]
    public void A_cell_is_the_run_of_its_tuning()
    {
        var cell = Table.Rows[3].Cells[6];
        var run = Assert.Single(Facts.Runs, r => r is { Model: "tiny-llama", Domain: "medical", Role: "top-3-mlp" });
        Assert.Equal(run.Tuning, cell.Tuning!.Text);
        Assert.Equal([run.Id], cell.Runs);
        Assert.Equal(run.Perplexity, cell.Value!.Value.Value);
        Assert.Equal(1 / run.Perplexity, cell.Normalised);
    }

    [Fact]
    public void The_best_of_the_targeted_columns_is_bold_and_no_other() =>
        Assert.All(Table.Rows, row =>
        {
            var targeted = row.Cells.Skip(4).ToList();
            Assert.Equal(targeted.MaxBy(c => c.Normalised), Assert.Single(row.Cells, c => c.Best));
        });

    [Fact]
    public void Seeds_are_pooled_by_their_nats_and_tokens()
    {
        var facts = Small(seeds: [1, 2]).Facts();
        var first = facts.Perplexities.Single(p => p is { Role: "all", Seed: 1 });
        facts = facts with { Perplexities = [.. facts.Perplexities.Where(p => p.Id != first.Id),
            first with { TotalNats = 10, ScoredTokens = 10 }] };
        var second = facts.Perplexities.Single(p => p is { Role: "all", Seed: 2 });
        var pooled = PerplexityTable.Of(facts, AggregationRule.BlockSum).Rows[0].Cells[3].Value!.Value;
        Assert.Equal(Math.Exp((10 + second.TotalNats) / (10 + second.ScoredTokens)), pooled.Value, 1e-12 * pooled.Value);
        Assert.Equal((10 + second.TotalNats) / Math.Log(2) / (first.Bytes + second.Bytes), pooled.BitsPerByte, 1e-12);
    }

    [Fact]
    public void Under_another_rule_a_targeted_run_may_not_exist_and_the_cell_says_so()
    {
        var other = PerplexityTable.Of(
            Facts, AggregationRule.BlockSum with { Name = "first-epoch-max", Combine = "max", Measure = "relative" });
        var cells = other.Rows.SelectMany(r => r.Cells.Skip(4)).ToList();
        Assert.Contains(cells, c => c is { Value: null, Note: "not run under rule first-epoch-max@1" });
        Assert.All(cells.Where(c => c.Value is null),
            c => Assert.DoesNotContain(Facts.Runs, r => r.Tuning == c.Tuning!.Text && c.Runs.Contains(r.Id)));
        Assert.Equal(Table.Rows.Select(r => r.Cells[3].Value), other.Rows.Select(r => r.Cells[3].Value));
    }

    [Fact]
    public void A_run_that_did_not_complete_leaves_its_cell_empty_with_the_reason()
    {
        var table = PerplexityTable.Of(SampleStudy.WithMissingRuns.Facts(), AggregationRule.BlockSum);
        var math = table.Rows.Single(r => r is { Model: "tiny-llama", Domain: "math" });
        Assert.StartsWith("failed: the loss was NaN at step 17", math.Cells[3].Note);
        Assert.All(math.Cells.Skip(4), c => Assert.StartsWith(
            "no ranking, since the run that tunes both groups is missing (failed: the loss was NaN", c.Note));
        var science = table.Rows.Single(r => r is { Model: "tiny-llama", Domain: "science" });
        Assert.Equal(
            (null, "abandoned: 3 attempts in a row ended without a new checkpoint"), (science.Cells[7].Value, science.Cells[7].Note));
        var relative = PerplexityTable.Of(SampleStudy.WithMissingRuns.Facts(), AggregationRule.BlockSum with { Perplexity = "relative" });
        Assert.All(relative.Rows.Single(r => r is { Model: "tiny-gemma3", Domain: "finance" }).Cells, c => Assert.Null(c.Normalised));
    }

    [Fact]
    public void A_seed_that_lacks_is_named_and_the_others_are_pooled_but_there_is_no_ranking()
    {
        var facts = Small(seeds: [1, 2], run => run is (_, _, "all", 2) ? (RunStatuses.Failed, "disk full") : null).Facts();
        var row = PerplexityTable.Of(facts, AggregationRule.BlockSum).Rows[0];
        Assert.Equal("seed 2 failed: disk full", row.Cells[3].Note);
        Assert.Equal(facts.Perplexities.Single(p => p.Role == "all").TotalNats, row.Cells[3].Value!.Value.TotalNats);
        var ranking = RankingTable.Of(facts, AggregationRule.BlockSum).Rows[0];
        Assert.Empty(ranking.Layers);
        Assert.Equal("no ranking, which needs every seed of the run that tunes both groups (seed 2 failed: disk full)", ranking.Missing);
    }

    [Fact]
    public void The_norm_figure_shows_each_run_over_its_own_projections()
    {
        var figure = NormFigure.Of(Facts, AggregationRule.BlockSum)[0];
        Assert.Equal(["Attention", "MLP", "All"], figure.Lines.Select(l => l.Name));
        foreach (var line in figure.Lines)
        {
            var norms = Facts.Norms.Single(n => n.Model == figure.Model && n.Domain == figure.Domain && n.Role == line.Regime);
            Assert.Equal(
                Enumerable.Range(0, 8).Select(
                    layer => norms.Modules.Where(m => m.Epoch == 2 && m.Layer == layer).Sum(m => m.UpdateFrobenius)),
                line.Points.Select(p => p.Score));
        }
    }

    [Fact]
    public void The_aggregated_norms_average_as_many_units_as_the_rule_says()
    {
        var facts = Small().Facts();
        var rule = AggregationRule.ComponentFrobenius;
        // The study ranked by blocks; only a rule that picks the same layers finds its targeted runs.
        var row = AggregatedNormTable.Of(facts, AggregationRule.BlockSum)[0].Rows[0];
        double[] Units(string role, Func<IGrouping<int, ModuleNorm>, double> unit) =>
            [.. facts.Norms.Single(n => n.Role == role).Modules.Where(m => m.Epoch == 2 && Projections.Of("mlp").Contains(m.Projection))
                .GroupBy(m => m.Layer).Select(unit).OrderDescending()];
        double Block(IGrouping<int, ModuleNorm> layer) => layer.Sum(m => m.UpdateFrobenius);
        Assert.Equal(("cpp", "mlp", "Top-3 MLP"), (row.Domain, row.Group, row.Title));
        Assert.Equal(Units("all", Block).Take(3).Average(), row.Full.Value);
        Assert.Equal(Units("top-3-mlp", Block).Average(), row.Ensemble.Value);
        Assert.Equal(Units("top-1-mlp", Block).Single(), row.Solo.Value);

        var components = facts.Norms.Single(n => n.Role == "all").Modules
            .Where(m => m.Epoch == 2 && Projections.Of("mlp").Contains(m.Projection)).Select(m => m.UpdateFrobenius)
            .OrderDescending().Take(2).Average();
        Assert.Equal(components, AggregatedNormTable.Of(facts, rule with { Top = 2 })[0].Rows[0].Full.Value);
        Assert.Equal("Top-2 MLP", AggregatedNormTable.Of(facts, rule with { Top = 2 })[0].Rows[0].Title);
    }

    [Fact]
    public void A_rule_whose_top_was_never_run_has_no_ensemble()
    {
        var row = AggregatedNormTable.Of(Facts, AggregationRule.BlockSum with { Name = "pairs", Top = 2 })[0].Rows[0];
        Assert.Equal(new NormCell(null, "not run under rule pairs@1"), row.Ensemble);
        Assert.NotNull(row.Full.Value);
        Assert.NotNull(row.Solo.Value);
    }

    [Fact]
    public void The_rankings_are_those_that_stage_2_saw()
    {
        var row = RankingTable.Of(Facts, AggregationRule.BlockSum)
            .Rows.Single(r => r is { Model: "tiny-gemma3", Domain: "math", Group: "mlp" });
        var ensemble = Facts.Runs.Single(r => r is { Model: "tiny-gemma3", Domain: "math", Role: "top-3-mlp" });
        Assert.Equal(Tuning.Of("mlp", row.Layers.Take(3).Select(l => l.Layer)).Text, ensemble.Tuning);
        Assert.Equal(8, row.Layers.Count);
    }

    [Fact]
    public void A_ranking_that_is_kept_is_the_one_that_is_shown()
    {
        var rule = AggregationRule.BlockSum with { Name = "mine" };
        var all = Facts.Runs.First(r => r is { Role: "all", Model: "tiny-llama", Domain: "cpp" });
        var kept = DomainRankings.Of(
            Facts.Study.Id, all.Model, all.Domain, rule, [(all.Id, 1, Facts.Norms.Single(n => n.Id == all.Id))]);
        var made = RankingTable.Of(Facts, rule);
        Assert.Equal(made.Rows[0].Layers, RankingTable.Of(Facts with { Rankings = [kept] }, rule).Rows[0].Layers);
        // By the rule's content: a marked ranking is found under the built-in name that says the same, and under no rule that says another.
        var marked = kept with { Groups = [kept.Groups[0] with { Layers = [new(7, 1)] }, kept.Groups[1]] };
        Assert.Equal(7, Assert.Single(RankingTable.Of(Facts with { Rankings = [marked] }, AggregationRule.BlockSum).Rows[0].Layers).Layer);
        Assert.Equal(8, RankingTable.Of(Facts with { Rankings = [marked] }, rule with { Combine = "l2" }).Rows[0].Layers.Count);
    }

    [Fact]
    public void A_seed_that_lacks_what_the_rule_asks_for_is_named_and_there_is_no_ranking()
    {
        var facts = Small(seeds: [1, 2]).Facts();
        var second = facts.Norms.Single(n => n is { Role: "all", Seed: 2 });
        facts = facts with
        {
            Norms = [.. facts.Norms.Select(n => n == second ? n with { Modules = [.. n.Modules.Where(m => m.Epoch == 2)] } : n)],
        };
        var rule = AggregationRule.BlockSum with { Name = "first", Epoch = 1 };
        const string why = "seed 2: no norms of epoch 1, which rule first@1 asks for";
        var ranking = RankingTable.Of(facts, rule).Rows[0];
        Assert.Empty(ranking.Layers);
        Assert.Equal(why, ranking.Missing);
        Assert.Equal(why, NormFigure.Of(facts, rule)[0].Lines[2].Note);
        var full = AggregatedNormTable.Of(facts, rule)[0].Rows[0].Full;
        Assert.Equal(why, full.Note);
        Assert.NotNull(full.Value);   // of the seed that has it
        Assert.Equal([(second.Id, why["seed 2: ".Length..])], RuleGap.In(facts, rule).Select(g => (g.Run.Id, g.What)));
        Assert.Empty(RuleGap.In(facts, AggregationRule.BlockSum));
    }

    [Fact]
    public void A_reason_that_several_seeds_share_is_told_once()
    {
        TunedRuns Runs(Func<int?, string?> why) => StudyCell.Of(
            Small([1, 2, 3], run => run.Role == "mlp" && why(run.Seed) is { } reason ? ("failed", reason) : null).Facts()) is [var cell]
            ? cell.Runs(cell.Full(Regimes.Mlp)) : throw new InvalidOperationException();
        Assert.Equal("failed: disk full", Runs(_ => "disk full").Missing);
        Assert.Equal("seeds 1 and 3 failed: Disk full; seed 2 failed: NaN", Runs(seed => seed == 2 ? "NaN." : "Disk full.").Missing);
        Assert.Equal("seeds 1 and 3 failed: disk full", Runs(seed => seed == 2 ? null : "disk full").Missing);
        Assert.Equal("seeds 1 and 3 failed: disk full; seed 2 failed: NaN", Runs(seed => seed == 2 ? "NaN" : "disk full").Missing);
    }

    [Fact]
    public void A_study_of_one_regime_has_the_columns_and_lines_of_that_regime()
    {
        var facts = new SampleStudy { Regimes = ["all"], Domains = ["cpp"], Stage2 = new("block-sum", [2], ["attention"]) }.Facts();
        Assert.Equal(["PT", "Both", "Top-2 Attn"], PerplexityTable.Of(facts, AggregationRule.BlockSum).Columns.Select(c => c.Title));
        Assert.Equal(["All"], NormFigure.Of(facts, AggregationRule.BlockSum)[0].Lines.Select(l => l.Name));
    }

    [Fact]
    public void A_gain_is_the_fall_of_nats_and_a_share_is_of_the_full_tuning()
    {
        var gains = TargetedGains.Of(Facts, Table);
        Assert.Equal((12, 0), (gains.Cells, gains.WithoutFullGain));
        var top3 = gains.Columns[2];
        var shares = Table.Rows.Select(r => (Nats(r, 0) - Nats(r, 6)) / (Nats(r, 0) - Nats(r, 3))).Order().ToList();
        Assert.Equal(shares, top3.Kept);
        Assert.Equal((shares[5] + shares[6]) / 2, top3.MedianKept);
        // Rows + columns of the seven projections: 4 x 256 + 3 x 448; three MLP blocks of eight layers are kept.
        Assert.Equal(3 * 3 * 448.0 / (8 * (4 * 256 + 3 * 448)), top3.ParameterShare);
        Assert.Equal(12, gains.Columns.Sum(c => c.BestIn));
        Assert.Equal(gains.Best.Kept.Max(), gains.Columns.SelectMany(c => c.Kept).Max());
        Assert.Equal(12, gains.Best.By.Sum(c => c.Cells));

        static double Nats(PerplexityRow row, int column) => Math.Log(row.Cells[column].Value!.Value.Value);
    }

    [Fact]
    public void No_share_is_stated_where_the_full_tuning_made_the_model_worse()
    {
        var facts = Small().Facts();
        var all = facts.Perplexities.Single(p => p.Role == "all");
        facts = facts with { Perplexities = [.. facts.Perplexities.Where(p => p != all), all with { TotalNats = all.TotalNats * 2 }] };
        var gains = TargetedGains.Of(facts, PerplexityTable.Of(facts, AggregationRule.BlockSum));
        Assert.Equal(1, gains.WithoutFullGain);
        Assert.Empty(gains.Best.Kept);
        Assert.Null(gains.Best.MedianKept);
    }

    [Fact]
    public void A_targeted_tuning_reaches_the_full_one_whatever_the_pretrained_model_and_the_other_tunings_have()
    {
        var sample = new SampleStudy
        {
            Models = [("m", "llama", 8)], Domains = ["a", "b", "c", "d"],
            Failing = run => run is (_, "b" or "d", "top-1-attention", _) ? ("failed", "disk full") : null,
        };
        // Both is worse than PT in a; where a tuning failed, another one reaches Both in b and none does in d.
        var facts = sample.Facts();
        facts = facts with
        {
            Perplexities = [.. facts.Perplexities.Select(p => p with
            {
                TotalNats = p.ScoredTokens * (p.Domain, p.Role) switch
                {
                    ("a", "all") => 5,
                    (_, "pretrained") => 4,
                    (_, "all") => 2,
                    ("b", "top-3-mlp") => 2,
                    _ => 3,
                },
            })],
        };
        var gains = TargetedGains.Of(facts, PerplexityTable.Of(facts, AggregationRule.BlockSum));
        // d cannot be judged: what failed might have reached it.
        Assert.Equal((4, 2, 3, 1), (gains.Cells, gains.Reached.Cells, gains.Reached.Judged, gains.Reached.WithoutGain));
        Assert.Equal(
            [("top1_mlp", 1, 4), ("top1_attention", 1, 2), ("top3_mlp", 2, 4), ("top3_attention", 1, 4)],
            gains.Columns.Select(c => (c.Column.Key, c.ReachesFullIn, c.Cells)));
        // In a, the smallest of the four that reach it; in b the only one that does.
        var parameters = gains.Columns.ToDictionary(c => c.Column.Key, c => c.ParameterShare!.Value);
        Assert.Equal([parameters.Values.Min(), parameters["top3_mlp"]], gains.Reached.LeastShares);
        // A share is of a gain, which a does not have, and a best one needs all of them.
        Assert.Equal([0.5], gains.Best.Kept);
        Assert.Equal([3, 3], gains.Columns.Where(c => c.Column.Key.StartsWith("top3", StringComparison.Ordinal)).Select(c => c.Kept.Count));
    }

    private static SampleStudy Small(
        IReadOnlyList<int>? seeds = null, Func<(string Model, string Domain, string Role, int? Seed), (string, string)?>? failing = null) =>
        new() { Models = [("tiny-llama", "llama", 8)], Domains = ["cpp"], Seeds = seeds ?? [1], Failing = failing ?? (_ => null) };
}
