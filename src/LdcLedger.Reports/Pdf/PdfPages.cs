using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <summary>A heading's place, for the contents and the outline.</summary>
/// <param name="Level">1 or 2.</param>
/// <param name="Y">From the top of the page, in points.</param>
internal sealed record PdfPlace(string Anchor, string Title, int Level, int Page, float Y);

/// <summary>The pages of a PDF as they fill: where the next block goes, and what every page carries.</summary>
/// <param name="begin">Opens a page.</param>
/// <param name="end">Closes it.</param>
/// <param name="total">Number of pages, from a first pass.</param>
internal sealed class PdfPages(ReportDocument document, Func<SKCanvas> begin, Action end, int total)
{
    public const float Width = 595.28f, Height = 841.89f; // A4 in points
    public const float Left = 56, Right = Width - 56, Top = 62, Bottom = Height - 62;
    public const float Content = Right - Left;

    public static readonly SKColor Ink = SKColor.Parse(Palette.Ink);
    public static readonly SKColor Muted = SKColor.Parse(Palette.Muted);
    public static readonly SKColor Accent = SKColor.Parse(Palette.Accent);
    public static readonly SKColor Shade = SKColor.Parse(Palette.Shade);
    public static readonly SKColor Rule = SKColor.Parse(Palette.Axis);

    private readonly List<PdfPlace> _places = [];
    private SKCanvas? _canvas;

    public int Page { get; private set; }

    /// <summary>Where the next block begins.</summary>
    public float Y { get; set; } = Top;

    public IReadOnlyList<PdfPlace> Places => _places;

    public SKCanvas Canvas => _canvas ??= NewPage();

    /// <summary>Goes to the next page unless so much is free on this one.</summary>
    public void Need(float height)
    {
        _ = Canvas;
        if (Y + height > Bottom && Y > Top)
            Break();
    }

    public void Break()
    {
        Close();
        _canvas = NewPage();
    }

    public void Close()
    {
        if (_canvas is null)
            return;
        end();
        _canvas = null;
    }

    public void Mark(string anchor, string title, int level)
    {
        _places.Add(new(anchor, title, level, Page, Y));
        Canvas.DrawNamedDestinationAnnotation(new SKPoint(0, Y - 6), anchor);
    }

    /// <summary>Wrapped text; a page may break between its lines.</summary>
    public void Text(
        string text, SKTypeface typeface, float size, SKColor color, float x = Left, float width = Content, float leading = 1.42f)
    {
        foreach (var line in TextLine.Wrap(text, typeface, size, width))
        {
            Need(size * leading);
            Y += size * leading;
            TextLine.Draw(Canvas, line, x, Y - size * (leading - 1) / 2 - size * 0.16f, typeface, size, color);
        }
    }

    public void Line(float x1, float x2, float y, float thickness, SKColor color)
    {
        using var paint = new SKPaint { Color = color, StrokeWidth = thickness, Style = SKPaintStyle.Stroke, IsAntialias = true };
        Canvas.DrawLine(x1, y, x2, y, paint);
    }

    public void Fill(SKRect area, SKColor color)
    {
        using var paint = new SKPaint { Color = color };
        Canvas.DrawRect(area, paint);
    }

    private SKCanvas NewPage()
    {
        _canvas = begin();
        Page++;
        Y = Top;
        const float size = 7.5f;
        if (Page > 1)
        {
            DrawAtLeft(TextLine.Fit(document.Title, ReportFonts.Regular, size, 360), 38);
            DrawAtRight("Layer-Domain Control study", 38);
            Line(Left, Right, 44, 0.4f, Rule);
        }
        DrawAtLeft(document.Footer, Height - 34);
        DrawAtRight($"page {Page} of {total}", Height - 34);
        return _canvas;

        void DrawAtLeft(string text, float y) => TextLine.Draw(_canvas, text, Left, y, ReportFonts.Regular, size, Muted);

        void DrawAtRight(string text, float y) =>
            TextLine.Draw(_canvas, text, Right - TextLine.Width(text, ReportFonts.Regular, size), y, ReportFonts.Regular, size, Muted);
    }
}
