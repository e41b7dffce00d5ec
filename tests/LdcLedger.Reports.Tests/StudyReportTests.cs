using System.Globalization;
using LdcLedger.Domain.Tests;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Specs;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

public class StudyReportTests
{
    [Fact]
    public void The_document_of_a_study_with_losses_is_the_one_that_was_read_and_found_right()
    {
        var text = DocumentText.Of(StudyReport.Build(SampleStudy.WithMissingRuns.Facts()));
        var golden = Path.Combine(AppContext.BaseDirectory, "Golden", "demo-with-losses.txt");
        // LDC_ACCEPT_GOLDEN names the folder of the golden files in the source tree: what is there is read again by a person.
        if (Environment.GetEnvironmentVariable("LDC_ACCEPT_GOLDEN") is { Length: > 0 } accept)
            File.WriteAllText(Path.Combine(accept, Path.GetFileName(golden)), text);
        Assert.Equal(File.ReadAllText(golden), text);
    }

    [Fact]
    public void A_study_that_nobody_called_complete_is_counted_by_its_runs_and_said_to_be_preliminary()
    {
        var facts = new SampleStudy().Facts();
        var byHand = facts with { Study = facts.Study with { EndedAt = null, SettledRuns = 0, CompletedRuns = 0, PlannedRuns = 1 } };
        var text = DocumentText.Of(StudyReport.Build(byHand));
        Assert.Contains($"{facts.Runs.Count} / {facts.Runs.Count}", text, StringComparison.Ordinal);
        Assert.Contains("Preliminary: the study has not ended at this position.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("reliminary", DocumentText.Of(StudyReport.Build(facts)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_of_several_seeds_states_an_interval_for_every_tuning_and_a_study_of_one_states_none()
    {
        var several = StudyReport.Build(new SampleStudy { Seeds = [1, 2, 3], Domains = ["cpp"] }.Facts());
        var table = Assert.Single(several.Blocks.OfType<ReportTable>(), t => t.Name == "perplexity-over-seeds");
        Assert.Equal(14, table.Groups.Sum(g => g.Rows.Count));   // 2 models x 7 tunings; the pretrained model has no seeds
        Assert.All(table.Groups.SelectMany(g => g.Rows), row => Assert.True(
            double.Parse(row[4].Text, CultureInfo.InvariantCulture) < double.Parse(row[5].Text, CultureInfo.InvariantCulture)));
        Assert.Contains(several.Data, file => file.Path == "tables/perplexity-over-seeds.csv");
        // And below each number of the table of perplexities, but that of the pretrained model.
        var perplexities = Assert.Single(several.Blocks.OfType<ReportTable>(), t => t.Name == "perplexity");
        Assert.EndsWith(" Below each number: its 95 % interval over seeds.", perplexities.Caption, StringComparison.Ordinal);
        Assert.Equal(
            table.Groups.SelectMany(g => g.Rows).Select(row => $"{row[4].Text}–{row[5].Text}"),
            from row in perplexities.Groups.SelectMany(g => g.Rows) where row[0].Repeats from cell in row.Skip(2) select cell.Text);

        var one = StudyReport.Build(new SampleStudy { Domains = ["cpp"] }.Facts());
        Assert.DoesNotContain(one.Blocks.OfType<ReportTable>(), t => t.Name == "perplexity-over-seeds");
        Assert.DoesNotContain(one.Data, file => file.Path == "tables/perplexity-over-seeds.csv");
        Assert.DoesNotContain(one.Blocks.OfType<ReportTable>(), t => t.Name == "perplexity" && t.Caption.Contains("interval"));
    }

    [Fact]
    public void The_intervals_of_a_table_of_many_columns_stand_in_two_lines()
    {
        var facts = new SampleStudy
        {
            Seeds = [1, 2], Domains = ["cpp"], Models = [("m", "llama", 12)], Stage2 = Stage2Spec.Default with { Top = [1, 2, 3, 5, 8] },
        }.Facts();
        var table = Assert.Single(StudyReport.Build(facts).Blocks.OfType<ReportTable>(), t => t.Name == "perplexity");
        Assert.Equal([false, true, true], table.Groups[0].Rows.Select(row => row[0].Repeats));
        Assert.All(Enumerable.Range(2, 13), c =>
        {
            var (value, low, high) = (Number(0, c), Number(1, c), Number(2, c));
            Assert.True(low <= value && value <= high, $"{value} is not between {low} and {high}.");
        });

        double Number(int row, int column) =>
            double.Parse(table.Groups[0].Rows[row][column].Text.TrimEnd('–'), CultureInfo.InvariantCulture);
    }

    [Fact]
    public void A_study_that_trains_in_full_as_well_says_whether_LoRA_stands_for_it_and_another_study_says_nothing()
    {
        var both = new SampleStudy { Seeds = [1, 2, 3], Domains = ["cpp", "math"], Regimes = ["attention", "mlp", "all", "full-all"] };
        var report = StudyReport.Build(both.Facts());

        var section = Assert.Single(report.Sections, s => s.Anchor == "lora-proxy");
        var table = Assert.Single(section.Blocks.OfType<ReportTable>());
        Assert.Equal(8, table.Groups.Sum(g => g.Rows.Count));      // 2 models x 2 domains x 2 groups
        Assert.All(table.Groups.SelectMany(g => g.Rows), row =>
        {
            Assert.InRange(double.Parse(row[2].Text.Replace('−', '-'), CultureInfo.InvariantCulture), -1, 1);
            Assert.Matches(@"^−?[01]\.\d\d to −?[01]\.\d\d$", row[4].Text);
            Assert.Matches("^[01] of 1$", row[5].Text);
            Assert.Matches("^[0-3] of 3$", row[6].Text);
        });
        var scatter = section.Blocks.OfType<FigureGrid>().SelectMany(g => g.Figures).Select(f => f.Chart).OfType<PointChart>().ToList();
        Assert.Equal(4, scatter.Count);
        Assert.All(scatter, chart => Assert.All(chart.Series, series =>
            Assert.Equal((SeriesLook.Markers, 8), (series.Look, series.Points.Count))));
        Assert.Contains(report.Data, file => file.Path == "tables/lora-proxy.csv" && file.Rows.Count == 8);
        Assert.Contains(report.Data, file => file.Path == "tables/lora-proxy-layers.csv" && file.Rows.Count == 64);
        // Full training is a column of the perplexity table, and no line of a norm figure.
        Assert.Contains("Full Both", DocumentText.Of(report), StringComparison.Ordinal);
        Assert.DoesNotContain("All in full", DocumentText.Of(report), StringComparison.Ordinal);

        var without = StudyReport.Build(new SampleStudy().Facts());
        Assert.DoesNotContain(without.Sections, s => s.Anchor == "lora-proxy");
        Assert.DoesNotContain(without.Data, file => file.Path.Contains("lora-proxy", StringComparison.Ordinal));
    }

    [Fact]
    public void A_renamed_study_is_reported_under_its_newest_name_with_the_earlier_ones()
    {
        var facts = new SampleStudy().Facts();
        var renamed = StudyReport.Build(facts with { Study = facts.Study with { Name = "two", FormerNames = ["zero", "one"] } });

        Assert.Equal("two", renamed.Title);
        Assert.Contains("two (before: zero and one)", DocumentText.Of(renamed), StringComparison.Ordinal);
        Assert.DoesNotContain("(before:", DocumentText.Of(StudyReport.Build(facts)), StringComparison.Ordinal);
    }

    [Fact]
    public void Records_that_were_skipped_are_counted_where_there_are_any()
    {
        var facts = new SampleStudy().Facts();
        var domains = facts.Study.Domains.Select((d, i) => d with { SkippedRecords = 12 * i }).ToList();
        static ReportTable Table(Domain.Tables.StudyFacts facts) =>
            StudyReport.Build(facts).Blocks.OfType<ReportTable>().Single(t => t.Name == "domains-table");

        Assert.DoesNotContain("Skipped", DocumentText.Of(Table(facts)), StringComparison.Ordinal);
        var text = DocumentText.Of(Table(facts with { Study = facts.Study with { Domains = domains } }));
        Assert.Contains("Skipped", text, StringComparison.Ordinal);
        Assert.Contains("12", text.Split('\n').Single(line => line.Contains(domains[1].Sha256, StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.Contains("records that could not be used and were skipped", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_facts_give_the_same_document() =>
        Assert.Equal(
            DocumentText.Of(StudyReport.Build(SampleStudy.Reference.Facts())),
            DocumentText.Of(StudyReport.Build(SampleStudy.Reference.Facts())));

    [Fact]
    public void Names_anchors_and_files_are_unique_also_under_three_rules_and_for_names_that_look_alike()
    {
        foreach (var sample in new[] { new SampleStudy(), SampleStudy.OddNames })
        {
            var document = StudyReport.Build(sample.Facts(), AggregationRule.BuiltIn);
            var tables = document.Blocks.OfType<ReportTable>().ToList();
            var grids = document.Blocks.OfType<FigureGrid>().ToList();
            AllDifferent(tables.Select(t => t.Name));
            AllDifferent(tables.Select(t => t.Label));
            AllDifferent(grids.Select(g => g.Anchor).Concat(Sections(document.Sections).Select(s => s.Anchor)));
            AllDifferent(grids.SelectMany(g => g.Figures).Select(f => f.File));
            AllDifferent(document.Data.Select(d => d.Path));
        }
    }

    [Fact]
    public void Figures_are_named_by_model_and_domain_without_what_a_file_system_trips_over()
    {
        var demo = Files(StudyReport.Build(new SampleStudy().Facts()));
        Assert.Contains("figures/fig_norm_tiny-llama_cpp", demo);
        var odd = Files(StudyReport.Build(SampleStudy.OddNames.Facts()));
        Assert.Contains("figures/fig_norm_meta_llama_Llama-3.2-1B-Instruct_with_a_long_description_c_c_", odd);
        Assert.Contains("figures/fig_norm_meta_llama_Llama-3.2-1B-Instruct_with_a_long_description_c_c_-2", odd);
        Assert.All(odd, f => Assert.Equal(2, f.Split('/').Length));
    }

    [Fact]
    public void A_model_and_a_domain_that_share_an_underscore_do_not_share_a_file()
    {
        var study = new SampleStudy { Models = [("a", "llama", 4), ("a_b", "llama", 4)], Domains = ["c", "b_c"] };
        AllDifferent(Files(StudyReport.Build(study.Facts())));
    }

    [Fact]
    public void Another_rule_has_sections_and_folders_of_its_own()
    {
        var document = StudyReport.Build(new SampleStudy().Facts(), [AggregationRule.BlockSum, AggregationRule.ComponentFrobenius]);
        Assert.Contains("Results under rule component-frobenius", document.Sections.Select(s => s.Title));
        Assert.Contains("tables/perplexity.csv", document.Data.Select(d => d.Path));
        Assert.Contains("tables/component-frobenius/perplexity.csv", document.Data.Select(d => d.Path));
        Assert.Contains("figures/component-frobenius/fig_norm_tiny-llama_cpp", Files(document));
    }

    [Fact]
    public void A_report_without_a_rule_or_with_one_twice_is_refused()
    {
        var facts = new SampleStudy().Facts();
        Assert.Contains("at least one rule", Refusal([]));
        Assert.Contains("named 2 times", Refusal([AggregationRule.BlockSum, AggregationRule.BlockSum]));

        string Refusal(IReadOnlyList<AggregationRule> rules) => Assert.Throws<RuleViolation>(() => StudyReport.Build(facts, rules)).Message;
    }

    [Fact]
    public void A_study_that_has_not_begun_has_a_report_too()
    {
        var facts = new SampleStudy().Facts();
        var none = facts with { Runs = [], Norms = [], Perplexities = [] };
        var text = DocumentText.Of(StudyReport.Build(none));
        Assert.Contains("not planned", text);
        Assert.Contains("No worker has claimed a run yet.", text);
    }

    [Fact]
    public void A_report_speaks_of_the_regimes_that_its_study_has_and_of_no_other()
    {
        var study = new SampleStudy { Regimes = [Regimes.Mlp], Stage2 = Stage2Spec.Default with { Groups = [] } };
        var text = DocumentText.Of(StudyReport.Build(study.Facts()));
        Assert.Contains("The line MLP shows the run that tunes the MLP (3 projections).", text);
        Assert.Contains("MLP tunes these projections in every layer.", text);
        Assert.All(["Attention", "Attn", "Top-k", "# Rankings", "# Aggregated norms"], absent => Assert.DoesNotContain(absent, text));
        Assert.Contains(
            "The line Attention shows the run that tunes attention (4 projections), MLP the run that tunes the MLP (3 projections) and "
                + "All the run that tunes both (7 projections).", DocumentText.Of(StudyReport.Build(new SampleStudy().Facts())));
    }

    [Fact]
    public void Shares_of_parameters_are_told_in_the_order_of_the_columns_also_where_the_first_cell_lacks_some()
    {
        var study = new SampleStudy { Domains = ["cpp", "math"], Failing = run => run is (_, "cpp", "mlp", _) ? ("failed", "no") : null };
        Assert.Contains("the other tunings train: MLP 57 %, Attn 43 %, Top-1 MLP", DocumentText.Of(StudyReport.Build(study.Facts())),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_without_stage_2_has_its_rankings_and_no_empty_table()
    {
        var facts = new SampleStudy { Stage2 = Stage2Spec.Default with { Groups = [] } }.Facts();
        var report = StudyReport.Build(facts with { Runs = [.. facts.Runs.Where(r => r.Stage < 2)] });
        Assert.All(report.Blocks.OfType<ReportTable>(), table => Assert.NotEmpty(table.Groups.SelectMany(g => g.Rows)));
        var rankings = report.Blocks.OfType<ReportTable>().Single(table => table.Name == "rankings");
        Assert.Equal(24, rankings.Groups.Sum(g => g.Rows.Count));     // 2 models x 6 domains x 2 groups
        Assert.DoesNotContain("Bold", rankings.Caption, StringComparison.Ordinal);
        Assert.All(rankings.Groups.SelectMany(g => g.Rows).SelectMany(row => row), cell => Assert.False(cell.Bold));
    }

    [Fact]
    public void Data_headers_are_those_of_the_published_tables()
    {
        var data = StudyReport.Build(new SampleStudy().Facts()).Data.ToDictionary(d => d.Path, d => string.Join(',', d.Header));
        Assert.Equal(
            "model,domain,pt,mlp,attention,all,top1_mlp,top1_attention,top3_mlp,top3_attention", data["tables/perplexity-normalised.csv"]);
        Assert.Equal("model,domain,group,full_run_avg,ensemble_avg,solo_top", data["tables/aggregated-norms.csv"]);
    }

    private static List<string> Files(ReportDocument document) =>
        [.. document.Blocks.OfType<FigureGrid>().SelectMany(g => g.Figures).Select(f => f.File)];

    private static IEnumerable<ReportSection> Sections(IEnumerable<ReportSection> sections) =>
        sections.SelectMany(s => Sections(s.Sections).Prepend(s));

    private static void AllDifferent(IEnumerable<string> names)
    {
        var twice = names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).Select(g => g.Key);
        Assert.Empty(twice);
    }
}
