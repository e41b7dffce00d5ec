using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Html;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>What the sections of a report say.</summary>
public class StudySectionsTests
{
    private static readonly SampleStudy Small = new() { Models = [("m", "llama", 4)], Domains = ["cpp", "math"] };

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

    public static TheoryData<string> Shapes => ["one layer and one domain", "200 layers", "80 letters and another script"];

    [Fact]
    public void A_rule_that_looks_at_the_highest_unit_alone_averages_none()
    {
        var text = DocumentText.Of(StudyReport.Build(Small.Facts(), [AggregationRule.BlockSum with { Name = "highest", Top = 1 }]));
        Assert.Contains("Full-run norm: the group’s highest unit in the run that", text, StringComparison.Ordinal);
        Assert.Contains("Aggregated norms are of the highest unit alone; a unit is", text, StringComparison.Ordinal);
        Assert.DoesNotContain("1 highest", text, StringComparison.Ordinal);
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
    public void Of_two_rules_only_runs_that_one_asks_for_and_the_other_does_not_are_said_to_be_lacking()
    {
        // On math, what moves most is also the largest.
        var facts = Small.Facts();
        facts = facts with
        {
            Norms = [.. facts.Norms.Select(n => n with
            {
                Modules = [.. n.Modules.Select(m => m with
                {
                    UpdateFrobenius = 1 + m.Layer, WeightFrobenius = n.Domain == "math" ? Math.Pow(1 + m.Layer, 3) : 1,
                })],
            })],
        };
        AggregationRule[] rules = [AggregationRule.BlockSum, AggregationRule.BlockSum with { Name = "relative", Measure = "relative" }];
        var diff = RuleDiff.Of(facts, rules[0], rules[1]);
        Assert.NotEmpty(diff.Targets);
        var alike = facts.Runs.First(r => r.Stage == 2 && r.Domain == "cpp");
        Assert.DoesNotContain(diff.Targets, t => t.Domain == "cpp");
        var early = facts with
        {
            Runs = [.. facts.Runs.Where(r => r.Id != alike.Id)], Norms = [.. facts.Norms.Where(n => n.Id != alike.Id)],
            Perplexities = [.. facts.Perplexities.Where(p => p.Id != alike.Id)],
        };
        var document = StudyReport.Build(early, rules);
        var lacking = document.Blocks.OfType<ReportTable>().Single(t => t.Name == "rules-compared-1-stage2")
            .Groups.SelectMany(g => g.Rows).Sum(row => int.Parse(row[^1].Text));
        Assert.True(lacking > 0);
        var data = document.Data.Single(d => d.Path == "tables/rules-compared-1-stage2.csv");
        Assert.Equal(["model", "domain", "role", "rule_a", "rule_b", "layers_a", "layers_b", "missing_runs"], data.Header);
        Assert.Equal(
            diff.Targets.Select(t => (t.Role, string.Join(' ', t.A.Layers), string.Join(' ', t.B.Layers))),
            data.Rows.Select(row => ((string)row[2]!, (string)row[5]!, (string)row[6]!)));
        Assert.Contains(document.Blocks.OfType<Paragraph>(), p => p.Text.EndsWith(
            $"; the study lacks {lacking} runs that it asks for there.", StringComparison.Ordinal));
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

    [Theory]
    [InlineData(1.00001, 1.0001)]
    [InlineData(1.2e7, 1.2001e7)]
    [InlineData(2e-9, 3e-9)]
    [InlineData(12346, 12349)]
    [InlineData(-1e-6, 1e-6)]
    public void No_two_ticks_of_an_axis_are_called_alike(double low, double high)
    {
        var ticks = Figures.AxisTicks.Of(new("perplexity", low, high));
        Assert.True(ticks.Labels.Count >= 3);
        Assert.Distinct(ticks.Labels);
        Assert.All(ticks.Labels.Zip(ticks.Positions), tick => Assert.Equal(
            tick.Second, double.Parse(tick.First, System.Globalization.CultureInfo.InvariantCulture), (high - low) * 1e-6));
    }

    [Fact]
    public void A_study_that_was_cancelled_says_so_first()
    {
        var facts = Small.Facts();
        Assert.Null(StudyReport.Build(facts).Notice);
        Assert.StartsWith(
            "Cancelled: ", StudyReport.Build(facts with { Study = facts.Study with { Status = StudyStatuses.Cancelled } }).Notice,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_whose_events_tell_no_hardware_says_so_and_one_without_runs_that_none_was_claimed()
    {
        var facts = Small.Facts();
        facts = facts with { Runs = [.. facts.Runs.Select(run => run with { Environment = null })] };
        Assert.Contains("The ledger does not record on which hardware and software the runs were trained.",
            StudyReport.Build(facts).Blocks.OfType<Paragraph>().Select(p => p.Text));
        facts = facts with { Runs = [.. facts.Runs.Select(run => run with { Status = RunStatuses.Planned })] };
        Assert.Contains("No worker has claimed a run yet.", StudyReport.Build(facts).Blocks.OfType<Paragraph>().Select(p => p.Text));
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
