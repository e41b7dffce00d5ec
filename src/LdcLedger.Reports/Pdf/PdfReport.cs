using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <summary>
/// Draws a report as a PDF: A4, figures as vectors, text that can be selected and heard, links and bookmarks. Blocks become strips, pages
/// are chosen over all of them, and then drawn once, one by one: of a page only what it became is kept when the next is begun.
/// </summary>
public static class PdfReport
{
    /// <summary>What draws the file, as it says itself.</summary>
    public static string Engine { get; } = Skia.Version;

    public static byte[] Render(ReportDocument document)
    {
        using var file = new MemoryStream();
        Write(document, file);
        return file.ToArray();
    }

    /// <summary>Writes the same bytes for the same document, whatever the machine, its time zone and its language.</summary>
    /// <returns>The number of its pages.</returns>
    public static int Write(ReportDocument document, Stream output)
    {
        var layout = new PdfLayout(document);
        using var file = new PdfFile(output);
        using var drawn = Aside();
        // Skia's own metadata would hold the machine's clock and its offset; PdfFile writes what the report says.
        using (var pdf = SKDocument.CreatePdf(drawn, new SKDocumentPdfMetadata { RasterDpi = 72, EncodingQuality = 101 }))
        {
            for (var number = 1; number <= layout.Pages.Count; number++)
            {
                var page = new PdfPage(pdf.BeginPage(PdfPage.Width, PdfPage.Height), number, file);
                layout.Draw(page);
                pdf.EndPage();
                file.Add(page);
            }
            pdf.Close();
        }
        file.Finish(new SkiaPdf(drawn), PdfMetadata.Of(document, Engine), layout.Places);
        return layout.Pages.Count;
    }

    /// <summary>Where pages wait until all are drawn: a file that nobody sees, or memory where the machine has no place for it.</summary>
    private static Stream Aside()
    {
        try
        {
            var path = Path.Combine(Path.GetTempPath(), $"ldc-report-{Path.GetRandomFileName()}");
            var file = new FileStream(
                path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, 1 << 16, FileOptions.DeleteOnClose);
            // Without a name it goes with the process, however that ends; a system that keeps the name removes it in the end.
            if (!OperatingSystem.IsWindows())
                File.Delete(path);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new MemoryStream();
        }
    }
}

/// <summary>A document's strips on their pages, and every place that can be gone to.</summary>
internal sealed class PdfLayout
{
    private readonly ReportDocument _document;
    private readonly List<Strip> _strips = [];
    private readonly Dictionary<string, PdfPlace> _byAnchor = new(StringComparer.Ordinal);
    private readonly List<PdfPlace> _places = [];
    private readonly Dictionary<int, string> _runningHeads = [];

    public PdfLayout(ReportDocument document)
    {
        _document = document;
        var references = new References(document);
        var blocks = new PdfBlocks(references);
        _strips.AddRange(PdfFrontMatter.Strips(document, blocks, references, anchor => _byAnchor[anchor].Page));
        for (var i = 0; i < document.Sections.Count; i++)
        {
            AddSection(document.Sections[i], $"{i + 1}", 1, blocks);
            // The summary is read on the first page, wherever it has room there.
            if (i == 0)
                foreach (var strip in _strips.SkipLast(1))
                    strip.Tie = Math.Max(strip.Tie, 40);
        }
        Pages = PageBreaks.Of(_strips, PdfPage.Room);
        FindPlaces();
    }

    public IReadOnlyList<PageOfStrips> Pages { get; }

    /// <summary>In reading order.</summary>
    public IReadOnlyList<PdfPlace> Places => _places;

    public void Draw(PdfPage page)
    {
        DrawFrame(page);
        foreach (var (strip, place) in Placed(page.Number - 1))
            strip.Draw(page, place);
    }

    private void AddSection(ReportSection section, string number, int level, PdfBlocks blocks)
    {
        _strips.Add(PdfFrontMatter.Heading(section, number, level));
        var first = true;
        foreach (var block in section.Blocks)
        {
            _strips[^1].Tie = Math.Max(_strips[^1].Tie, PdfBlocks.TieBefore(block));
            var start = _strips.Count;
            _strips.AddRange(block.Draw(blocks));
            if (first && _strips.Count > start)
                _strips[start].Above = 4;
            first = false;
        }
        for (var i = 0; i < section.Sections.Count; i++)
            AddSection(section.Sections[i], $"{number}.{i + 1}", level + 1, blocks);
    }

    private void FindPlaces()
    {
        var head = "";
        for (var p = 0; p < Pages.Count; p++)
        {
            foreach (var (strip, place) in Placed(p))
            {
                if (strip.Title is not { } title)
                    continue;
                if (title.Level == 1 && (head.Length == 0 || place.IsFirst))
                    head = title.Title;
                var found = new PdfPlace(title, p + 1, place.Y);
                _places.Add(found);
                _byAnchor[title.Anchor] = found;
            }
            _runningHeads[p + 1] = head;
            head = _places.LastOrDefault(place => place.Title.Level == 1)?.Title.Title ?? head;
        }
    }

    private IEnumerable<(Strip Strip, StripPlace Place)> Placed(int page)
    {
        var (start, end, lowered) = Pages[page];
        var y = PdfPage.Top;
        if (_strips[start].Resumed is { } resumed)
        {
            yield return (resumed, new(y, resumed.Height, IsFirst: true, IsLast: false));
            y += resumed.Height;
        }
        for (var i = start; i < end; i++)
        {
            var strip = _strips[i];
            y += i > start ? strip.Above : 0;
            var height = strip.Height - lowered * strip.Give;
            yield return (strip, new(y, height, i == start, i == end - 1));
            y += height;
        }
    }

    private void DrawFrame(PdfPage page)
    {
        const float size = 7.5f;
        page.Decorate();
        if (page.Number > 1)
        {
            AtLeft(TextLine.Fit(_document.Title, ReportFonts.Regular, size, PdfPage.Content * 0.55f), 38);
            AtRight(TextLine.Fit(_runningHeads[page.Number], ReportFonts.Regular, size, PdfPage.Content * 0.4f), 38);
            page.Line(PdfPage.Left, PdfPage.Right, 44, 0.4f, PdfPage.Rule);
        }
        AtLeft(TextLine.Fit(_document.Footer, ReportFonts.Regular, size, PdfPage.Content * 0.8f), PdfPage.Height - 32);
        AtRight($"page {page.Number} of {Pages.Count}", PdfPage.Height - 32);

        void AtLeft(string text, float y) => page.Draw(text, PdfPage.Left, y, ReportFonts.Regular, size, PdfPage.Muted);

        void AtRight(string text, float y) =>
            page.Draw(text, PdfPage.Right - TextLine.Width(text, ReportFonts.Regular, size), y, ReportFonts.Regular, size, PdfPage.Muted);
    }
}
