using System.Text.RegularExpressions;
using LdcLedger.Domain.Tests;
using LdcLedger.Domain.Rules;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Pdf;
using LdcLedger.Reports.Studies;
using SkiaSharp;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Graphics.Operations.TextShowing;
using UglyToad.PdfPig.Outline;
using Xunit;

namespace LdcLedger.Reports.Tests;

public sealed partial class PdfReportTests
{
    private static readonly ReportDocument Losses = StudyReport.Build(SampleStudy.WithMissingRuns.Facts());
    private static readonly ReportDocument Reference = StudyReport.Build(SampleStudy.Reference.Facts());
    private static readonly byte[] LossesPdf = PdfReport.Render(Losses);
    private static readonly byte[] ReferencePdf = PdfReport.Render(Reference);

    [Fact]
    public void Every_number_of_every_table_is_text_that_can_be_selected()
    {
        using var pdf = PdfDocument.Open(LossesPdf);
        var text = string.Concat(pdf.GetPages().SelectMany(p => p.Letters).Select(l => l.Value));
        foreach (var cell in Losses.Blocks.OfType<ReportTable>().SelectMany(t => t.Groups).SelectMany(g => g.Rows).SelectMany(r => r))
            foreach (var word in cell.Text.Split(' '))
                Assert.Contains(word, text);
    }

    [Fact]
    public void Every_page_says_which_of_how_many_it_is()
    {
        using var pdf = PdfDocument.Open(ReferencePdf);
        Assert.True(pdf.NumberOfPages > 15);
        foreach (var page in pdf.GetPages())
            Assert.Contains($"page{page.Number}of{pdf.NumberOfPages}", Lines(page)[^1]);
    }

    [Fact]
    public void A_table_that_goes_on_over_the_page_has_its_header_again()
    {
        using var pdf = PdfDocument.Open(ReferencePdf);
        var runs = Reference.Blocks.OfType<ReportTable>().Single(t => t.Name == "runs");
        var heading = $"{runs.Label},continued".Replace(" ", "");
        var going = pdf.GetPages().Select(Lines)
            .Where(lines => lines.Any(line => line.StartsWith(heading, StringComparison.Ordinal))).ToList();
        Assert.True(going.Count >= 3);
        Assert.All(going, lines => Assert.Contains(string.Concat(runs.Columns.Select(c => c.Title)), lines));
    }

    [Fact]
    public void No_heading_ends_a_page()
    {
        foreach (var (document, bytes) in new[] { (Losses, LossesPdf), (Reference, ReferencePdf) })
        {
            using var pdf = PdfDocument.Open(bytes);
            var titles = document.Sections.Select((s, i) => $"{i + 1}{s.Title}".Replace(" ", "")).ToHashSet();
            foreach (var page in pdf.GetPages())
            {
                var lines = Lines(page);
                Assert.DoesNotContain(lines[^2], titles);
            }
        }
    }

    [Fact]
    public void The_outline_has_every_section_on_its_page()
    {
        using var pdf = PdfDocument.Open(ReferencePdf);
        Assert.True(pdf.TryGetBookmarks(out var bookmarks));
        Assert.Equal(Reference.Sections.Select((s, i) => $"{i + 1} {s.Title}"), bookmarks.Roots.Select(r => r.Title));
        Assert.Equal(
            Reference.Sections[^1].Sections.Select((s, i) => $"{Reference.Sections.Count}.{i + 1} {s.Title}"),
            bookmarks.Roots[^1].Children.Select(c => c.Title));
        foreach (var bookmark in bookmarks.Roots.Cast<DocumentBookmarkNode>())
            Assert.Contains(bookmark.Title.Replace(" ", ""), Lines(pdf.GetPage(bookmark.PageNumber)));
    }

    [Fact]
    public void The_contents_name_the_pages_and_lead_there()
    {
        using var pdf = PdfDocument.Open(ReferencePdf);
        Assert.True(pdf.TryGetBookmarks(out var bookmarks));
        // Two entries stand in a line.
        var lines = string.Join('\n', Lines(pdf.GetPage(1)));
        foreach (var bookmark in bookmarks.Roots.Cast<DocumentBookmarkNode>())
            Assert.Contains($"{bookmark.Title}{bookmark.PageNumber}".Replace(" ", ""), lines, StringComparison.Ordinal);
        // The summary below the contents refers to tables and sections, too.
        Assert.InRange(pdf.GetPage(1).GetAnnotations().Count(), bookmarks.Roots.Count + 1, int.MaxValue);
    }

    [Fact]
    public void Its_only_clock_is_the_study()
    {
        using var pdf = PdfDocument.Open(LossesPdf);
        Assert.StartsWith("D:20260314092953", pdf.Information.CreationDate);
        Assert.StartsWith("D:20260314092953", pdf.Information.ModifiedDate);
        Assert.Equal("demo with losses", pdf.Information.Title);
    }

    [Fact]
    public void Every_letter_is_of_a_font_that_comes_with_us()
    {
        // A letter that ours lack would be the machine's, and the report another one where the machine has none.
        foreach (var bytes in new[] { LossesPdf, PdfReport.Render(StudyReport.Build(new SampleStudy().Facts(), AggregationRule.BuiltIn)) })
        {
            using var pdf = PdfDocument.Open(bytes);
            var fonts = pdf.GetPages().SelectMany(p => p.Letters).Select(l => Subset().Replace(l.FontName ?? "", "")).Distinct().Order();
            Assert.Empty(fonts.Except(
                ["NotoSans-Bold", "NotoSans-Italic", "NotoSans-Regular", "NotoSansMath-Regular", "NotoSansMono-Regular"]));
        }
    }

    [Fact]
    public void Words_are_runs_of_text_and_every_letter_stands_where_it_was_measured()
    {
        const string text = "Whatever a reader selects, AV and To, 0.123 and ‖ΔW‖: it is text.";
        using var pdf = PdfDocument.Open(PdfReport.Render(EveryBlockIsDrawn.With(new Paragraph(text))));
        var page = pdf.GetPage(1);
        var letters = page.Letters.ToList();
        var start = string.Concat(letters.Select(l => l.Value)).IndexOf(text, StringComparison.Ordinal);
        using var file = typeof(PdfReport).Assembly.GetManifestResourceStream("NotoSans-Regular.ttf")!;
        using var typeface = SKTypeface.FromStream(file);
        using var font = new SKFont(typeface, 9.4f) { Subpixel = true, LinearMetrics = true, Hinting = SKFontHinting.None };
        for (var i = 0; i < text.Length; i++)
            Assert.Equal(56 + font.MeasureText(text[..i]), letters[start + i].StartBaseLine.X, 0.05);
        Assert.True(page.Operations.OfType<ShowText>().Count() < letters.Count / 4);
    }

    [Fact]
    public void A_figure_is_drawn_once_and_as_vectors()
    {
        using var pdf = PdfDocument.Open(LossesPdf);
        Assert.All(pdf.GetPages(), page => Assert.Empty(page.GetImages()));
        var legends = pdf.GetPages().SelectMany(Lines).Sum(line => Regex.Count(line, "Attention(?=MLP|All)|Attention\\(missing\\)"));
        var charts = Losses.Blocks.OfType<FigureGrid>().SelectMany(grid => grid.Figures).Select(f => f.Chart).OfType<PointChart>();
        Assert.Equal(charts.Count(chart => chart.Series.Any(s => s.Name == "Attention")), legends);
    }

    /// <summary>Letters of a page by baseline, top to bottom, without spaces and dots of leaders.</summary>
    private static List<string> Lines(Page page) =>
        [.. page.Letters.Where(l => l.Value.Trim().Length > 0).GroupBy(l => Math.Round(l.StartBaseLine.Y, 1)).OrderByDescending(g => g.Key)
            .Select(g => string.Concat(g.OrderBy(l => l.StartBaseLine.X).Select(l => l.Value)))];

    [GeneratedRegex("^[A-Z]{6}\\+")]
    private static partial Regex Subset();
}
