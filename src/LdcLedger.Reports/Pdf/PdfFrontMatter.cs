using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <summary>What stands before the sections: title, notice, facts and contents; and the sections' headings.</summary>
internal static class PdfFrontMatter
{
    private static readonly TextStyle Subtitle = new(ReportFonts.Regular, 10.5f, PdfPage.Muted);

    /// <param name="pageOf">Of an anchor; asked when the contents are drawn.</param>
    public static IReadOnlyList<Strip> Strips(ReportDocument document, PdfBlocks blocks, References references, Func<string, int> pageOf)
    {
        var title = new TextStyle(ReportFonts.Bold, document.Title.Length > 60 ? 17 : 23, PdfPage.Ink, 1.25f);
        List<Strip> strips =
        [
            new Strip(8, (page, place) => page.Fill(new SKRect(PdfPage.Left, place.Y, PdfPage.Left + 42, place.Y + 3), PdfPage.Accent)),
            .. PdfBlocks.Text(document.Title, title, references, "H1").Strips(0, whole: true),
            .. PdfBlocks.Text(document.Subtitle, Subtitle, references).Strips(2),
            .. document.Notice is { } notice ? Notice(notice, references) : [],
            .. blocks.Facts(document.Facts),
            .. Contents(document, pageOf),
        ];
        foreach (var strip in strips)
            strip.Tie = Math.Max(strip.Tie, 20);
        return strips;
    }

    public static Strip Heading(ReportSection section, string number, int level)
    {
        var (size, above) = level == 1 ? (14.5f, 20f) : level == 2 ? (11f, 14f) : (9.8f, 12f);
        var style = new TextStyle(ReportFonts.Bold, size, level == 1 ? PdfPage.Accent : PdfPage.Ink, 1.3f);
        var title = $"{number}  {section.Title}";
        var lines = TextLine.Wrap(title, style.Typeface, size, PdfPage.Content);
        return new(lines.Count * style.LineHeight, (page, place) =>
        {
            page.Begin(page.Tags.Add(page.Tags.Document, $"H{Math.Min(level + 1, 6)}"));
            for (var i = 0; i < lines.Count; i++)
                page.Draw(lines[i] + " ", PdfPage.Left, place.Y + i * style.LineHeight + style.Baseline, style.Typeface, size, style.Color);
        })
        {
            Above = above, Tie = Strip.Tight, Title = new(section.Anchor, $"{number} {section.Title}", level),
        };
    }

    private static IEnumerable<Strip> Notice(string notice, References references)
    {
        const float pad = 6;
        var style = TextStyle.Body with { Typeface = ReportFonts.Bold, Size = 9 };
        var lines = TextLine.Wrap(references.Bound(notice), style.Typeface, style.Size, PdfPage.Content - 24);
        yield return new Strip(lines.Count * style.LineHeight + 2 * pad, (page, place) =>
        {
            page.Fill(new SKRect(PdfPage.Left, place.Y, PdfPage.Right, place.Y + place.Height), PdfPage.Shade);
            page.Fill(new SKRect(PdfPage.Left, place.Y, PdfPage.Left + 3, place.Y + place.Height), PdfPage.Accent);
            var tag = page.Tags.Add(page.Tags.Document, "P");
            for (var i = 0; i < lines.Count; i++)
            {
                var baseline = place.Y + pad + i * style.LineHeight + style.Baseline;
                page.Draw(lines[i] + " ", references, tag, PdfPage.Left + 12, baseline, style.Typeface, style.Size, style.Color);
            }
        }) { Above = 8 };
    }

    /// <summary>Sections and their pages, down one column and then another; a click goes there.</summary>
    private static IEnumerable<Strip> Contents(ReportDocument document, Func<string, int> pageOf)
    {
        const float height = 13.5f, gap = 26, column = (PdfPage.Content - gap) / 2;
        // Of more the entries go on below, for no strip may be higher than a page.
        const int most = 60;
        yield return new Strip(6, (page, place) => page.Line(PdfPage.Left, PdfPage.Right, place.Y, 0.4f, PdfPage.Rule))
            { Above = 8, Tie = Strip.Tight };
        var contents = new LazyTag("TOC");
        foreach (var part in document.Sections.Select((section, i) => (Section: section, Number: $"{i + 1}")).Chunk(most))
        {
            var rows = (part.Length + 1) / 2;
            yield return new Strip(rows * height, (page, place) =>
            {
                foreach (var (i, (section, number)) in part.Index())
                {
                    var link = page.Tags.Add(page.Tags.Add(page.Tags.Add(contents.On(page), "TOCI"), "Reference"), "Link");
                    var (left, top) = (PdfPage.Left + i / rows * (column + gap), place.Y + i % rows * height);
                    var area = new SKRect(left, top, left + column, top + height);
                    Entry(page, area, number, section.Title, $"{pageOf(section.Anchor)}", link);
                    page.Link(area, section.Anchor, link);
                }
            });
        }
        yield return new Strip(4, (page, place) => page.Line(PdfPage.Left, PdfPage.Right, place.Y + 4, 0.4f, PdfPage.Rule));
    }

    private static void Entry(PdfPage page, SKRect area, string number, string title, string target, int tag)
    {
        const float size = 9;
        var baseline = area.Bottom - 4;
        page.Begin(tag);
        page.Draw(number + " ", area.Left, baseline, ReportFonts.Regular, size, PdfPage.Muted);
        var fitted = TextLine.Fit(title, ReportFonts.Regular, size, area.Width - 46);
        var end = page.Draw(fitted + " ", area.Left + 16, baseline, ReportFonts.Regular, size, PdfPage.Ink);
        var start = area.Right - TextLine.Width(target, ReportFonts.Regular, size);
        page.Draw(target, start, baseline, ReportFonts.Regular, size, PdfPage.Ink);
        for (var x = area.Right - 16; x > end + 6; x -= 5)
            page.Dot(x, baseline - 0.5f, 0.45f, PdfPage.Rule);
    }
}
