using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Tables;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>What a report's summary finds: the numbers decide its words.</summary>
public class FindingsTests
{
    private static readonly SampleStudy Small = new() { Models = [("m", "llama", 4)], Domains = ["cpp", "math"] };

    private static IReadOnlyList<string> FindingsOf(StudyFacts facts) =>
        StudyReport.Build(facts).Sections[0].Blocks.OfType<BulletList>().Single().Items;

    /// <summary>The facts with the perplexity of every run of a role multiplied.</summary>
    private static StudyFacts Perplexed(StudyFacts facts, string role, double nats) => facts with
    {
        Perplexities = [.. facts.Perplexities.Select(p => p.Role == role ? p with { TotalNats = nats * p.ScoredTokens } : p)],
    };

    private static StudyFacts Scaled(StudyFacts facts, Func<RunNorms, ModuleNorm, double> norm) => facts with
    {
        Norms = [.. facts.Norms.Select(n => n with { Modules = [.. n.Modules.Select(m => m with { UpdateFrobenius = norm(n, m) })] })],
    };

    [Fact]
    public void Whether_the_MLP_or_attention_changes_more_is_said_with_the_ratio()
    {
        StudyFacts With(double mlp) => Scaled(
            Small.Facts(), (_, m) => (Projections.GroupOf(m.Projection) == Regimes.Mlp ? mlp : 3) * (m.Layer + 1));
        Assert.Contains(FindingsOf(With(8)), f => f.StartsWith(
            "MLP layers change more than attention layers in both cells: ", StringComparison.Ordinal)
            && f.EndsWith("is 2.00 times that of its attention throughout (Section 4).", StringComparison.Ordinal));
        Assert.Contains(FindingsOf(With(2)), f => f.StartsWith(
            "Attention layers change more than MLP layers in both cells: ", StringComparison.Ordinal)
            && f.Contains("is 0.50 times", StringComparison.Ordinal));
    }

    [Fact]
    public void A_targeted_tuning_that_reaches_the_full_one_is_said_to_with_its_share_of_parameters()
    {
        Assert.Contains(
            "In none of the 2 cells does a targeted tuning reach the perplexity of tuning both groups in every layer.",
            FindingsOf(Small.Facts()));
        var reached = FindingsOf(Perplexed(Small.Facts(), "top-1-mlp", 1.5));
        // One layer of four, and the MLP has 1344 of 2368 inputs and outputs of a layer.
        Assert.Contains(
            "In both cells a targeted tuning reaches or beats tuning both groups in every layer, with as little as 14 % of the trained "
            + "parameters throughout: Top-1 MLP in 2.", reached);
        Assert.DoesNotContain(reached, f => f.StartsWith("In none", StringComparison.Ordinal));
        var equal = Perplexed(Perplexed(Small.Facts(), "top-3-attention", 2), Regimes.All, 2);
        Assert.Contains(
            FindingsOf(equal), f => f.StartsWith("In both cells a targeted tuning reaches or beats", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, "further than")]
    [InlineData(1, "about as far as")]
    [InlineData(0.5, "less far than")]
    public void How_far_ensembles_and_soloists_move_is_said_by_the_outcome(double targeted, string words)
    {
        var facts = Scaled(Small.Facts(), (run, m) =>
            run.Role.StartsWith("top", StringComparison.Ordinal) ? targeted : 1 + m.Layer * 1e-9);
        foreach (var start in new[]
        {
            $"In ensemble runs the 3 highest layers move {words} those in the run that tunes both groups: ",
            $"In solo runs the highest layer moves {words} the highest in the run that tunes both groups: ",
        })
            Assert.Contains(FindingsOf(facts), f => f.StartsWith(start, StringComparison.Ordinal));
    }

    [Fact]
    public void Groups_that_move_different_ways_are_not_said_to_move_one_way()
    {
        var facts = Scaled(Small.Facts(), (run, m) => !run.Role.StartsWith("top", StringComparison.Ordinal) ? 1 + m.Layer * 1e-9
            : Projections.GroupOf(m.Projection) == Regimes.Mlp ? 1.5 : 0.5);
        foreach (var begins in new[]
        {
            "In ensemble runs, compared with those in the run that tunes both groups, the 3 highest layers of the MLP move further, those "
                + "of attention less far: 1.50 times as far ",
            "In solo runs, compared with the highest in the run that tunes both groups, the highest layer of the MLP moves further, that "
                + "of attention less far: 1.50 times as far ",
        })
            Assert.Contains(FindingsOf(facts), f => f.StartsWith(begins, StringComparison.Ordinal));
    }

    [Fact]
    public void The_agreement_of_two_maps_is_put_into_words_by_tau()
    {
        var alike = Scaled(Small.Facts(), (_, m) => m.Layer + 1);
        Assert.Contains(
            "Tuned alone and within the run that tunes both groups, MLP and attention layers rank in the same order, with a Kendall’s τ-b "
            + "of 1.00 in both cells.", FindingsOf(alike));
        var reversed = Scaled(Small.Facts(), (run, m) => run.Role == Regimes.Mlp ? 9 - m.Layer : m.Layer + 1);
        Assert.Contains(FindingsOf(reversed), f =>
            f.Contains("rank in largely opposite orders, with a Kendall’s τ-b of −1.00", StringComparison.Ordinal));
    }

    [Fact]
    public void Maps_that_agree_in_the_median_alone_are_not_said_to_be_the_same()
    {
        var three = new SampleStudy { Models = [("m", "llama", 4)], Domains = ["cpp", "math", "law"] }.Facts();
        Assert.Contains(
            FindingsOf(Scaled(three, (run, m) => run is { Role: Regimes.Mlp, Domain: "math" } ? 9 - m.Layer : m.Layer + 1)),
            f => f.Contains("MLP layers rank in nearly the same order, with a Kendall’s τ-b of 1.00 in the median (−1.00 to 1.00)",
                StringComparison.Ordinal));
    }

    [Fact]
    public void A_loss_of_what_was_gained_is_printed_with_a_minus_and_nothing_with_none()
    {
        // Of a gain of 1 nat per token in the tuning of both groups.
        IReadOnlyList<string> Kept(double nats)
        {
            var facts = Perplexed(Perplexed(Small.Facts(), "pretrained", 3), Regimes.All, 2);
            foreach (var role in new[] { "top-1-mlp", "top-1-attention", "top-3-mlp", "top-3-attention" })
                facts = Perplexed(facts, role, nats);
            return FindingsOf(facts);
        }
        Assert.Contains(Kept(3.2), f => f.Contains("keeps −20 % of this gain throughout", StringComparison.Ordinal));
        var lost = Perplexed(Perplexed(Small.Facts(), "pretrained", 2), Regimes.All, 2.25);
        Assert.Contains(FindingsOf(lost), f => f.Contains("none of the 2 cells; the median loss is 0.250 nats", StringComparison.Ordinal));
        Assert.Contains(Kept(3.001), f => f.Contains("keeps 0 % of this gain throughout", StringComparison.Ordinal));
    }

    [Fact]
    public void A_layer_leads_only_where_no_other_is_first_as_often()
    {
        // The layer that moves most, by domain.
        string Leaders(params (string Domain, int Mlp, int Attention)[] highest)
        {
            var facts = new SampleStudy { Models = [("m", "llama", 4)], Domains = [.. highest.Select(h => h.Domain)] }.Facts();
            return FindingsOf(Scaled(facts, (run, m) => highest.Single(h => h.Domain == run.Domain) is var h
                && (Projections.GroupOf(m.Projection) == Regimes.Mlp ? h.Mlp : h.Attention) is var first && m.Layer == first ? 9
                : first > 3 ? 1 : m.Layer + 1))
                .Single(f => f.Contains("first are", StringComparison.Ordinal));
        }
        Assert.Equal(
            "Most often ranked first are, in m (4 layers), MLP layer 2 (in 2 of 3 domains) and another attention layer in each "
            + "(Table 5).", Leaders(("a", 2, 0), ("b", 2, 1), ("c", 3, 2)));
        Assert.Equal(
            "Most often ranked first are, in m (4 layers), MLP layers 0 and 2 (in 2 of 4 domains each) and attention layer 1 "
            + "(in 4; Table 5).", Leaders(("a", 2, 1), ("b", 2, 1), ("c", 0, 1), ("d", 0, 1)));
        // Of equal layers none leads, and the domain counts.
        Assert.Equal(
            "Most often ranked first are, in m (4 layers), another MLP layer in each of 2 of 3 domains and attention layer 1 (in 1; "
            + "Table 5).", Leaders(("a", 2, 1), ("b", 1, 9), ("c", 9, 9)));
    }

    [Fact]
    public void Where_tuning_everything_gains_nothing_no_share_is_kept_and_a_tuning_that_reaches_it_is_told_with_that()
    {
        var facts = Small.Facts();
        facts = facts with
        {
            Perplexities = [.. facts.Perplexities.Select(p =>
                p is { Role: Regimes.All, Domain: "math" } ? p with { TotalNats = 9 * p.ScoredTokens } : p)],
        };
        var found = FindingsOf(facts);
        Assert.Contains(found, f => f.StartsWith("In 1 of 2 cells a targeted tuning reaches or beats tuning both groups in every layer, "
            + "with as little as ", StringComparison.Ordinal)
            && f.EndsWith("; there, tuning both groups gains nothing.", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Contains(
            "of the gain in the one cell that has a gain and every targeted tuning, with ", StringComparison.Ordinal));
        var table = StudyReport.Build(facts).Blocks.OfType<ReportTable>().Single(t => t.Name == "targeted-gains");
        Assert.EndsWith(" Shares leave out 1 cell in which Both gains nothing.", table.Caption, StringComparison.Ordinal);
        Assert.All(table.Groups[0].Rows, row => Assert.Equal("2", row[^1].Text));
        Assert.Equal(2, table.Groups[0].Rows.Sum(row => int.Parse(row[^3].Text)));
    }

    [Fact]
    public void A_finding_that_holds_for_a_part_of_the_cells_says_for_how_many()
    {
        string[] models = ["m", "n", "o"];
        StudyFacts Facts(Func<(string Model, string Domain, string Role, int? Seed), bool> fails) => new SampleStudy
        {
            Models = [.. models.Select(m => (m, "llama", 4))], Domains = ["cpp"],
            Failing = run => fails(run) ? ("failed", "disk full") : null,
        }.Facts();
        // Without the run of both groups nothing is known of m; of n one targeted tuning is missing.
        var found = FindingsOf(Facts(run => run is ("m", _, Regimes.All, _) or ("n", _, "top-1-mlp", _)));
        foreach (var (begins, ends) in new[]
        {
            ("MLP layers change more than attention layers in both cells: ", "known in 2 of 3 cells; Section 4)."),
            ("Tuning both groups in every layer lowers held-out perplexity in both cells; ", "it is Top-3 MLP (Table 4)."),
            ("In no cell does a targeted tuning reach ", "in every layer (known in 1 of 3 cells)."),
            ("In solo runs ", "for the MLP, in 1 cell; 1.44 times in the median (1.43 to 1.46) for attention, in 2 cells."),
        })
            Assert.True(found.Any(f => f.StartsWith(begins, StringComparison.Ordinal) && f.EndsWith(ends, StringComparison.Ordinal)),
                string.Join('\n', found));
        Assert.Contains(found, f => f.Contains(" nats per token (known in 2 of 3 cells). The best", StringComparison.Ordinal));
        // One that reaches it does so whatever the missing ones do.
        Assert.Contains(
            FindingsOf(Perplexed(Facts(run => run is ("n" or "o", _, "top-1-mlp", _)), "top-3-attention", 1.5)),
            f => f.StartsWith("In all 3 cells a targeted tuning reaches or beats", StringComparison.Ordinal));
        Assert.Contains(
            FindingsOf(Perplexed(Facts(run => run is ("n", _, "top-1-mlp", _)), "top-1-mlp", 1.5)),
            f => f.EndsWith(": Top-1 MLP in 2 (not known in 1 cell).", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_a_targeted_tuning_of_a_cell_is_missing_none_of_the_others_is_called_the_best()
    {
        var facts = new SampleStudy
        {
            Models = [("m", "llama", 4)], Domains = ["cpp", "math"],
            Failing = run => run is ("m", "math", "top-3-mlp", _) ? ("failed", "no memory") : null,
        }.Facts();
        ReportTable Table(StudyFacts of) => StudyReport.Build(of).Blocks.OfType<ReportTable>().Single(t => t.Name == "perplexity");
        int[] Bold(StudyFacts of) => [.. Table(of).Groups[0].Rows.Select(row => row.Count(cell => cell.Bold))];
        Assert.Equal([1, 0], Bold(facts));
        Assert.EndsWith("Bold: best targeted column, in rows that have all of them.", Table(facts).Caption, StringComparison.Ordinal);
        // A seed that is to come may change which is the best; one that failed leaves the others.
        var seeds = new SampleStudy
        {
            Models = [("m", "llama", 4)], Domains = ["cpp"], Seeds = [1, 2],
            Failing = run => run is (_, _, "top-3-mlp", 2) ? ("failed", "no memory") : null,
        }.Facts();
        Assert.Equal(1, Bold(seeds)[0]);
        Assert.Equal(0, Bold(seeds with { Study = seeds.Study with { EndedAt = null } })[0]);
    }

    [Fact]
    public void Layers_that_tie_for_the_first_place_lead_nothing()
    {
        var facts = Scaled(new SampleStudy { Models = [("m", "llama", 4)], Domains = ["cpp"], Seeds = [1, 2] }.Facts(), (_, _) => 1);
        Assert.DoesNotContain(FindingsOf(facts), f => f.Contains("change most", StringComparison.Ordinal)
            || f.Contains("stays first", StringComparison.Ordinal));
    }

    [Fact]
    public void A_study_of_many_models_names_the_first_and_counts_the_others()
    {
        var facts = new SampleStudy { Models = [.. Enumerable.Range(1, 12).Select(i => ($"m{i}", "llama", 4))], Domains = ["cpp"] }.Facts();
        var document = StudyReport.Build(facts);
        Assert.Contains(document.Sections[0].Blocks.OfType<Paragraph>(), p => p.Text.StartsWith(
            "This study fine-tunes 12 models (m1, m2, m3, m4, m5, m6, m7, m8 and 4 more) on 1 domain (cpp)", StringComparison.Ordinal));
        Assert.Contains(
            FindingsOf(facts), f => f.EndsWith("; the rankings have those of 8 other models (Table 5).", StringComparison.Ordinal));
    }

    [Fact]
    public void Text_refers_to_the_tables_sections_and_equations_that_it_speaks_of()
    {
        var document = StudyReport.Build(new SampleStudy { Seeds = [1, 2] }.Facts());
        var references = new References(document);
        IEnumerable<string> texts =
        [
            .. document.Blocks.OfType<Paragraph>().Select(p => p.Text), .. document.Blocks.OfType<BulletList>().SelectMany(b => b.Items),
            .. document.Blocks.OfType<ReportTable>().Select(t => t.Caption),
        ];
        var found = texts.SelectMany(text => references.In(text)).Select(piece => piece.Anchor).OfType<string>().ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "norms", "table-targeted-gains", "aggregated-norms", "table-rankings", "table-ranking-stability", "equation-score",
                "equation-norm", "equation-measure", "equation-normalised", "equation-kept", "equation-interval",
            }, found);
    }

    [Fact]
    public void A_study_that_found_nothing_has_no_list_of_findings()
    {
        var facts = new SampleStudy
        {
            Models = [("m", "llama", 4)], Domains = ["cpp"], Regimes = [Regimes.Mlp],
            Stage2 = Stage2Spec.Default with { Groups = [], Top = [] },
        }.Facts();
        Assert.Empty(StudyReport.Build(facts).Sections[0].Blocks.OfType<BulletList>());
    }
}
