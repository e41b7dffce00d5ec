using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Comparisons;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>Tables of a study beside published ones: every cell in the digits that were printed.</summary>
public sealed class TableComparisonTests
{
    [Theory]
    [InlineData(101.8734, "1.019e+02", true)]
    [InlineData(101.8734, "1.018e+02", false)]
    [InlineData(101.8734, "102", true)]
    [InlineData(101.8734, "101.9", true)]
    [InlineData(101.8734, "101.87", true)]
    [InlineData(101.8734, "101.88", false)]
    [InlineData(101.85, "1.018e+02", true)]    // halfway: printf rounds one way, a calculator the other
    [InlineData(101.85, "1.019e+02", true)]
    [InlineData(0.0049, "0.00", true)]
    [InlineData(0.0051, "0.00", false)]
    [InlineData(0.07, "**0.07**", true)]
    [InlineData(0.07, @"\textbf{0.08}", false)]
    [InlineData(0.07, @"$\mathbf{0.07}$", true)]
    [InlineData(0.07, "<b>0.07</b>", true)]
    [InlineData(0.07, " .07 ", true)]
    [InlineData(1234.4, "1,234", true)]
    [InlineData(101.8734, "1.02 × 10^2", true)]
    [InlineData(101.8734, @"1.03 \times 10^{2}", false)]
    [InlineData(-3.14159, "−3.14", true)]
    [InlineData(-3.14159, "3.14", false)]
    [InlineData(101.85000000000001, "101.85000000000001", true)]
    [InlineData(101.85, "101.85000000000001", false)]
    [InlineData(0.1 + 0.2, "0.300000000000000", true)]    // as spreadsheets write all that they have
    [InlineData(2.5, "two and a half", false)]
    [InlineData(2.5, "２.５", false)]
    [InlineData(2.5, "٢٫٥", false)]
    public void A_number_is_compared_in_the_digits_that_were_printed(double whole, string printed, bool isSame)
    {
        var study = StatedTable.Of(new DataFile("tables/t.csv", ["model", "ppl"], [["m", whole]]), "study");
        var published = StatedTable.Of($"model,ppl\nm,\"{printed}\"\n", "t", "t.csv");
        Assert.Equal(isSame, TableComparison.Of(study, published).IsSame);
        Assert.Equal(isSame, TableComparison.Of(published, study).IsSame);
    }

    [Fact]
    public void Whole_numbers_have_to_be_equal_however_short_they_are()
    {
        static StatedTable Of(double value) => StatedTable.Of(new DataFile("tables/t.csv", ["model", "ppl"], [["m", value]]), "study");
        Assert.True(TableComparison.Of(Of(2.5), Of(2.5)).IsSame);
        var difference = Assert.Single(TableComparison.Of(Of(2.5), Of(2.4999999999999996)).Differences);
        Assert.Equal(("m", "ppl", "2.5", "2.4999999999999996"), (difference.Row, difference.Column, difference.ShownA, difference.ShownB));
    }

    [Fact]
    public void One_long_number_of_a_published_table_says_nothing_of_the_others()
    {
        var study = Study(["model", "a", "b"], ["m", 101.85, 128.70086748886865]);
        Assert.Empty(TableComparison.Of(study, Published("model,a,b\nm,101.85000000000000,1.287e+02\n")).Differences);
        var difference = Assert.Single(
            TableComparison.Of(study, Published("model,a,b\nm,101.85000000000001,1.287e+02\n")).Differences);
        Assert.Equal("a", difference.Column);
    }

    [Fact]
    public void The_tables_of_a_report_are_whole_however_short_their_numbers_are_and_a_row_less_is_a_difference()
    {
        var document = StudyReport.Build(new SampleStudy().Facts());
        var study = StatedTables.Of(document, "study");
        StatedTables Folder(Func<StatedTable, StatedTable> change) => StatedTables.OfFolder("folder",
            [.. study.Tables.Select(table => change(table with { IsWhole = false }))]);
        Assert.True(ReportComparison.Of(study, Folder(table => table), []).IsSame);

        foreach (var name in study.Tables.Select(table => table.Name).Where(name => name != "runs"))
        {
            var less = ReportComparison.Of(study, Folder(t => t.Name != name ? t : t with { Rows = [.. t.Rows.Skip(1)] }), []);
            Assert.False(less.IsSame, name);
            Assert.All(less.Tables.SelectMany(table => table.OneSided), one => Assert.True(one.Counts));
        }
        var emptied = TableComparison.Of(Study(["domain", "format", "records"], ["d", "jsonl", 9]), Study(["domain", "format", "records"]));
        Assert.Equal("d, jsonl", Assert.Single(emptied.OneSided).Row);
        StatedTable norms = Study(["model", "norm"], ["m", 2.0004]), rounded = Published("model,norm\nm,2\n");
        var own = StatedTables.OfReportsAlone[0];
        StatedTables Side(StatedTable table, params string[] besides) => StatedTables.OfFolder("side",
            [table, .. besides.Select(beside => Published("rule,version\nr,1\n") with { Name = beside })]);
        Assert.False(ReportComparison.Of(Side(norms, own), Side(rounded, own), ["t"]).IsSame);
        Assert.True(ReportComparison.Of(Side(norms, own), Side(rounded, "published"), ["t"]).IsSame);

        // A file of a report's folder by itself, and a published one that lies there, too.
        var alone = new StatedTables("study", [norms], IsSingle: false);
        Assert.False(ReportComparison.Of(alone, StatedTables.OfFile("f", rounded, isInReport: true), []).IsSame);
        Assert.True(ReportComparison.Of(alone, StatedTables.OfFile("f", rounded, isInReport: false), []).IsSame);
        Assert.True(ReportComparison.Of(
            alone, StatedTables.OfFile("f", Published("model,norm\nm,2.00\n"), isInReport: true), []).IsSame);
    }

    [Fact]
    public void A_printed_nan_where_the_study_has_a_number_is_a_difference_and_a_dash_is_none()
    {
        var study = Study(["model", "a", "b"], ["m", 1.5, null]);
        var difference = Assert.Single(TableComparison.Of(study, Published("model,a,b\nm,nan,NaN\n")).Differences);
        Assert.Equal(("a", "1.5", "nan"), (difference.Column, difference.ShownA, difference.ShownB));
        Assert.True(TableComparison.Of(study, Published("model,a,b\nm,–,\n")).IsSame);
    }

    [Fact]
    public void Numbers_beyond_what_is_computed_with_are_compared_as_they_are_written()
    {
        StatedTable huge = Published("model,a,b\nm,1e400,1e-400\n"), other = Published("model,a,b\nm,2e400,2e-400\n");
        Assert.True(TableComparison.Of(huge, huge).IsSame);
        Assert.Equal(2, TableComparison.Of(huge, other).Differences.Count);
    }

    [Fact]
    public void A_difference_is_shown_in_the_published_digits()
    {
        var study = StatedTable.Of(new DataFile("tables/t.csv", ["model", "norm"], [["m", 101.7734]]), "study");
        var difference = Assert.Single(TableComparison.Of(study, StatedTable.Of("model,norm\nm,1.019e+02\n", "t", "t.csv")).Differences);
        Assert.Equal(("101.7734", "1.018e+02", "1.019e+02"), (difference.A, difference.ShownA, difference.ShownB));
    }

    [Fact]
    public void Rows_and_columns_are_found_by_name_in_any_order_and_as_they_are_printed()
    {
        var published = StatedTable.Of(
            "\uFEFFModel,Domain,Top-1 Attn,Both,PT\r\nLlama 3.2,c++,0.52,0.25,0.10\r\nTiny,math,0.50,0.20,0.11\r\n", "p", "p.csv");
        var study = StatedTable.Of(
            new DataFile("tables/p.csv", ["model", "domain", "pt", "all", "top1_attention"],
                [["tiny", "math", 0.111, 0.2, 0.5], ["llama-3.2", "c++", 0.1, 0.25, 0.5249]]),
            "study");
        var compared = TableComparison.Of(study, published);
        Assert.Equal((6, true), (compared.Cells, compared.IsSame));

        var groups = Study(["model", "group", "a"], ["m", "attention", 1.5], ["m", "top1_attention", 2.5], ["m", "all", 3.5]);
        foreach (var end in new[] { "\n", "\r\n", "\r" })
        {
            var rows = TableComparison.Of(groups, Published(
                string.Join(end, "Model,Group,A", "M,Attn,1.5", "", "M,\"Top-1 Attn\",2.5", "M,Both,3.5", "")));
            Assert.Equal((3, true), (rows.Cells, rows.IsSame));
        }
    }

    [Fact]
    public void What_only_one_side_has_is_named_and_what_a_study_has_beyond_a_published_table_is_no_difference()
    {
        var study = StatedTable.Of(
            new DataFile("tables/t.csv", ["model", "domain", "pt", "all"],
                [["m", "a", 1.5, null], ["m", "b", 2.5, 3.5], ["m", "c", 1.0, 1.0]]),
            "study");
        var published = StatedTable.Of("model,domain,pt,all,mlp\nm,a,1.5,2.0,1.0\nm,b,–,3.5,1.0\nm,d,1.0,1.0,1.0\n", "t", "t.csv");
        var compared = TableComparison.Of(study, published);
        Assert.Empty(compared.Differences);
        Assert.Equal(
            ["A: m, b pt (False)", "A: m, c  (False)", "B:  mlp (True)", "B: m, a all (True)", "B: m, d  (True)"],
            compared.OneSided.Select(o => $"{o.Side}: {o.Row} {o.Column} ({o.Counts})").Order(StringComparer.Ordinal));
        Assert.False(compared.IsSame);
        Assert.True(TableComparison.Of(study, StatedTable.Of("model,domain,pt\nm,a,1.5\n", "t", "t.csv")).IsSame);
        Assert.Equal(1, TableComparison.Of(study, StatedTable.Of("model,domain,pt,all\nm,a,1.5,", "t", "t.csv")).Cells);
        Assert.False(TableComparison.Of(study, study with { Rows = [.. study.Rows.Take(2)] }).IsSame);
    }

    [Fact]
    public void Every_table_of_a_report_is_the_same_as_itself_and_its_printed_numbers_are_those_of_its_files()
    {
        IReadOnlyList<AggregationRule> rules = [AggregationRule.BlockSum, AggregationRule.ComponentFrobenius];
        var document = StudyReport.Build(SampleStudy.WithMissingRuns.Facts(), rules);
        var all = new StatedTables("study", [.. document.Data.Select(data => StatedTable.Of(data, "study"))], IsSingle: false);
        var same = ReportComparison.Of(all, all, []);
        Assert.True(same.IsSame);
        Assert.DoesNotContain(same.Tables, table => table.Table.EndsWith("runs", StringComparison.Ordinal));
        Assert.All(same.Tables, table => Assert.True(table.Cells > 0, table.Table));

        // As a reader would type them off the page.
        var tables = document.Blocks.OfType<ReportTable>().Where(t => t.Name.StartsWith("aggregated-norms", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(tables);
        foreach (var printed in tables)
        {
            var model = printed.Caption.Split(':')[0];
            var rows = printed.Groups.SelectMany(g => g.Rows).Select(row => string.Join(',',
                [model, row[0].Text, row[1].Text == "Top-3 MLP" ? "mlp" : "attention", .. row.Skip(2).Select(c => c.Text)]));
            var csv = "model,domain,group,full_run_avg,ensemble_avg,solo_top\n" + string.Join('\n', rows);
            var single = new StatedTables("typed", [StatedTable.Of(csv, "aggregated-norms", "typed.csv")], IsSingle: true);
            var compared = Assert.Single(ReportComparison.Of(all, single, []).Tables);
            Assert.True(compared.IsSame);
            Assert.InRange(compared.Cells, 20, 36);
        }
    }

    [Fact]
    public void What_cannot_be_compared_is_told_in_a_sentence()
    {
        var report = StudyReport.Build(new SampleStudy().Facts());
        var study = StatedTables.Of(report, "study");
        (string Csv, string Says)[] cases =
        [
            ("", "p.csv is empty"),
            ("one\n1\n", "p.csv has one column, 'one'"),
            ("model,domain,pt,pt\n", "p.csv has the column pt 2 times."),
            ("model,domain,pt\nm,a\n", "p.csv, line 2: there are 2 fields, and its first line has 3."),
            ("model,domain,pt\rm,a,1\rm,a\r", "p.csv, line 3: there are 2 fields"),
            ("model,domain,pt\r\nm,\"a\r\nb\",1\r\nm,a\r\n", "p.csv, line 4: there are 2 fields"),
            ("model,domain,group,full_run_avg\n", "p.csv has names of columns and no row below them: there is nothing to compare."),
            ("model,domain,group,full_run_avg\ntiny-llama,cpp,mlp,-\n", "have no cell in common that says something in both"),
            ("model,domain,pt\n\nm,\"a\n", "p.csv, line 3: a quote is opened and does not end."),
            ("model,domain,pt\nm,\"a\"b,1\n", "p.csv, line 2: there is text after a quote that ended."),
            ("model,domain,pt\nm,a,1\n", "perplexity-normalised, perplexity and bits-per-byte; say which it is of (--table NAME)"),
            ("model,domain,speed\nm,a,1\n", "p.csv has the columns model, domain, speed, and no table of study has all of them"),
            ("model,domain,group,full_run_avg\nm,cpp,mlp,1\nm,cpp,mlp,2\n", "p.csv has the row m, cpp, mlp twice."),
            ("model,group,full_run_avg\nm,mlp,1\n", "p.csv has no column domain, by which the rows of aggregated-norms are told apart"),
        ];
        foreach (var (csv, says) in cases)
        {
            var refused = Assert.Throws<RuleViolation>(() =>
                ReportComparison.Of(study, new("p.csv", [StatedTable.Of(csv, "p", "p.csv")], IsSingle: true), []));
            Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        }
        Assert.Contains("study has no table speed; it has perplexity-normalised",
            Assert.Throws<RuleViolation>(() => ReportComparison.Of(study, study, ["speed"])).Message, StringComparison.Ordinal);
    }

    private static StatedTable Study(string[] header, params object?[][] rows) =>
        StatedTable.Of(new DataFile("tables/t.csv", header, rows), "study");

    private static StatedTable Published(string csv) => StatedTable.Of(csv, "t", "t.csv");
}
