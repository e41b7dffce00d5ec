using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using LdcLedger.Domain.Tests;
using LdcLedger.Domain;
using LdcLedger.Reports.Csv;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Html;
using LdcLedger.Reports.Latex;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

public sealed class RenderedFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_same_facts_give_the_same_bytes_in_every_file()
    {
        var first = Hashes(Path.Combine(_folder, "first"), SampleStudy.WithMissingRuns);
        var second = Hashes(Path.Combine(_folder, "second"), SampleStudy.WithMissingRuns);
        Assert.Equal(first, second);
        Assert.Contains("report.pdf", first.Keys);
        Assert.Contains("figures/fig_norm_tiny-gemma3_python.png", first.Keys);
    }

    [Fact]
    public void Only_the_formats_asked_for_are_written_and_nothing_temporary_stays()
    {
        var written = ReportFiles.Write(StudyReport.Build(Small.Facts()), _folder, ["csv", "html"]);
        Assert.Equal(
            ["report.html", "tables/aggregated-norms.csv", "tables/bits-per-byte.csv", "tables/efficiency.csv",
                "tables/layer-module.csv", "tables/loss.csv", "tables/norms.csv",
                "tables/perplexity-normalised.csv", "tables/perplexity.csv", "tables/rankings.csv", "tables/runs.csv"],
            written);
        var found = Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder, f));
        Assert.Equal(written, found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_unknown_format_is_refused_before_anything_is_written()
    {
        var refused = Assert.Throws<RuleViolation>(() => ReportFiles.Write(StudyReport.Build(Small.Facts()), _folder, ["csv", "docx"]));
        Assert.Equal("'docx' is not a report format; the formats are pdf, html, latex, csv, figures.", refused.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void A_file_that_cannot_take_its_place_leaves_no_remains()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "report.html"));
        Assert.ThrowsAny<Exception>(() => ReportFiles.Write(StudyReport.Build(Small.Facts()), _folder, ["html"]));
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
        ReportFiles.Write(StudyReport.Build(Small.Facts()), _folder, ["figures"]);
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

    [Fact]
    public void A_LaTeX_table_escapes_what_LaTeX_would_read()
    {
        var table = new ReportTable("odd_name", "Table 1", "50 % of a_b & c",
            [new("Domain", ColumnKind.Words), new("PPL", ColumnKind.Number)],
            [new("m#1", [[new("c++ / c#"), new("1.00", Bold: true, Mark: "a")]])], [new("a", "seed {2} ~ lost")]);
        var latex = LatexTable.Of(table);
        Assert.Contains(@"\caption{50 \% of a\_b \& c}\label{tab:odd-name}", latex);
        Assert.Contains(@"\begin{tabular}{lr}", latex);
        Assert.Contains(@"\multicolumn{2}{l}{\textit{m\#1}} \\", latex);
        Assert.Contains(@"c++ / c\# & \textbf{1.00}\textsuperscript{a} \\", latex);
        Assert.Contains(@"seed \{2\} \textasciitilde{} lost", latex);
    }

    private static SampleStudy Small => new() { Models = [("tiny-llama", "llama", 8)], Domains = ["cpp"] };

    private static SortedDictionary<string, string> Hashes(string folder, SampleStudy sample)
    {
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in ReportFiles.Write(StudyReport.Build(sample.Facts()), folder))
            hashes[path] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, path))));
        return hashes;
    }
}
