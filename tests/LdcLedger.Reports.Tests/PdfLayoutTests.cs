using System.Collections.Concurrent;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Pdf;
using LdcLedger.Reports.Studies;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>Where words stand on the pages of studies of every shape.</summary>
public sealed class PdfLayoutTests
{
    private const double Left = 56, Right = 595.28 - 56, Top = 841.89 - 28, Bottom = 24, TopOfText = 841.89 - 50, BottomOfText = 50;

    private static readonly Dictionary<string, Func<ReportDocument>> Documents = new()
    {
        ["demo"] = () => StudyReport.Build(new SampleStudy().Facts(), AggregationRule.BuiltIn),
        ["losses"] = () => StudyReport.Build(SampleStudy.WithMissingRuns.Facts()),
        ["reference"] = () => StudyReport.Build(SampleStudy.Reference.Facts()),
        ["deep"] = () => StudyReport.Build(SampleStudy.Deep.Facts()),
        ["odd names"] = () => StudyReport.Build(SampleStudy.OddNames.Facts()),
        ["200 layers"] = () => StudyReport.Build(
            new SampleStudy { Models = [("two-hundred-layers", "llama", 200)], Domains = ["cpp", "math"], Seeds = [1, 2] }.Facts()),
        ["one layer, one domain"] = () => StudyReport.Build(
            new SampleStudy { Models = [("one", "llama", 1)], Domains = ["cpp"] }.Facts()),
        ["80 characters"] = () => StudyReport.Build(new SampleStudy
        {
            Models = [(new string('m', 80), "llama", 4), ("名前" + string.Concat(Enumerable.Repeat(" naïve", 13)), "gemma3", 4)],
            Domains = [new string('d', 80), string.Concat(Enumerable.Repeat("Δοκιμή ", 11)).Trim(), "c++ / c#"],
        }.Facts()),
        ["nothing measured"] = () => StudyReport.Build(
            new SampleStudy { Failing = _ => ("failed", "the loss was NaN at step 1; " + new string('x', 200)) }.Facts()),
    };

    private static readonly ConcurrentDictionary<string, byte[]> Rendered = new();

    public static TheoryData<string> Names => [.. Documents.Keys];

    private static PdfDocument Open(string name) => PdfDocument.Open(Rendered.GetOrAdd(name, n => PdfReport.Render(Documents[n]())));

    [Fact]
    public void The_summary_of_the_reference_study_ends_on_its_first_page()
    {
        using var pdf = Open("reference");
        var last = Documents["reference"]().Sections[0].Blocks.OfType<BulletList>().Single().Items[^1].Split(' ');
        Assert.Contains(
            string.Join(' ', last[^6..]), string.Join(' ', pdf.GetPage(1).GetWords().Select(word => word.Text)), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_word_is_cut_off_or_lies_over_another(string name)
    {
        using var pdf = Open(name);
        foreach (var page in pdf.GetPages())
        {
            var words = page.GetWords().Where(w => w.Text.Trim().Length > 0).ToList();
            foreach (var word in words)
            {
                var box = word.BoundingBox;
                Assert.True(
                    box.Left > Left - 2 && box.Right < Right + 2 && box.Bottom > Bottom && box.Top < Top,
                    $"'{word.Text}' leaves page {page.Number}: {box}.");
            }
            Assert.Empty(Overlapping(words).Select(
                pair => $"page {page.Number}: '{pair.One.Text}' {pair.One.BoundingBox} and '{pair.Other.Text}'"));
        }
    }

    [Theory]
    [InlineData("80 characters")]
    [InlineData("odd names")]
    [InlineData("200 layers")]
    public void No_name_is_cut_short_but_in_a_running_head(string name)
    {
        using var pdf = Open(name);
        Assert.All(pdf.GetPages(), page => Assert.DoesNotContain(
            page.Letters, letter => letter.Value == "…" && letter.StartBaseLine.Y is > BottomOfText and < TopOfText));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_page_but_the_last_has_a_third_of_it_empty_and_the_last_says_more_than_a_few_lines(string name)
    {
        using var pdf = Open(name);
        const double room = TopOfText - BottomOfText;
        foreach (var page in pdf.GetPages())
        {
            var lowest = page.Letters.Where(l => l.StartBaseLine.Y > BottomOfText).Min(l => l.StartBaseLine.Y);
            var used = (TopOfText - lowest) / room;
            Assert.True(
                used > (page.Number == pdf.NumberOfPages ? 0.15 : 0.7), $"Page {page.Number} of {pdf.NumberOfPages} is used by {used:0%}.");
        }
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("losses")]
    [InlineData("reference")]
    public void The_summary_ends_on_the_first_page(string name)
    {
        static string Plain(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit));
        var last = Plain(Documents[name]().Sections[0].Blocks.OfType<BulletList>().Single().Items[^1]);
        using var pdf = Open(name);
        var (first, second) = (Text(1), Text(2));
        Assert.True(
            Plain(first).Contains(last, StringComparison.Ordinal), $"The second page begins: {second[..Math.Min(800, second.Length)]}");

        string Text(int page) => string.Join(' ', pdf.GetPage(page).GetWords().Select(w => w.Text));
    }

    [Fact]
    public void No_page_begins_with_the_last_line_of_a_paragraph_or_ends_with_its_first()
    {
        // Paragraphs of four lines after more and more others, so that every line is once at the end of a page.
        for (var lines = 30; lines < 44; lines++)
        {
            var text = string.Join(' ', Enumerable.Range(1, 4).Select(i => $"word{i} " + string.Concat(Enumerable.Repeat("x", 85))));
            var document = EveryBlockIsDrawn.With(
            [
                .. Enumerable.Range(0, lines).Select(_ => new Paragraph("short")),
                .. Enumerable.Range(0, 12).Select(_ => new Paragraph(text)),
            ]);
            using var pdf = PdfDocument.Open(PdfReport.Render(document));
            foreach (var page in pdf.GetPages())
            {
                var counted = page.GetWords().Select(w => w.Text).Where(t => t.StartsWith("word", StringComparison.Ordinal)).ToList();
                Assert.False(counted is ["word4", ..], $"Page {page.Number} begins with a last line after {lines} others.");
                Assert.False(counted is [.., "word1"], $"Page {page.Number} ends with a first line after {lines} others.");
            }
        }
    }

    [Fact]
    public void A_caption_stays_with_its_table_and_the_notes_with_its_end()
    {
        for (var rows = 1; rows < 60; rows += 2)
        {
            var cells = Enumerable.Range(1, rows).Select(r => (IReadOnlyList<ReportCell>)[new($"row{r}"), new("1", Mark: "a")]);
            var table = new ReportTable(
                "t", "Table 1", "Captionword", [new("Headword", ColumnKind.Words), new("Number", ColumnKind.Number)],
                [new("Groupword", [.. cells])], [new("a", "Noteword")]);
            var document = EveryBlockIsDrawn.With([.. Enumerable.Range(0, 22).Select(_ => new Paragraph("short")), table]);
            using var pdf = PdfDocument.Open(PdfReport.Render(document));
            var words = pdf.GetPages().Select(p => p.GetWords().Select(w => w.Text).ToHashSet()).ToList();
            var captioned = words.Single(w => w.Contains("Captionword"));
            Assert.All(
                Enumerable.Range(1, Math.Min(2, rows)).Select(r => $"row{r}").Concat(["Headword", "Groupword"]),
                word => Assert.Contains(word, captioned));
            Assert.Contains(words, w => w.Contains("Noteword") && w.Contains($"row{rows}") && w.Contains($"row{Math.Max(1, rows - 1)}"));
            // Every page that shows rows has the header and says whose they are.
            Assert.All(words.Where(w => w.Any(t => t.StartsWith("row", StringComparison.Ordinal))), w => Assert.Contains("Headword", w));
        }
    }

    private static IEnumerable<(Word One, Word Other)> Overlapping(IReadOnlyList<Word> words)
    {
        var byLeft = words.OrderBy(w => w.BoundingBox.Left).ToList();
        for (var i = 0; i < byLeft.Count; i++)
            for (var j = i + 1; j < byLeft.Count && byLeft[j].BoundingBox.Left < byLeft[i].BoundingBox.Right; j++)
                if (Shared(byLeft[i].BoundingBox, byLeft[j].BoundingBox) > 0.2)
                    yield return (byLeft[i], byLeft[j]);
    }

    /// <summary>What part of the smaller box the other covers.</summary>
    private static double Shared(PdfRectangle one, PdfRectangle other)
    {
        var width = Math.Min(one.Right, other.Right) - Math.Max(one.Left, other.Left);
        var height = Math.Min(one.Top, other.Top) - Math.Max(one.Bottom, other.Bottom);
        var smaller = Math.Min(one.Width * one.Height, other.Width * other.Height);
        return width <= 0 || height <= 0 || smaller <= 0 ? 0 : width * height / smaller;
    }
}
