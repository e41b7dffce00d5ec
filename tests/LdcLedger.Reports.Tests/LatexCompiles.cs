using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using LdcLedger.Domain.Rules;
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
        ReportFiles.Write(document, _folder, ["latex"]);
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
        var text = string.Concat(pdf.GetPages().SelectMany(p => p.Letters).Select(l => l.Value));
        foreach (var cell in document.Blocks.OfType<ReportTable>().SelectMany(t => t.Groups).SelectMany(g => g.Rows).SelectMany(r => r))
            if (cell.Text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.'))
                Assert.Contains(cell.Text, text);
        // LaTeX numbers tables and figures itself: the same numbers, because they come in the same order.
        foreach (var table in document.Blocks.OfType<ReportTable>())
            Assert.Contains(
                $"{table.Label.Replace(" ", "")}:{(table.Caption.All(char.IsAscii) ? Letters(table.Caption) : "")}", Letters(text));
    }

    [Fact]
    public void Each_table_and_figure_alone_with_the_packages_that_it_names()
    {
        Assert.SkipUnless(IsInstalled, HowToInstall);
        var document = StudyReport.Build(OddStudy.Sample.Facts());
        var files = ReportFiles.Write(document, _folder, ["latex"]).Files
            .Where(f => f.EndsWith(".tex", StringComparison.Ordinal) && f != "report.tex").ToList();
        Assert.True(files.Count > 10);
        foreach (var (file, i) in files.Select((file, i) => (file, i)))
        {
            var needs = File.ReadLines(Path.Combine(_folder, file)).First();
            var packages = string.Concat(Packages().Matches(needs).Select(m => m.Value + "\n"));
            File.WriteAllText(
                Path.Combine(_folder, $"paper-{i}.tex"),
                $"\\documentclass{{article}}\n{packages}\\begin{{document}}\n\\listoftables\nText.\n\\input{{{file}}}\n"
                    + "\\end{document}\n");
            Compile($"paper-{i}.tex");
            Compile($"paper-{i}.tex");
        }
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

    private static bool IsInstalled => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "pdflatex")));

    private string Compile(string file)
    {
        var start = new ProcessStartInfo("pdflatex", ["-halt-on-error", "-interaction=nonstopmode", file])
        {
            WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["max_print_line"] = "1000";
        using var process = Process.Start(start) ?? throw new Win32Exception("pdflatex did not start.");
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(3)), $"pdflatex is still at {file} after three minutes.");
        Assert.True(process.ExitCode == 0, $"pdflatex {file} failed:\n{output[Math.Max(0, output.Length - 3000)..]}");
        return output + errors.Result;
    }

    private static string Letters(string text) => string.Concat(text.Where(c => char.IsAsciiLetterOrDigit(c) || c == ':'));

    [GeneratedRegex(@"Overfull \\hbox \(([0-9.]+)pt too wide\)[^\n]*")]
    private static partial Regex Overfull();

    [GeneratedRegex(@"\\usepackage\{[a-z]+\}")]
    private static partial Regex Packages();
}
