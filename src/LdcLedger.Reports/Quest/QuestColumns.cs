using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Pdf;
using SkiaSharp;

namespace LdcLedger.Reports.Quest;

/// <summary>What a kind of column means on paper.</summary>
/// <param name="Scale">Of the table's size of type.</param>
internal readonly record struct QuestLook(bool Wraps, bool EndsAtTheRight, bool FixedWidth, float Scale);

/// <summary>Columns as wide as their content wants; words give way first, what is left over is spread.</summary>
internal sealed record QuestColumns(
    float Size, float Pad, IReadOnlyList<float> Widths, IReadOnlyList<float> Marks, IReadOnlyList<QuestLook> Looks)
{
    public float HeadSize => Size * 0.95f;

    private static QuestLook LookOf(ColumnKind kind) => kind switch
    {
        ColumnKind.Words => new(Wraps: true, EndsAtTheRight: false, FixedWidth: false, 1),
        ColumnKind.Number => new(Wraps: false, EndsAtTheRight: true, FixedWidth: false, 1),
        ColumnKind.Exact => new(Wraps: false, EndsAtTheRight: false, FixedWidth: true, 0.84f),
    };

    public static QuestColumns Of(ReportTable table)
    {
        var columns = At(table, 8.2f, 5);
        // Identifiers do not wrap; a table too wide for the page is set smaller.
        while (columns.Widths.Sum() > PdfPage.Content + 0.5f && columns.Size > 4.6f)
            columns = At(table, columns.Size * 0.95f, columns.Pad * 0.93f);
        // QuestPDF lays out nothing that is wider than its place; in a column that is too narrow it breaks words.
        var over = Math.Min(1, PdfPage.Content / columns.Widths.Sum());
        return columns with { Widths = [.. columns.Widths.Select(width => width * over)] };
    }

    private static QuestColumns At(ReportTable table, float size, float pad)
    {
        var looks = table.Columns.Select(c => LookOf(c.Kind)).ToList();
        var marks = table.Columns.Select((_, c) => Cells(c).Where(cell => cell.Mark is not null)
            .Select(cell => TextLine.Width(cell.Mark!, ReportFonts.Regular, size * 0.72f) + 1).DefaultIfEmpty(0).Max()).ToList();
        var columns = table.Columns.Select((column, c) =>
        {
            var title = column.Title.Split(' ').Max(word => TextLine.Width(word, ReportFonts.Bold, size * 0.95f));
            var content = Cells(c).Select(cell => Width(cell.Text, cell, c)).DefaultIfEmpty(0).Max();
            var word = Cells(c).SelectMany(cell => cell.Text.Split(' ').Select(w => Width(w, cell, c))).DefaultIfEmpty(0).Max();
            var around = 2 * pad + marks[c];
            var least = looks[c].Wraps ? Math.Max(title, Math.Min(word, 110)) : Math.Max(title, content);
            return (Least: least + around, Wanted: Math.Max(Math.Max(title, content) + around, least + around));
        }).ToList();
        // Numbers beside each other look best in equal columns.
        var number = columns.Where((_, c) => looks[c].EndsAtTheRight).Select(c => c.Wanted).DefaultIfEmpty(0).Max();
        var even = columns.Select((width, c) => looks[c].EndsAtTheRight ? (width.Least, Wanted: number) : width).ToList();
        if (even.Sum(c => c.Wanted) <= PdfPage.Content)
            columns = even;
        var spare = PdfPage.Content - columns.Sum(c => c.Wanted);
        var give = columns.Sum(c => c.Wanted - c.Least);
        var share = give > 0 ? Math.Min(1, -spare / give) : 0;
        return new(size, pad, [.. columns.Select(c => spare >= 0
            ? c.Wanted + spare / columns.Count : c.Wanted - share * (c.Wanted - c.Least))], marks, looks);

        IEnumerable<ReportCell> Cells(int column) => table.Groups.SelectMany(g => g.Rows).Select(r => r[column]);

        float Width(string text, ReportCell cell, int column)
        {
            SKTypeface typeface = looks[column].FixedWidth ? ReportFonts.Mono : cell.Bold ? ReportFonts.Bold : ReportFonts.Regular;
            return TextLine.Width(text, typeface, size * looks[column].Scale);
        }
    }
}
