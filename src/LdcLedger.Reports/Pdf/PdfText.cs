using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <param name="Leading">Distance of lines, in sizes of type.</param>
internal sealed record TextStyle(SKTypeface Typeface, float Size, SKColor Color, float Leading = 1.42f)
{
    public static readonly TextStyle
        Body = new(ReportFonts.Regular, 9.4f, PdfPage.Ink),
        Caption = new(ReportFonts.Regular, 8.4f, PdfPage.Ink),
        Continued = new(ReportFonts.Regular, 8.4f, PdfPage.Muted),
        Note = new(ReportFonts.Regular, 7.4f, PdfPage.Muted, 1.34f),
        Fact = new(ReportFonts.Regular, 8.4f, PdfPage.Ink, 1.46f),
        FactName = new(ReportFonts.Regular, 8.4f, PdfPage.Muted, 1.46f),
        Exact = new(ReportFonts.Mono, 7.8f, PdfPage.Ink, 1.572f);

    public float LineHeight => Size * Leading;

    /// <summary>From a line's upper edge to its baseline.</summary>
    public float Baseline => LineHeight / 2 + Size * 0.34f;
}

/// <summary>Running text as strips, a line each; no page begins or ends with one line of a text alone.</summary>
/// <param name="tag">The tag that it belongs to, made when its first line is drawn.</param>
internal sealed class PdfText(string text, TextStyle style, float x, float width, References references, Func<PdfPage, int> tag)
{
    private int? _tag;

    /// <summary>Words before it in bold: a caption's label.</summary>
    public string Lead { get; init; } = "";

    /// <summary>Drawn beside the first line: a bullet, a mark, a name.</summary>
    public Action<PdfPage, float>? Beside { get; init; }

    /// <summary>What a page repeats over a line that begins it; null: nothing.</summary>
    public Strip? Resumed { get; init; }

    public IReadOnlyList<Strip> Strips(float above, bool whole = false)
    {
        var indent = Lead.Length == 0 ? 0 : TextLine.Width(Lead + " ", ReportFonts.Bold, style.Size);
        var bound = references.Bound(text);
        var lines = TextLine.Wrap(bound, style.Typeface, style.Size, width, indent);
        var breaks = TextLine.Breaks(bound, lines);
        var last = lines.Count - 1;
        return
        [
            .. lines.Select((line, i) => new Strip(
                style.LineHeight, (page, place) => Draw(page, line + breaks[i], i == 0, indent, place.Y))
            {
                Above = i == 0 ? above : 0,
                Resumed = Resumed,
                Tie = i < last && (whole || i == 0 || i == last - 1) ? Strip.Tight : 0,
            }),
        ];
    }

    private void Draw(PdfPage page, string line, bool first, float indent, float y)
    {
        if (first)
            Beside?.Invoke(page, y);
        _tag ??= tag(page);
        if (first && Lead.Length > 0)
        {
            page.Begin(_tag.Value);
            page.Draw(Lead + " ", x, y + style.Baseline, ReportFonts.Bold, style.Size, style.Color);
        }
        page.Draw(line, references, _tag.Value, x + (first ? indent : 0), y + style.Baseline, style.Typeface, style.Size, style.Color);
    }
}
