using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <summary>A click there leads to a place.</summary>
/// <param name="Id">The object that the link becomes.</param>
/// <param name="Tag">Of the link.</param>
internal readonly record struct PageLink(int Id, SKRect Area, string Anchor, int Tag);

/// <summary>A page while it is drawn: what is drawn, and what of it means what.</summary>
/// <param name="number">From 1.</param>
/// <param name="file">That the page becomes a part of.</param>
internal sealed class PdfPage(SKCanvas canvas, int number, PdfFile file)
{
    public const float Width = 595.28f, Height = 841.89f; // A4 in points
    public const float Left = 56, Right = Width - 56, Top = 58, Bottom = Height - 56;
    public const float Content = Right - Left, Room = Bottom - Top;

    public static readonly SKColor Ink = SKColor.Parse(Palette.Ink);
    public static readonly SKColor Muted = SKColor.Parse(Palette.Muted);
    public static readonly SKColor Accent = SKColor.Parse(Palette.Accent);
    public static readonly SKColor Shade = SKColor.Parse(Palette.Shade);
    public static readonly SKColor Rule = SKColor.Parse(Palette.Axis);

    private const int Nothing = -1, Decoration = -2;

    private readonly List<string?> _signs = [];
    private readonly List<int> _marks = [];
    private readonly List<PageLink> _links = [];
    private int _current = Nothing;

    public int Number => number;

    /// <summary>The object that the page becomes.</summary>
    public int Id { get; } = file.Reserve();

    public SKCanvas Canvas => canvas;

    public TagTree Tags => file.Tags;

    /// <summary>In the order of the signs on the page: the type of the tag of what follows; null for what decorates.</summary>
    public IReadOnlyList<string?> Signs => _signs;

    /// <summary>By their number: the tag of each mark.</summary>
    public IReadOnlyList<int> Marks => _marks;

    public IReadOnlyList<PageLink> Links => _links;

    /// <summary>What is drawn from here on belongs to a tag.</summary>
    public void Begin(int tag)
    {
        if (_current == tag)
            return;
        Sign(tag, Tags.TypeOf(tag));
        Tags.AddMark(tag, Id, _marks.Count);
        _marks.Add(tag);
    }

    /// <summary>What is drawn from here on says nothing: rules, grounds, headers.</summary>
    public void Decorate()
    {
        if (_current != Decoration)
            Sign(Decoration, null);
    }

    private void Sign(int tag, string? type)
    {
        MarkedContent.Sign(canvas, _signs.Count);
        _signs.Add(type);
        _current = tag;
    }

    public float Draw(string text, float x, float baseline, SKTypeface typeface, float size, SKColor color) =>
        TextLine.Draw(canvas, text, x, baseline, typeface, size, color);

    /// <summary>A line of text in which references are links.</summary>
    /// <param name="tag">Of the text.</param>
    public float Draw(string line, References references, int tag, float x, float baseline, SKTypeface typeface, float size, SKColor color)
    {
        foreach (var (text, anchor) in references.In(line))
        {
            if (anchor is null)
            {
                Begin(tag);
                x = Draw(text, x, baseline, typeface, size, color);
                continue;
            }
            var link = Tags.Add(tag, "Link");
            Begin(link);
            var end = Draw(text, x, baseline, typeface, size, color == Muted ? Muted : Accent);
            Link(new(x, baseline - size, end, baseline + size * 0.3f), anchor, link);
            x = end;
        }
        return x;
    }

    public void Link(SKRect area, string anchor, int tag)
    {
        var link = file.Reserve();
        Tags.AddLink(tag, Id, link);
        _links.Add(new(link, area, anchor, tag));
    }

    public void Line(float x1, float x2, float y, float thickness, SKColor color)
    {
        Decorate();
        using var paint = new SKPaint { Color = color, StrokeWidth = thickness, Style = SKPaintStyle.Stroke, IsAntialias = true };
        canvas.DrawLine(x1, y, x2, y, paint);
    }

    public void Fill(SKRect area, SKColor color)
    {
        Decorate();
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        canvas.DrawRect(area, paint);
    }

    public void Dot(float x, float y, float radius, SKColor color)
    {
        Decorate();
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        canvas.DrawCircle(x, y, radius, paint);
    }
}
