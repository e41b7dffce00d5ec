using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Html;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>What the sections of a report say, and that the numbers decide their words.</summary>
public class StudySectionsTests
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
    public void A_rule_that_looks_at_the_highest_unit_alone_averages_none()
    {
        var text = DocumentText.Of(StudyReport.Build(Small.Facts(), [AggregationRule.BlockSum with { Name = "highest", Top = 1 }]));
        Assert.Contains("Full-run norm: the group’s highest unit in the run that", text, StringComparison.Ordinal);
        Assert.Contains("Aggregated norms are of the highest unit alone; a unit is", text, StringComparison.Ordinal);
        Assert.DoesNotContain("1 highest", text, StringComparison.Ordinal);
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
            "In both cells a targeted tuning reaches or beats tuning both groups in every layer, with 14 % of the trained parameters "
            + "throughout: Top-1 MLP in 2.", reached);
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
        Assert.Contains(FindingsOf(facts), f => f.StartsWith(
            "In solo runs, compared with the highest in the run that tunes both groups, the highest layer of the MLP moves further, that "
            + "of attention less far: 1.50 times as far ", StringComparison.Ordinal));
    }

    [Fact]
    public void The_agreement_of_two_maps_is_put_into_words_by_tau()
    {
        var alike = Scaled(Small.Facts(), (_, m) => m.Layer + 1);
        Assert.Contains(
            "Tuned alone and within the run that tunes both groups, MLP layers rank in the same order, with a Kendall’s τ-b of 1.00 "
            + "in both cells; attention layers in the same order, with 1.00 in both cells.", FindingsOf(alike));
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
                && m.Layer == (Projections.GroupOf(m.Projection) == Regimes.Mlp ? h.Mlp : h.Attention) ? 9 : m.Layer + 1))
                .Single(f => f.Contains("first are", StringComparison.Ordinal));
        }
        Assert.Equal(
            "Most often ranked first are, in m (layers 0 to 3), MLP layer 2 (in 2 of 3 domains) and another attention layer in each of 3 "
            + "domains (Table 5).", Leaders(("a", 2, 0), ("b", 2, 1), ("c", 3, 2)));
        Assert.Equal(
            "Most often ranked first are, in m (layers 0 to 3), MLP layers 0 and 2 (in 2 of 4 domains each) and attention layer 1 "
            + "(in 4; Table 5).", Leaders(("a", 2, 1), ("b", 2, 1), ("c", 0, 1), ("d", 0, 1)));
    }

    [Fact]
    public void Cells_in_which_tuning_everything_gains_nothing_are_left_out_of_every_comparison_with_it()
    {
        var facts = Small.Facts();
        facts = facts with
        {
            Perplexities = [.. facts.Perplexities.Select(p =>
                p is { Role: Regimes.All, Domain: "math" } ? p with { TotalNats = 9 * p.ScoredTokens } : p)],
        };
        var found = FindingsOf(facts);
        Assert.Contains("In no cell does a targeted tuning reach the perplexity of tuning both groups in every layer, leaving out 1 cell "
            + "in which that gains nothing.", found);
        Assert.Contains(found, f => f.Contains("of the gain in the one cell where both are known, with ", StringComparison.Ordinal));
        var table = StudyReport.Build(facts).Blocks.OfType<ReportTable>().Single(t => t.Name == "targeted-gains");
        Assert.All(table.Groups[0].Rows, row => Assert.Equal("1", row[^1].Text));
        Assert.Equal(1, table.Groups[0].Rows.Sum(row => int.Parse(row[^3].Text)));
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
    public void A_study_of_which_nothing_was_measured_or_planned_has_no_table_without_rows()
    {
        var failed = new SampleStudy
        {
            Models = [("m", "llama", 4)], Domains = ["d"], Seeds = [1, 2], Failing = _ => ("failed", "no memory"),
        };
        var submitted = Small.Facts();
        submitted = submitted with
        {
            Runs = [], Norms = [], Perplexities = [], Losses = [], Study = submitted.Study with { EndedAt = null },
        };
        foreach (var facts in new[] { failed.Facts(), submitted })
            foreach (var table in StudyReport.Build(facts).Blocks.OfType<ReportTable>())
                Assert.Contains(table.Groups, group => group.Rows.Count > 0);
    }

    [Fact]
    public void Layers_that_tie_for_the_first_place_lead_nothing()
    {
        var facts = Scaled(new SampleStudy { Models = [("m", "llama", 4)], Domains = ["cpp"], Seeds = [1, 2] }.Facts(), (_, _) => 1);
        Assert.DoesNotContain(FindingsOf(facts), f => f.Contains("change most", StringComparison.Ordinal)
            || f.Contains("stays first", StringComparison.Ordinal));
    }

    [Fact]
    public void A_study_that_goes_on_calls_its_own_targeted_runs_not_planned_yet_and_those_of_another_rule_not_run()
    {
        static bool IsFirstStage(string role) => !role.StartsWith("top", StringComparison.Ordinal);
        var facts = Small.Facts();
        facts = facts with
        {
            Study = facts.Study with { EndedAt = null }, Runs = [.. facts.Runs.Where(r => IsFirstStage(r.Role))],
            Norms = [.. facts.Norms.Where(n => IsFirstStage(n.Role))],
            Perplexities = [.. facts.Perplexities.Where(p => IsFirstStage(p.Role))],
        };
        string Why(AggregationRule rule) => StudyReport.Build(facts, [rule]).Blocks.OfType<ReportTable>()
            .Single(t => t.Name == "missing").Groups[0].Rows[0][2].Text;
        Assert.Equal("not planned yet", Why(facts.Study.Rule));
        Assert.Equal("not run under rule component-frobenius", Why(AggregationRule.ComponentFrobenius));
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
        var found = texts.SelectMany(references.In).Where(piece => piece.Anchor is not null).Select(piece => piece.Anchor!).ToHashSet();
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

    [Fact]
    public void The_method_and_the_runs_say_what_trains_and_on_what_base()
    {
        static string TextOf(string trainingBase, params string[] regimes)
        {
            var facts = new SampleStudy { Models = [("m", "llama", 4)], Domains = ["cpp"], Regimes = regimes }.Facts();
            var spec = facts.Study.Spec with { Training = facts.Study.Spec.Training with { Base = trainingBase } };
            if (!regimes.Contains(Regimes.All))
                spec = spec with { Stage2 = spec.Stage2 with { Groups = [] } };
            return DocumentText.Of(StudyReport.Build(facts with { Study = facts.Study with { Spec = spec } }));
        }
        var both = TextOf("nf4", Regimes.All, Regimes.FullAll);
        Assert.All(
            [
                "by LoRA of rank 8 and in full on bases of 4 bits, with 1 seed per tuning", "ΔW = (α / r) B A",
                "A tuning in full trains the weights of its projections themselves", "ΔW = W_tuned − W", "quantised to 4 bits (NF4);",
                "Saved: first digits of the SHA-256 of the adapter’s weights, or of the projections that were trained in full.",
                "The columns called Full train the projections themselves",
            ],
            words => Assert.Contains(words, both, StringComparison.Ordinal));
        var full = TextOf("as-is", Regimes.FullAll);
        Assert.All(["LoRA", "adapter", "α / r", "NF4", "4 bits"],
            words => Assert.DoesNotContain(words, full.Split("# Provenance")[0], StringComparison.Ordinal));
        Assert.Contains("The line All in full shows the run that tunes both in full (7 projections).", full, StringComparison.Ordinal);
        Assert.Contains("scales of the blocks are quantised, too", TextOf("nf4-double", Regimes.All), StringComparison.Ordinal);
        Assert.Contains("training.base is 'nf5'", Assert.Throws<Domain.RuleViolation>(() => TextOf("nf5", Regimes.All)).Message);
    }

    public static TheoryData<string, string, string, int, string> Rules => new()
    {
        { "frobenius", "block", "sum", 1, "s_(l, g) = Σ_(p ∈ g) m_(l, p)" },
        { "relative", "block", "mean", 1, "m_(l, p) = (‖ΔW_(l, p)‖_F / ‖W_(l, p)‖_F)" },
        { "relative", "block", "mean", 1, "s_(l, g) = (1 / |g|) Σ_(p ∈ g) m_(l, p)" },
        { "frobenius", "block", "l2", 1, "s_(l, g) = √(Σ_(p ∈ g) m_(l, p)^2)" },
        { "rms", "component", "sum", 1, "s_(l, g) = max_(p ∈ g) m_(l, p)" },
        { "frobenius", "block", "sum", 3, "s_(l, g) = (1 / S) Σ_s^S u_(l, g)^((s))" },
        { "frobenius", "component", "sum", 3, "u_(l, p) = (1 / S) Σ_s^S m_(l, p)^((s))" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_method_states_the_equations_of_the_rule_in_force(string measure, string over, string combine, int seeds, string words)
    {
        var rule = AggregationRule.BlockSum with { Measure = measure, Over = over, Combine = combine };
        var facts = new SampleStudy { Models = [("m", "llama", 4)], Domains = ["cpp"], Seeds = [.. Enumerable.Range(1, seeds)] }.Facts();
        var equations = StudyReport.Build(facts, [rule]).Sections.Single(s => s.Anchor == "method").Blocks.OfType<Equation>().ToList();
        Assert.Contains(words, equations.Select(e => FormulaWords.Of(e.Formula)));
        Assert.Equal(Enumerable.Range(1, equations.Count).Select(i => $"Equation {i}"), equations.Select(e => e.Label));
        Assert.Equal(seeds > 1, equations.Any(e => e.Name == "interval"));
    }

    [Fact]
    public void Labels_count_up_in_reading_order()
    {
        foreach (var rules in new[] { [AggregationRule.BlockSum], AggregationRule.BuiltIn })
        {
            var blocks = StudyReport.Build(new SampleStudy { Seeds = [1, 2], Domains = ["cpp"] }.Facts(), rules).Blocks.ToList();
            Counts("Table", blocks.OfType<ReportTable>().Select(t => t.Label));
            Counts("Figure", blocks.OfType<FigureGrid>().Select(f => f.Label));
            Counts("Equation", blocks.OfType<Equation>().Select(e => e.Label));
        }

        static void Counts(string name, IEnumerable<string> labels)
        {
            var all = labels.ToList();
            Assert.True(all.Count > 3);
            Assert.Equal(Enumerable.Range(1, all.Count).Select(i => $"{name} {i}"), all);
        }
    }

    [Fact]
    public void A_study_that_runs_is_marked_as_preliminary_and_says_what_is_missing_cell_by_cell()
    {
        var facts = new SampleStudy
        {
            Models = [("m", "llama", 4)], Domains = ["cpp", "math"],
            Failing = run => run is ("m", "math", "all", _) ? (RunStatuses.Running, null!) : null,
        }.Facts();
        var document = StudyReport.Build(facts with { Study = facts.Study with { EndedAt = null, Status = "running" } });
        Assert.Equal($"Preliminary: the study has not ended at this position; 1 of {facts.Runs.Count} planned runs has not finished.",
            document.Notice);
        var rows = document.Blocks.OfType<ReportTable>().Single(t => t.Name == "missing").Groups.Single().Rows;
        Assert.Equal(
            [("math", "Both", "still running"),
                ("math", "Top-1 MLP, Top-1 Attn, Top-3 MLP, Top-3 Attn",
                    "no ranking, since the run that tunes both groups is missing (still running)")],
            rows.Select(r => (r[0].Text, r[1].Text, r[2].Text)));
        Assert.Null(StudyReport.Build(Small.Facts()).Notice);
        Assert.DoesNotContain(StudyReport.Build(Small.Facts()).Sections, s => s.Anchor == "missing");
    }

    [Fact]
    public void A_rule_without_a_value_for_some_cells_leaves_them_empty_with_the_reason()
    {
        var facts = Small.Facts();
        facts = facts with
        {
            Norms = [.. facts.Norms.Select(n => n is not { Role: "all", Domain: "math" } ? n
                : n with { Modules = [.. n.Modules.Select(m => m with { WeightFrobenius = 0 })] })],
        };
        var document = StudyReport.Build(facts, [AggregationRule.BlockRelativeMean]);
        var heat = document.Blocks.OfType<FigureGrid>().SelectMany(g => g.Figures).Select(f => f.Chart).OfType<HeatMap>()
            .First(h => h.Rows.Contains("math"));
        Assert.All(heat.Values[1], value => Assert.Null(value));
        Assert.All(heat.Values[0], value => Assert.NotNull(value));
        var why = document.Blocks.OfType<ReportTable>().Single(t => t.Name == "missing").Groups.Single().Rows.Select(r => r[^1].Text);
        Assert.Contains(why, text => text.StartsWith("no ‖W‖ of ", StringComparison.Ordinal));
    }

    [Fact]
    public void Rules_that_are_given_together_are_compared()
    {
        var facts = Small.Facts();
        var document = StudyReport.Build(facts, AggregationRule.BuiltIn);
        var section = document.Sections.Single(s => s.Anchor == "rules-compared");
        Assert.Equal(2, section.Sections.Count);
        var diff = RuleDiff.Of(facts, AggregationRule.BuiltIn[0], AggregationRule.BuiltIn[1]);
        var table = section.Sections[0].Blocks.OfType<ReportTable>().First();
        Assert.Equal(diff.Rankings.Count, table.Groups.Sum(g => g.Rows.Count));
        Assert.Equal(string.Join(", ", diff.Rankings[0].A.Select(l => l.Layer)), table.Groups[0].Rows[0][2].Text);
        var words = Assert.IsType<Paragraph>(section.Sections[0].Blocks[0]).Text;
        Assert.Contains(diff.Targets.Count == 0 ? "would have run the same tunings" : $"another tuning in {diff.Targets.Count} of 8 roles",
            words, StringComparison.Ordinal);
        Assert.DoesNotContain(StudyReport.Build(facts).Sections, s => s.Anchor == "rules-compared");
    }

    [Fact]
    public void Extensions_are_listed_with_what_they_added()
    {
        var facts = Small.Facts();
        var extended = facts with
        {
            Extensions = [new(AggregationRule.ComponentFrobenius, facts.AsOf, 5)],
        };
        var table = StudyReport.Build(extended).Blocks.OfType<ReportTable>().Single(t => t.Name == "extensions-table");
        var row = Assert.Single(table.Groups[0].Rows);
        Assert.Equal(("component-frobenius", "5"), (row[0].Text, row[2].Text));
        Assert.DoesNotContain(StudyReport.Build(facts).Blocks.OfType<ReportTable>(), t => t.Name == "extensions-table");
        Assert.Empty(RuleExtension.Evolve([], new StudyCancelRequested(facts.Study.Id, "no"), facts.AsOf));
    }

    public static TheoryData<string> Shapes => ["one layer and one domain", "200 layers", "80 letters and another script"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_study_of_any_shape_has_a_report(string shape)
    {
        var sample = shape switch
        {
            "one layer and one domain" => new SampleStudy { Models = [("m", "llama", 1)], Domains = ["d"] },
            "200 layers" => new SampleStudy { Models = [("m", "llama", 200)], Domains = ["d"] },
            "80 letters and another script" => new SampleStudy
            {
                Models = [("m", "llama", 4)], Domains = [new('w', 80), "数学と科学", "naïve çedille"],
            },
            _ => throw new ArgumentOutOfRangeException(nameof(shape)),
        };
        var document = StudyReport.Build(sample.Facts());
        Assert.Equal(sample.Domains.Count, document.Blocks.OfType<FigureGrid>().Single(g => g.Anchor == "norms-m").Figures.Count);
        var html = System.Net.WebUtility.HtmlDecode(HtmlReport.Render(document));
        Assert.All(sample.Domains, domain => Assert.Contains(domain, html, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("models/tiny", "models/tiny")]
    [InlineData("../models/tiny", "\"../models/tiny\"")]
    [InlineData("/srv/someone/data/models/tiny", "models/tiny")]
    [InlineData("~/models/tiny/", "models/tiny")]
    [InlineData("/tiny", "tiny")]
    [InlineData(@"C:\data\models\tiny", "models/tiny")]
    public void Of_an_absolute_path_a_report_shows_the_last_two_parts(string written, string shown)
    {
        var facts = Small.Facts();
        var spec = facts.Study.Spec with { Models = [new("m", written)], Domains = [new("cpp", written, "auto")] };
        var text = StudyReport.Build(facts with { Study = facts.Study with { Spec = spec } }).Blocks.OfType<Verbatim>().Last().Text;
        Assert.Contains($"{{ name: m, path: {shown} }}", text, StringComparison.Ordinal);
        Assert.Contains($"{{ name: cpp, path: {shown}, format: auto }}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_font_of_the_report_is_in_its_provenance_with_its_hash()
    {
        var table = StudyReport.Build(Small.Facts()).Blocks.OfType<ReportTable>().Single(t => t.Name == "fonts-table");
        var own = ReportFonts.Own.Select(font => font.File.Name).Order(StringComparer.Ordinal);
        Assert.Equal(own, table.Groups[0].Rows.Select(r => r[0].Text));
        Assert.All(table.Groups[0].Rows, r => Assert.Matches("^[0-9a-f]{64}$", r[2].Text));
    }

    [Fact]
    public void Characters_that_no_font_has_are_named()
    {
        // Of a block that Unicode leaves to everyone: no font has it.
        var study = new SampleStudy { Models = [("m", "llama", 1)], Domains = ["naïve \U000F0123"] };
        Assert.Equal(["\U000F0123"], ReportFiles.WithoutFont(StudyReport.Build(study.Facts())));
        Assert.Empty(ReportFiles.WithoutFont(StudyReport.Build(Small.Facts())));
    }

    [Fact]
    public void A_map_or_a_curve_counts_its_layers_and_steps_at_round_numbers()
    {
        var ticks = Figures.AxisTicks.Of(new("step", 3, 118, AxisScale.Whole));
        Assert.Equal(["10", "20", "30", "40", "50", "60", "70", "80", "90", "100", "110"], ticks.Labels);
        Assert.Equal(["0", "8", "16", "24"], Figures.AxisTicks.Of(new("layer", 0, 60, AxisScale.Whole)).Labels.Take(4));
    }

    [Fact]
    public void Every_sign_that_the_words_and_equations_of_a_report_use_is_in_its_own_fonts()
    {
        var facts = new SampleStudy { Seeds = [1, 2], Domains = ["cpp"] }.Facts();
        var measures = Measure.Rows.All.SelectMany(m => Combination.Rows.All.Select(c =>
            AggregationRule.BlockSum with { Name = $"{m.Name}-{c.Name}", Measure = m.Name, Combine = c.Name }));
        var text = DocumentText.Of(StudyReport.Build(facts, [.. AggregationRule.BuiltIn, .. measures]));
        var lacking = text.EnumerateRunes().Distinct().Where(rune => !System.Text.Rune.IsControl(rune)
            && !ReportFonts.Regular.ContainsGlyph(rune.Value) && !ReportFonts.Math.ContainsGlyph(rune.Value));
        Assert.Empty(lacking);
    }
}
