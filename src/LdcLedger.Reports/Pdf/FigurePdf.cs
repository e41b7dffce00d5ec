using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <summary>
/// A figure as a PDF of its own size, for a paper: vectors, its fonts inside, and no clock. A PDF 1.4 with a plain table of its
/// objects, which every LaTeX takes in; drawn by SkiaSharp, and put together here, because SkiaSharp's compression depends on the
/// processor.
/// </summary>
internal sealed partial class FigurePdf
{
    // Points per unit of a drawing: half a page's width becomes 252 points, one of a paper's two columns, with type of 7 points.
    private const float Scale = 0.7f;

    private readonly SkiaPdf _drawn;
    private readonly List<byte[]?> _objects = [];
    private readonly Dictionary<int, int> _copied = [];

    private readonly ShownGlyphs _glyphs;

    private FigurePdf(SkiaPdf drawn) => (_drawn, _glyphs) = (drawn, new(drawn));

    public static byte[] Of(ReportFigure figure)
    {
        var drawing = ChartDrawing.Of(figure.Chart);
        var (width, height) = (drawing.Width * Scale, drawing.Height * Scale);
        using var stream = new MemoryStream();
        using (var pdf = SKDocument.CreatePdf(stream, new SKDocumentPdfMetadata { RasterDpi = 72, EncodingQuality = 101 }))
        {
            var canvas = pdf.BeginPage(width, height);
            canvas.Scale(Scale);
            drawing.Draw(canvas);
            pdf.EndPage();
            pdf.Close();
        }
        var file = new FigurePdf(new SkiaPdf(stream));
        return file.Write(figure.Chart, width, height);
    }

    private byte[] Write(Chart chart, float width, float height)
    {
        var (catalog, pages, page, info) = (Reserve(), Reserve(), Reserve(), Reserve());
        var drawn = _drawn.Dictionary(_drawn.Pages.Single());
        _objects[catalog - 1] = Latin($"<</Type /Catalog /Pages {pages} 0 R>>");
        _objects[pages - 1] = Latin($"<</Type /Pages /Count 1 /Kids [{page} 0 R]>>");
        _objects[page - 1] = Latin(
            $"<</Type /Page /Parent {pages} 0 R /MediaBox [0 0 {PdfSyntax.Number(width)} {PdfSyntax.Number(height)}]"
            + $" /Resources {Copied(SkiaPdf.Value(drawn, "Resources"))} /Contents {Copied(SkiaPdf.Value(drawn, "Contents"))}>>");
        _objects[info - 1] = Latin(
            $"<</Title {PdfSyntax.Text(string.Join(" · ", chart.Title))} /Subject {PdfSyntax.Text(chart.Description)}"
            + $" /Creator {PdfSyntax.Text("LdcLedger")}>>");
        using var file = new MemoryStream();
        void Raw(string text) => file.Write(Latin(text));
        // The second line tells programs that guess that this is no text.
        Raw("%PDF-1.4\n%\u00E2\u00E3\u00CF\u00D3\n");
        var offsets = new List<long>();
        foreach (var (i, body) in _objects.Index())
        {
            offsets.Add(file.Position);
            Raw($"{i + 1} 0 obj\n");
            file.Write(body);
            Raw("\nendobj\n");
        }
        var table = file.Position;
        Raw($"xref\n0 {_objects.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
            Raw(offset.ToString("0000000000", CultureInfo.InvariantCulture) + " 00000 n \n");
        Raw($"trailer\n<</Size {_objects.Count + 1} /Root {catalog} 0 R /Info {info} 0 R>>\nstartxref\n{table}\n%%EOF\n");
        return file.ToArray();
    }

    private int Reserve()
    {
        _objects.Add(null);
        return _objects.Count;
    }

    /// <summary>A reference into what Skia drew, to objects of this file: each is copied once, with all that it needs.</summary>
    private string Copied(string text) => SkiaPdf.Renamed(text, id =>
    {
        if (_copied.TryGetValue(id, out var known))
            return known;
        var copy = _copied[id] = Reserve();
        var dictionary = _drawn.Dictionary(id);
        _objects[copy - 1] = _glyphs.Program(id) is { } font ? Packed($"/Length1 {font.Length}", font)
            : _drawn.Stream(id) is { } stream ? Packed(Copied(Compression().Replace(dictionary, "")).Trim()[2..^2], stream)
            : Latin(Copied(dictionary));
        return copy;
    });

    /// <param name="entries">Of the stream's dictionary, without filter and length.</param>
    private static byte[] Packed(string entries, byte[] stream)
    {
        var packed = ManagedZlib.Deflated(stream);
        return
        [
            .. Latin($"<<{entries} /Filter /FlateDecode /Length {packed.Length}>>\nstream\n"), .. packed, .. Latin("\nendstream"),
        ];
    }

    [GeneratedRegex(@"/(?:Filter\s*/FlateDecode|Length\s+[0-9]+)\s*")]
    private static partial Regex Compression();

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
