using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Latex;
using LdcLedger.Reports.Studies;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>What is written for LaTeX goes through a plain installation of it, as it is.</summary>
[Trait("Needs", "processes")]
public sealed partial class LatexCompiles : IDisposable
{
    private const string HowToInstall =
        "pdflatex is not installed here; apt install texlive-latex-base texlive-latex-recommended.";

    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-latex-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Studies => ["odd", "reference", "losses"];

    [Theory]
    [MemberData(nameof(Studies))]
    public void The_report_with_all_its_tables_and_figures(string study)
    {
        Assert.SkipUnless(IsInstalled, HowToInstall);
        var (sample, rules) = study switch
        {
            "odd" => (OddStudy.Sample, (AggregationRule[])[AggregationRule.BlockSum, AggregationRule.ComponentFrobenius]),
            "reference" => (SampleStudy.Reference, [AggregationRule.BlockSum]),
            "losses" => (SampleStudy.WithMissingRuns, [AggregationRule.BlockSum]),
            _ => throw new ArgumentOutOfRangeException(nameof(study), study, "There is no such study."),
        };
        var document = StudyReport.Build(sample.Facts(), rules);
        ReportFolder.Write(document, _folder, ["latex"]);
        var log = "";
        for (var pass = 0; pass < 3; pass++)
            log = Compile("report.tex");
        // A font without a shape takes another's; a reference has none to take.
        Assert.DoesNotContain("undefined", log.Replace("/n' undefined", "", StringComparison.Ordinal));
        Assert.DoesNotContain("multiply defined", log);
        // A sign of text in a formula is another letter there.
        Assert.DoesNotContain("invalid in math mode", log);
        Assert.DoesNotContain("Rerun to get", log);
        // Nothing runs into the margin, or a column into the next: a point is less than a space.
        Assert.All(Overfull().Matches(log), m => Assert.True(double.Parse(m.Groups[1].Value, null) < 3, m.Value));
        using var pdf = PdfDocument.Open(File.ReadAllBytes(Path.Combine(_folder, "report.pdf")));
        Assert.All(pdf.GetPages().SkipLast(1), page => Assert.True(
            LowestOn(page) < LowestLine + TextHeight / 3, $"Page {page.Number} ends at {LowestOn(page)}: a third of it or more is empty."));
        // What no font of LaTeX has is its code there, too.
        Assert.StartsWith(document.Title[..5], pdf.Information.Title, StringComparison.Ordinal);
        var text = string.Concat(pdf.GetPages().SelectMany(p => p.Letters).Select(l => l.Value));
        foreach (var cell in document.Blocks.OfType<ReportTable>().SelectMany(t => t.Groups).SelectMany(g => g.Rows).SelectMany(r => r))
            if (cell.Text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.'))
                Assert.Contains(cell.Text, text);
        // LaTeX numbers tables and figures itself: the same numbers, because they come in the same order.
        foreach (var table in document.Blocks.OfType<ReportTable>())
            Assert.Contains(
                $"{table.Label.Replace(" ", "")}:{(table.Caption.All(char.IsAscii) ? Letters(table.Caption) : "")}", Letters(text));
    }

    /// <summary>Tables of several seeds, of long names, of many columns and of many rules, in the two widths that a line has.</summary>
    [Theory]
    [InlineData("onecolumn")]
    [InlineData("twocolumn")]
    public void Each_table_figure_and_equation_in_a_paper_with_the_packages_that_it_names(string columns)
    {
        Assert.SkipUnless(IsInstalled, HowToInstall);
        SampleStudy odd = new() { Models = OddStudy.Sample.Models, Domains = [.. OddStudy.Sample.Domains.TakeLast(3)], Seeds = [1, 2, 3] };
        SampleStudy many = new()
        {
            Seeds = [1, 2], Domains = ["cpp", "math"], Models = [("m", "llama", 12), ("n", "llama", 12), ("o", "llama", 12)],
            Regimes = ["attention", "mlp", "all", "full-all"],
            Stage2 = Stage2Spec.Default with { Top = [1, 2, 3, 5, 8] },
        };
        SampleStudy reference = new() { Models = SampleStudy.Reference.Models, Seeds = [1, 2, 3], Domains = ["medical"] };
        List<string> files =
        [
            .. Written("odd", odd, ["equations", "figures", "tables"], AggregationRule.BlockSum),
            .. Written("many", many, ["tables"], AggregationRule.BlockSum),
            .. Written("reference", reference, ["tables"], AggregationRule.BuiltIn),
            .. Written("losses", SampleStudy.WithMissingRuns, ["tables"], AggregationRule.BlockSum),
        ];
        Assert.True(files.Count > 60);
        foreach (var papers in files.GroupBy(PackagesOf).Where(p => columns == "onecolumn" || !p.Key.Contains("longtable")))
        {
            // In a group: what another file defines is no help.
            File.WriteAllText(
                Path.Combine(_folder, "paper.tex"),
                $"\\documentclass[{columns}]{{article}}\n{papers.Key}\\begin{{document}}\n\\listoftables\n"
                    + string.Concat(papers.Select(file => $"\\begingroup{Graphics(file)}\\input{{{file}}}\\endgroup\\clearpage\n"))
                    + "\\end{document}\n");
            var log = Compile("paper.tex");
            // What stands in the list of tables is read the second time, and is the same in both papers.
            if (columns == "onecolumn")
                log = Compile("paper.tex");
            // But the list of tables, whose words LaTeX sets in a narrower line still.
            foreach (var m in Overfull().Matches(log).Cast<Match>())
                if (InputFile().Matches(log[..m.Index]).Last().Value is var file && !file.EndsWith(".lot", StringComparison.Ordinal))
                    Assert.True(double.Parse(m.Groups[1].Value, null) < 3, $"{m.Value} in {file}");
            using var pdf = PdfDocument.Open(File.ReadAllBytes(Path.Combine(_folder, "paper.pdf")));
            // Legible: as \scriptsize, and as a figure that fits one of two columns. The narrow line of LaTeX's own article takes less.
            var digits = pdf.GetPages().SelectMany(page => page.Letters).Where(letter => char.IsAsciiDigit(letter.Value[0])).ToList();
            var least = papers.Key.Contains("graphicx") ? columns == "twocolumn" ? 5.7 : 4.1 : columns == "twocolumn" ? 6.9 : 4.9;
            Assert.All(digits, digit => Assert.True(
                digit.PointSize >= least, $"{digit.Value} is of {digit.PointSize} points: {papers.Key}"));
        }

        string PackagesOf(string file) => string.Concat(
            Packages().Matches(File.ReadLines(Path.Combine(_folder, file)).First()).Select(m => m.Value + "\n"));

        static string Graphics(string file) =>
            file.Contains("/figures/", StringComparison.Ordinal) ? $"\\graphicspath{{{{{file.Split('/')[0]}/}}}}" : "";
    }

    private IEnumerable<string> Written(string name, SampleStudy study, string[] kinds, params IReadOnlyList<AggregationRule> rules)
    {
        foreach (var (path, content) in ReportFiles.Content(StudyReport.Build(study.Facts(), rules), ["latex"]))
            if (kinds.Contains(path.Split('/')[0]))
            {
                ReportFiles.Write(_folder, $"{name}/{path}", content());
                if (path.EndsWith(".tex", StringComparison.Ordinal))
                    yield return $"{name}/{path}";
            }
    }

    [Fact]
    public void A_heading_is_followed_by_what_it_leads_to_wherever_on_a_page_it_stands()
    {
        Assert.SkipUnless(IsInstalled, HowToInstall);
        // A table of a few lines below a long caption and a head of several lines: it stays whole, and so takes the next page.
        ReportTable Table(int i) => new(
            $"t{i}", $"Table {i}", string.Join(' ', Enumerable.Repeat("Words of a caption.", 30)),
            [new("First", ColumnKind.Words), new("A title of many words in lines", ColumnKind.Number)],
            [new(null, [.. Enumerable.Range(0, 5).Select(r => (IReadOnlyList<ReportCell>)[new($"row {r}"), new("1")])])], []);
        var document = EveryBlockIsDrawn.With(new Paragraph("Text."));
        ReportFolder.Write(document with
        {
            Sections =
            [
                .. Enumerable.Range(1, 40).Select(i => new ReportSection(
                    $"s{i}", $"Heading {i}", [Table(i), .. Enumerable.Repeat(new Paragraph("A line."), i * 7 % 23)], [])),
            ],
        }, _folder, ["latex"]);
        Compile("report.tex");
        Compile("report.tex");
        using var pdf = PdfDocument.Open(File.ReadAllBytes(Path.Combine(_folder, "report.pdf")));
        // After the contents, no page ends with letters as large as those of a heading.
        Assert.All(pdf.GetPages().Skip(2), page => Assert.True(
            page.Letters.Where(letter => letter.StartBaseLine.Y > LowestLine - 10).MinBy(letter => letter.StartBaseLine.Y)!.PointSize < 13,
            $"Page {page.Number} ends with a heading."));
    }

    [Fact]
    public void A_list_is_set_in_vectors_also_without_lmodern()
    {
        Assert.SkipUnless(IsInstalled, HowToInstall);
        var latex = LatexReport.Of(EveryBlockIsDrawn.With(new BulletList(["one", "two"])));
        File.WriteAllText(Path.Combine(_folder, "report.tex"), latex.Replace("lmodern.sty", "none.sty", StringComparison.Ordinal));
        Assert.DoesNotContain("pk>", Compile("report.tex"));
    }

    [Fact]
    public void A_character_that_the_font_of_LuaLaTeX_lacks_is_its_code()
    {
        Assert.SkipUnless(Has("lualatex"), "lualatex is not installed here; apt install texlive-luatex.");
        var text = LatexText.Escape("ab 数 я 😀 é");
        File.WriteAllText(
            Path.Combine(_folder, "letters.tex"),
            $"\\documentclass{{article}}\n{string.Join('\n', LatexText.DefinitionsFor(text))}\n"
                + $"\\begin{{document}}\n{text}\n\\end{{document}}\n");
        Assert.DoesNotContain("Missing character", Compile("letters.tex", "lualatex"));
        using var pdf = PdfDocument.Open(File.ReadAllBytes(Path.Combine(_folder, "letters.pdf")));
        var letters = string.Concat(pdf.GetPage(1).Letters.Select(letter => letter.Value));
        Assert.StartsWith("abU+6570", letters);
        Assert.Contains("U+1F600é", letters);
    }

    [Fact]
    public void Every_character_that_stands_in_the_source_as_it_is()
    {
        Assert.SkipUnless(IsInstalled, HowToInstall);
        var others = Enumerable.Range(32, 95).Concat(Enumerable.Range(0xA0, 0x60)).Concat(Enumerable.Range(0x2010, 0x200));
        var characters = LatexText.Letters + LatexText.MoreLetters + string.Concat(others.Select(c => (char)c));
        var escaped = characters.Select(c => LatexText.Escape(c.ToString())).ToList();
        var definitions = string.Concat(LatexText.DefinitionsFor(string.Concat(escaped)).Select(d => d + "\n"));
        foreach (var encoding in new[] { "", "\\usepackage[T1]{fontenc}\n" })
        {
            File.WriteAllText(Path.Combine(_folder, "letters.tex"),
                $"\\documentclass{{article}}\n{encoding}{definitions}\\begin{{document}}\n{string.Concat(escaped.Select(e => $"[{e}]\n"))}"
                + $"\\section{{{string.Concat(escaped)}}}\\end{{document}}\n");
            Assert.DoesNotContain("Missing character", Compile("letters.tex"));
        }
    }

    // Of A4 with margins of 25 mm, in points; the page's number stands below.
    private const double LowestLine = 71, TextHeight = 700;

    private static double LowestOn(Page page) =>
        page.Letters.Select(letter => letter.StartBaseLine.Y).Where(y => y > LowestLine - 10).DefaultIfEmpty(TextHeight).Min();

    private static bool IsInstalled => Has("pdflatex");

    private static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    private string Compile(string file, string program = "pdflatex")
    {
        var start = new ProcessStartInfo(program, ["-halt-on-error", "-interaction=nonstopmode", file])
        {
            WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["max_print_line"] = "1000";
        using var process = Process.Start(start) ?? throw new Win32Exception($"{program} did not start.");
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(3)), $"{program} is still at {file} after three minutes.");
        Assert.True(process.ExitCode == 0, $"{program} {file} failed:\n{output[Math.Max(0, output.Length - 3000)..]}");
        return output + errors.Result;
    }

    private static string Letters(string text) => string.Concat(text.Where(c => char.IsAsciiLetterOrDigit(c) || c == ':'));

    [GeneratedRegex(@"Overfull \\hbox \(([0-9.]+)pt too wide\)[^\n]*")]
    private static partial Regex Overfull();

    [GeneratedRegex(@"(?<=\()[^\s()]+\.(?:tex|lot)")]
    private static partial Regex InputFile();

    [GeneratedRegex(@"\\usepackage\{[a-z]+\}")]
    private static partial Regex Packages();
}
