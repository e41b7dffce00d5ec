using System.Globalization;
using System.Xml.Linq;
using LdcLedger.Domain.Tests;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Reports.Csv;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Html;
using LdcLedger.Reports.Pdf;
using LdcLedger.Reports.Studies;
using UglyToad.PdfPig.Content;
using Xunit;

namespace LdcLedger.Reports.Tests;

public sealed class RenderedFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_format_has_its_files() => Assert.Superset(
        new HashSet<string>
        {
            "report.pdf", "report.html", "report.tex", "report.md", "report.json", "tables/perplexity.csv", "tables/perplexity.tex",
            "figures/fig_norm_tiny-gemma3_python.svg", "figures/fig_norm_tiny-gemma3_python.pdf",
            "figures/fig_norm_tiny-gemma3_python.png",
        },
        ReportFiles.Content(StudyReport.Build(SampleStudy.WithMissingRuns.Facts()), ReportFiles.Formats).Select(file => file.Path)
            .ToHashSet());

    [Fact]
    public void A_report_that_is_built_anew_leaves_nothing_of_another_and_what_somebody_changed_is_theirs()
    {
        var facts = Small.Facts();
        var both = ReportFolder.Write(StudyReport.Build(facts, [.. AggregationRule.BuiltIn.Take(2)]), _folder, ["csv", "markdown"]);
        Assert.Empty(both.Removed);
        File.AppendAllText(Path.Combine(_folder, "report.md"), "my words");
        File.WriteAllText(Path.Combine(_folder, "tables", "mine.csv"), "mine");

        // Another format of another report: what both rules had goes, whatever its format.
        var one = ReportFolder.Write(StudyReport.Build(facts), _folder, ["csv"]);
        Assert.Contains("tables/block-relative-mean/perplexity.csv", one.Removed);
        Assert.Contains("figures/fig_norm_tiny-llama_cpp.svg", one.Removed);
        Assert.Equal(["report.md"], one.Changed);
        Assert.Equal([.. one.Files, "report.md", "tables/mine.csv", ReportRecord.FileName], Files());

        // A further format of the same report joins the others.
        var html = ReportFolder.Write(StudyReport.Build(facts), _folder, ["html"]);
        Assert.Empty(html.Removed);
        Assert.Equal([.. one.Files, "report.html", "report.md", "tables/mine.csv", ReportRecord.FileName], Files());

        IReadOnlyList<string> Files() =>
        [
            .. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder, file))
                .OrderBy(file => one.Files.Contains(file) ? 0 : file[0] == '.' ? 2 : 1).ThenBy(file => file, StringComparer.Ordinal),
        ];
    }

    [Theory]
    [InlineData("{ not JSON")]
    [InlineData("""
        {"format":"ldcledger-report-files/1","files":[{"path":"../outside","of":"x",
            "sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]}
        """)]
    [InlineData("{\"format\":\"ldcledger-report-files/2\",\"files\":[]}")]
    public void A_record_that_is_damaged_or_names_what_lies_outside_removes_nothing(string record)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "report")).FullName;
        var outside = Path.Combine(_folder, "outside");
        File.WriteAllText(outside, "");
        File.WriteAllText(Path.Combine(folder, ReportRecord.FileName), record);
        var written = ReportFolder.Write(StudyReport.Build(Small.Facts()), folder, ["csv"]);
        Assert.Empty(written.Removed);
        Assert.True(File.Exists(outside));
        Assert.Empty(ReportFolder.Write(StudyReport.Build(Small.Facts()), folder, ["csv"]).Removed);
    }

    [Fact]
    public void A_build_that_does_not_get_to_its_end_leaves_the_report_before_it_as_it_was()
    {
        ReportFolder.Write(StudyReport.Build(Small.Facts()), _folder, ["csv"]);
        var before = Contents();
        using var asked = new CancellationTokenSource();
        asked.Cancel();
        var another = StudyReport.Build(Small.Facts(), [AggregationRule.ComponentFrobenius]);
        Assert.Throws<OperationCanceledException>(() => ReportFiles.Write(another, _folder, ["csv"], asked.Token));
        Directory.CreateDirectory(Path.Combine(_folder, "report.html"));
        var refused = Assert.Throws<IOException>(() => ReportFolder.Write(another, _folder, ["csv", "html"]));
        Assert.EndsWith("report.html is a folder, where a file of that name is to be written.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Contents());
    }

    [Fact]
    public void What_a_killed_build_left_is_removed_by_the_next_and_what_another_is_at_is_not()
    {
        var first = StudyReport.Build(Small.Facts(), [.. AggregationRule.BuiltIn.Take(2)]);
        // It was killed when half of its files had their places.
        using (var killed = new StagedReport(_folder))
        {
            var files = ReportFiles.Add(first, killed.Path, ["csv"], TestContext.Current.CancellationToken);
            ReportRecord.In(_folder).Announce(first.Origin, killed.Path, files);
            killed.Finish([.. files.Take(files.Count / 2)]);
        }
        var left = Directory.CreateDirectory(Path.Combine(_folder, ".unfinished-left")).FullName;
        File.WriteAllText(Path.Combine(left, ".lock"), "");
        File.WriteAllText(Path.Combine(_folder, "mine.txt"), "");
        using var going = new StagedReport(_folder);
        var written = ReportFolder.Write(StudyReport.Build(Small.Facts()), _folder, ["markdown"]);
        Assert.True(written.Removed.Count > 10);
        Assert.Equal(
            written.Files.Concat([ReportRecord.FileName, $"{Path.GetFileName(going.Path)}/.lock", "mine.txt"])
                .Order(StringComparer.Ordinal),
            Contents().Keys);
        Assert.False(Directory.Exists(left));
    }

    private SortedDictionary<string, string> Contents() => new(
        Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(_folder, file),
            file => file.EndsWith(".lock", StringComparison.Ordinal) ? "" : Convert.ToHexString(File.ReadAllBytes(file))),
        StringComparer.Ordinal);

    [Fact]
    public void A_figure_as_PDF_has_its_fonts_inside_and_no_clock()
    {
        ReportFolder.Write(StudyReport.Build(Small.Facts()), _folder, ["figures"]);
        var bytes = File.ReadAllBytes(Path.Combine(_folder, "figures", "fig_norm_tiny-llama_cpp.pdf"));
        var source = System.Text.Encoding.Latin1.GetString(bytes);
        Assert.DoesNotContain("Date", source);
        Assert.Contains("/FontFile2", source);
        Assert.Equal(2, source.Split("/FontFile2").Length - 1);
        using var pdf = UglyToad.PdfPig.PdfDocument.Open(bytes);
        var page = pdf.GetPage(1);
        Assert.Contains("tiny-llama", string.Concat(page.Letters.Select(l => l.Value)));
        Assert.Empty(page.GetImages());
        Assert.Equal(252, page.Width, 0.01);
    }

    [Fact]
    public void A_figure_as_PNG_states_the_size_of_the_figure_as_PDF()
    {
        var figure = StudyReport.Build(Small.Facts()).Blocks.OfType<FigureGrid>().First().Figures[0];
        var png = FigureFiles.Png(figure);
        var size = png.AsSpan().IndexOf("pHYs"u8) + 4;
        Assert.True(png.AsSpan().IndexOf("IHDR"u8) < size && size < png.AsSpan().IndexOf("IDAT"u8), "Its size stands after its pixels.");
        Assert.Equal(1, png[size + 8]);
        var (pixels, perMetre) = (Number(png.AsSpan().IndexOf("IHDR"u8) + 4), Number(size));
        using var pdf = UglyToad.PdfPig.PdfDocument.Open(FigurePdf.Of(figure));
        Assert.Equal(pdf.GetPage(1).Width, pixels / (double)perMetre / 0.0254 * 72, 0.02);
        Assert.Equal(perMetre, Number(size + 4));

        uint Number(int at) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
    }

    [Fact]
    public void Lines_are_told_apart_in_grey_by_markers_each_at_places_of_its_own()
    {
        PointChart Chart(int lines) => new(
            ["losses"], "", ChartSpan.Half, new("step", 0, 63, AxisScale.Whole), new("loss", 0, 1),
            [
                .. Enumerable.Range(0, lines).Select(i => new ChartSeries(
                    $"line {i}", 0, SeriesLook.Line, [.. Enumerable.Range(0, 64).Select(x => new ChartPoint(x, i / 11.0))])),
            ],
            [], "");
        // Of style 0, which is a circle; one more in the legend.
        int Circles(PointChart chart) => FigureFiles.SvgFile(new("figures/one", chart, null)).Split("<ellipse").Length - 1;
        Assert.Equal(7 * 10, Circles(Chart(10)));
        Assert.Equal(0, Circles(Chart(1)));
        var chart = Chart(10);
        var marked = chart.Series.SelectMany((series, place) => PointDrawing.Marked(chart, series, place)).ToList();
        Assert.Equal(marked.Count, marked.Distinct().Count());
        Assert.All(marked, i => Assert.InRange(i, 0, 63));
        // A line of a few points has one at each.
        Assert.Equal([0, 1, 2], PointDrawing.Marked(chart, chart.Series[0] with { Points = [.. chart.Series[0].Points.Take(3)] }, 5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(250_000)]
    [InlineData(1e12)]
    [InlineData(1e300)]
    public void Numbers_of_a_chart_stand_beside_the_title_of_their_axis_and_on_the_figure_however_long_they_are(double value)
    {
        ChartAxis axis = new("sum of norms", 0, value);
        Chart[] charts =
        [
            new PointChart(["m"], "", ChartSpan.Half, new("layer", 0, 1, AxisScale.Whole), axis,
                [new("Series", 0, SeriesLook.Line, [new(0, 0), new(1, value)])], [], ""),
            new HeatMap(["m"], "", ChartSpan.Half, "layer", ["0", "1"], ["a", "b", "c"], [[0, value], [0, 0], [0, 0]], axis),
        ];
        foreach (var chart in charts)
        {
            using var pdf = UglyToad.PdfPig.PdfDocument.Open(FigurePdf.Of(new("figures/one", chart, null)));
            var page = pdf.GetPage(1);
            var (level, upright) = (page.Letters.Where(l => l.TextOrientation == TextOrientation.Horizontal).ToList(),
                page.Letters.Where(l => l.TextOrientation != TextOrientation.Horizontal).ToList());
            Assert.Equal(chart is PointChart, upright.Count > 0);
            var axisTitle = upright.Select(l => l.StartBaseLine.X).DefaultIfEmpty(-1).Max();
            var numbers = level.Where(l => char.IsAsciiDigit(l.Value[0])).ToList();
            Assert.NotEmpty(numbers);
            Assert.All(numbers, l => Assert.InRange(l.StartBaseLine.X, axisTitle + 1.5, page.Width - 4));
        }
    }

    [Fact]
    public void Every_table_has_its_data_as_CSV()
    {
        foreach (var sample in new[] { SampleStudy.WithMissingRuns, SampleStudy.Reference, SampleStudy.OddNames })
        {
            var document = StudyReport.Build(sample.Facts(), [AggregationRule.BlockSum, AggregationRule.ComponentFrobenius]);
            var data = document.Data.ToDictionary(d => d.Path);
            foreach (var table in document.Blocks.OfType<ReportTable>())
            {
                Assert.True(data.ContainsKey(table.Data), $"{table.Label} ({table.Name}) names {table.Data}, which the report has not.");
                Assert.True(data[table.Data].Rows.Count > 0, $"{table.Data} is empty.");
                Assert.All(data[table.Data].Rows, row => Assert.Equal(data[table.Data].Header.Count, row.Count));
                Assert.Equal(data[table.Data].Header.Count, data[table.Data].Header.Distinct().Count());
                // A number that was rounded for the page is whole here: no cell of a column of numbers is its print.
                foreach (var column in table.Columns.Where(c => c.Kind == ColumnKind.Number))
                    if (data[table.Data].Header.ToList().IndexOf(column.Title.ToLowerInvariant().Replace(' ', '_')) is var c and >= 0)
                        Assert.All(data[table.Data].Rows, row => Assert.False(row[c] is string, $"{table.Data}: {row[c]} is printed."));
            }
        }
    }

    [Fact]
    public void Only_the_formats_asked_for_are_written_and_nothing_temporary_stays()
    {
        var written = ReportFolder.Write(StudyReport.Build(Small.Facts()), _folder, ["csv", "html"]).Files;
        Assert.Equal(
            ["report.html", "tables/aggregated-norms.csv", "tables/bits-per-byte.csv", "tables/domains-table.csv", "tables/efficiency.csv",
                "tables/environments-table.csv", "tables/fonts-table.csv", "tables/layer-module.csv", "tables/loss.csv", "tables/norms.csv",
                "tables/perplexity-normalised.csv", "tables/perplexity.csv", "tables/rankings.csv", "tables/rules-table.csv",
                "tables/runs.csv", "tables/targeted-gains.csv"],
            written);
        var found = Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder, f));
        Assert.Equal([ReportRecord.FileName, .. written], found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_unknown_format_is_refused_before_anything_is_written()
    {
        var refused = Assert.Throws<RuleViolation>(() => ReportFolder.Write(StudyReport.Build(Small.Facts()), _folder, ["csv", "docx"]));
        Assert.Equal("'docx' is not a report format; the formats are pdf, html, latex, markdown, csv, figures, json.", refused.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void A_file_that_cannot_take_its_place_leaves_no_remains()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "report.html"));
        Assert.ThrowsAny<Exception>(() => ReportFolder.Write(StudyReport.Build(Small.Facts()), _folder, ["html"]));
        Assert.Empty(Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Numbers_in_CSV_read_back_as_the_same_numbers()
    {
        var facts = new SampleStudy().Facts();
        var csv = CsvFile.Of(StudyReport.Build(facts).Data.Single(d => d.Path == "tables/perplexity.csv"));
        var rows = csv.Split("\r\n")[1..^1].Select(l => l.Split(',')).ToList();
        Assert.Equal(12, rows.Count);
        foreach (var row in rows)
        {
            var all = facts.Runs.Single(r => r.Model == row[0] && r.Domain == row[1] && r.Role == "all");
            Assert.Equal(all.Perplexity, double.Parse(row[5], CultureInfo.InvariantCulture));
        }
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"so\"", "\"say \"\"so\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData(" space", "\" space\"")]
    [InlineData(null, "")]
    [InlineData(0.1, "0.1")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    [InlineData(7, "7")]
    public void A_CSV_field_follows_RFC_4180(object? value, string field) =>
        Assert.Equal($"x\r\n{field}\r\n", CsvFile.Of(new("t.csv", ["x"], [[value]])));

    [Fact]
    public void The_HTML_is_well_formed_and_needs_nothing_else()
    {
        foreach (var sample in new[] { SampleStudy.WithMissingRuns, SampleStudy.OddNames })
        {
            var html = HtmlReport.Render(StudyReport.Build(sample.Facts()));
            // The void elements closed, it is XML: every tag has its end, every attribute its quotes.
            var xml = XDocument.Parse(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)
                .Replace("\">\n<meta", "\"/>\n<meta", StringComparison.Ordinal)
                .Replace("\">\n<title", "\"/>\n<title", StringComparison.Ordinal));
            var ids = xml.Descendants().Attributes("id").Select(a => a.Value).ToList();
            Assert.Equal(ids.Count, ids.Distinct().Count());
            Assert.All(xml.Descendants().Attributes("href"), a => Assert.Contains(a.Value[1..], ids));
            Assert.All(xml.Descendants().Attributes("clip-path"), a => Assert.Contains(a.Value[5..^1], ids));
            Assert.Empty(xml.Descendants().Attributes("src"));
            Assert.Empty(xml.Descendants("script"));
            Assert.DoesNotContain("@import", html);
            Assert.DoesNotContain("url(http", html);
        }
    }

    [Fact]
    public void The_HTML_holds_every_number_of_every_table_and_a_figure_for_every_cell()
    {
        var document = StudyReport.Build(SampleStudy.WithMissingRuns.Facts());
        var html = HtmlReport.Render(document);
        var text = System.Net.WebUtility.HtmlDecode(html);
        foreach (var cell in document.Blocks.OfType<ReportTable>().SelectMany(t => t.Groups).SelectMany(g => g.Rows).SelectMany(r => r))
            Assert.Contains($">{cell.Text}<", text);
        Assert.Equal(document.Blocks.OfType<FigureGrid>().Sum(g => g.Figures.Count), html.Split("role=\"img\"").Length - 1);
    }

    [Fact]
    public void A_standalone_figure_holds_its_lines_its_words_and_no_dangling_reference()
    {
        ReportFolder.Write(StudyReport.Build(Small.Facts()), _folder, ["figures"]);
        var svg = XDocument.Load(Path.Combine(_folder, "figures", "fig_norm_tiny-llama_cpp.svg"));
        var words = svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToList();
        Assert.Equal(["tiny-llama · cpp", "Attention", "MLP", "All"], words.Take(4));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7"], words.Where(w => w.Length == 1).Take(8));
        Assert.Contains("sum of ‖ΔW‖", words);
        Assert.Contains("layer", words);
        var ids = svg.Descendants().Attributes("id").Select(a => a.Value).ToHashSet();
        Assert.All(svg.Descendants().Attributes("clip-path"), a => Assert.Contains(a.Value[5..^1], ids));
        // Eight layers on three lines, and one marker each in the legend.
        Assert.Equal(9, svg.Descendants().Count(e => e.Name.LocalName == "ellipse"));
        var shown = svg.Descendants().Where(e => e.Name.LocalName == "rect" && e.Parent!.Name.LocalName != "clipPath");
        Assert.All(shown, r => Assert.NotNull(r.Attribute("fill")));
    }

    private static SampleStudy Small => new() { Models = [("tiny-llama", "llama", 8)], Domains = ["cpp"] };
}
