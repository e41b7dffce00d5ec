using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Pdf;
using QuestPDF.Drawing;
using QuestPDF.Fluent;
using QuestPDF.Infrastructure;
using SkiaSharp;
using TextStyle = LdcLedger.Reports.Pdf.TextStyle;

namespace LdcLedger.Reports.Quest;

/// <summary>Text in the report's own typefaces, with which QuestPDF is provided at the first use.</summary>
internal static class QuestText
{
    static QuestText()
    {
        foreach (var font in ReportFonts.Own.Select(own => own.File).Concat(ReportFonts.Scripts.Select(script => script.File)))
        {
            using var stream = new MemoryStream(font.Bytes());
            FontManager.RegisterFont(stream);
        }
    }

    public static void Text(this IContainer container, string text, TextStyle style) => container.Text(line => line.Write(text, style));

    /// <summary>Text after a label in bold, in which references are links.</summary>
    public static void Text(this IContainer container, string text, TextStyle style, References references, string lead = "") =>
        container.Text(line =>
        {
            if (lead.Length > 0)
                line.Write(lead + " ", style with { Typeface = ReportFonts.Bold });
            // QuestPDF ends lines between any two pieces.
            foreach (var (piece, anchor) in references.In(text, withBrackets: true))
                if (anchor is null)
                    line.Write(piece, style);
                else
                    line.SectionLink(piece, anchor)
                        .Style(StyleOf(style.Color == PdfPage.Muted ? style : style with { Color = PdfPage.Accent }, style.Typeface));
        });

    /// <summary>Goes on in the same paragraph; what the typeface lacks comes from the one that <see cref="ReportFonts"/> names.</summary>
    /// <param name="raised">A mark, above the line.</param>
    public static void Write(this TextDescriptor line, string text, TextStyle style, bool raised = false)
    {
        foreach (var (i, paragraph) in text.Split('\n').Index())
        {
            if (i > 0)
                line.Span("\n").Style(StyleOf(style, style.Typeface));
            foreach (var piece in TextLine.InReadingDirection([.. TextLine.Pieces(paragraph, style.Typeface)]))
                line.Span(piece.Text).Style(raised ? StyleOf(style, piece.Typeface).Superscript() : StyleOf(style, piece.Typeface));
        }
    }

    public static QuestPDF.Infrastructure.TextStyle StyleOf(TextStyle style) => StyleOf(style, style.Typeface);

    private static QuestPDF.Infrastructure.TextStyle StyleOf(TextStyle style, SKTypeface typeface)
    {
        // QuestPDF counts a line's height in those of the typeface.
        var metrics = ReportFonts.Of(typeface, style.Size).Metrics;
        return QuestPDF.Infrastructure.TextStyle.Default
            .FontFamily(typeface.FamilyName).Weight((FontWeight)typeface.FontWeight).Italic(typeface.IsItalic)
            .FontSize(style.Size).FontColor(style.Color.ToString()).LineHeight(style.LineHeight / (metrics.Descent - metrics.Ascent));
    }

    /// <summary>A short text stays whole; of a longer one, three lines stay together where a page ends.</summary>
    public static IContainer Kept(this IContainer container, string text, TextStyle style, float width = PdfPage.Content)
    {
        var first = FirstLines(text, style, width);
        return Lines(text, style, width) > first ? container.EnsureSpace((first - 0.1f) * style.LineHeight) : container.ShowEntire();
    }

    /// <summary>How many lines of a text stand on the page on which it begins, at least.</summary>
    public static int FirstLines(string text, TextStyle style, float width = PdfPage.Content)
    {
        const int whole = 6;
        var lines = Lines(text, style, width);
        return lines <= whole ? lines : 3;
    }

    /// <summary>How many lines a text takes; what must stay together is estimated by it.</summary>
    public static int Lines(string text, TextStyle style, float width = PdfPage.Content) =>
        TextLine.Wrap(text, style.Typeface, style.Size, width).Count;
}
