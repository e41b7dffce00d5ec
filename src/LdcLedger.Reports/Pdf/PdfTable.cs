using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <summary>Lays a table out and draws it over as many pages as it needs; every page begins with its header.</summary>
internal sealed class PdfTable
{
    private const float Leading = 1.32f, RowGap = 3.6f, MarkScale = 0.72f;

    private readonly ReportTable _table;
    private readonly float _size;
    private readonly float _pad;
    private readonly float[] _widths;
    private readonly float[] _marks;
    private readonly IReadOnlyList<string>[] _header;
    private readonly float _headerHeight;

    public PdfTable(ReportTable table)
    {
        _table = table;
        (_size, _pad) = (8.2f, 5);
        _marks = [.. Enumerable.Range(0, table.Columns.Count).Select(MarkWidth)];
        _widths = Widths();
        // Identifiers do not wrap; a table too wide for the page is set smaller.
        for (; _widths.Sum() > PdfPages.Content + 0.5f && _size > 4.6f; _widths = Widths())
            (_size, _pad) = (_size * 0.95f, _pad * 0.93f);
        _marks = [.. Enumerable.Range(0, table.Columns.Count).Select(MarkWidth)];
        _header = Header();
        _headerHeight = _header.Max(h => h.Count) * HeaderSize * 1.25f + 8;
    }

    /// <summary>
    /// Where one title of a number needs two lines, the others that can take two lines, too: columns of a kind look alike.
    /// </summary>
    private IReadOnlyList<string>[] Header()
    {
        var wrapped = _table.Columns.Select((c, i) => TextLine.Wrap(c.Title, ReportFonts.Bold, HeaderSize, Inner(i) + 0.1f)).ToArray();
        var numbers = Enumerable.Range(0, wrapped.Length).Where(c => LookOf(c).EndsAtTheRight).ToList();
        if (numbers.Any(c => wrapped[c].Count > 1))
            foreach (var c in numbers.Where(c => wrapped[c].Count == 1))
                wrapped[c] = TwoLines(_table.Columns[c].Title);
        return wrapped;
    }

    private IReadOnlyList<string> TwoLines(string title)
    {
        var words = title.Split(' ');
        return words.Length < 2 ? [title] : Enumerable.Range(1, words.Length - 1)
            .Select(i => (IReadOnlyList<string>)[string.Join(' ', words.Take(i)), string.Join(' ', words.Skip(i))])
            .MinBy(lines => lines.Max(line => TextLine.Width(line, ReportFonts.Bold, HeaderSize)))!;
    }

    private float HeaderSize => _size * 0.95f;

    private float RowHeight(IReadOnlyList<ReportCell> row) => Lines(row).Max(l => l.Count) * _size * Leading + RowGap;

    /// <summary>
    /// What must stay together with a heading before it: the caption, the header and the first rows, or all of a small table.
    /// </summary>
    public float FirstHeight
    {
        get
        {
            var whole = CaptionHeight + _headerHeight + _table.Groups.Sum(g => GroupHeight(g)) + NotesHeight + 14;
            return whole < 0.55f * (PdfPages.Bottom - PdfPages.Top) ? whole : CaptionHeight + _headerHeight + 120;
        }
    }

    public void Draw(PdfPages pages)
    {
        pages.Need(FirstHeight);
        pages.Text($"{_table.Label}. {_table.Caption}", ReportFonts.Regular, 8.4f, PdfPages.Ink);
        pages.Y += 4;
        DrawHeader(pages);
        var first = true;
        foreach (var group in _table.Groups)
        {
            for (var r = 0; r < group.Rows.Count; r++)
            {
                var title = r == 0 ? group.Title : null;
                var height = RowHeight(group.Rows[r]) + (title is null ? 0 : TitleHeight);
                if (pages.Y + height + 4 > PdfPages.Bottom)
                {
                    pages.Line(PdfPages.Left, PdfPages.Right, pages.Y, 0.5f, PdfPages.Ink);
                    pages.Break();
                    pages.Text($"{_table.Label}, continued", ReportFonts.Regular, 8.4f, PdfPages.Muted);
                    pages.Y += 4;
                    DrawHeader(pages);
                    first = true;
                    title = group.Title is null ? null : r == 0 ? group.Title : $"{group.Title}, continued";
                }
                if (title is not null)
                    DrawTitle(pages, title);
                DrawRow(pages, group.Rows[r], first);
                first = false;
            }
        }
        pages.Y += 1;
        pages.Line(PdfPages.Left, PdfPages.Right, pages.Y, 0.9f, PdfPages.Ink);
        pages.Y += 3;
        foreach (var note in _table.Notes)
        {
            pages.Need(10);
            TextLine.Draw(pages.Canvas, note.Mark, PdfPages.Left, pages.Y + 7, ReportFonts.Regular, 5.4f, PdfPages.Muted);
            pages.Text(note.Text, ReportFonts.Regular, 7.2f, PdfPages.Muted, PdfPages.Left + 8, PdfPages.Content - 8, 1.3f);
        }
        pages.Y += 12;
    }

    private float TitleHeight => _size * Leading + RowGap + 2;

    private float CaptionHeight =>
        TextLine.Wrap($"{_table.Label}. {_table.Caption}", ReportFonts.Regular, 8.4f, PdfPages.Content).Count * 8.4f * 1.42f + 4;

    private float NotesHeight =>
        _table.Notes.Sum(n => TextLine.Wrap(n.Text, ReportFonts.Regular, 7.2f, PdfPages.Content - 8).Count * 7.2f * 1.3f);

    private float GroupHeight(ReportRowGroup group) => group.Rows.Sum(RowHeight) + (group.Title is null ? 0 : TitleHeight);

    private void DrawHeader(PdfPages pages)
    {
        pages.Line(PdfPages.Left, PdfPages.Right, pages.Y, 0.9f, PdfPages.Ink);
        var x = PdfPages.Left;
        for (var c = 0; c < _header.Length; c++)
        {
            // Titles stand on the header's lowest line.
            var y = pages.Y + _headerHeight - 4.5f - (_header[c].Count - 1) * HeaderSize * 1.25f;
            foreach (var line in _header[c])
            {
                DrawAligned(pages.Canvas, line, x, y, c, ReportFonts.Bold, HeaderSize, PdfPages.Ink);
                y += HeaderSize * 1.25f;
            }
            x += _widths[c];
        }
        pages.Y += _headerHeight;
        pages.Line(PdfPages.Left, PdfPages.Right, pages.Y, 0.5f, PdfPages.Ink);
        pages.Y += 1.5f;
    }

    private void DrawTitle(PdfPages pages, string title)
    {
        pages.Y += 1;
        pages.Fill(new SKRect(PdfPages.Left, pages.Y, PdfPages.Right, pages.Y + TitleHeight - 1.5f), PdfPages.Shade);
        var fitted = TextLine.Fit(title, ReportFonts.Bold, _size, PdfPages.Content - 2 * _pad);
        TextLine.Draw(pages.Canvas, fitted, PdfPages.Left + _pad, pages.Y + _size + 2.4f, ReportFonts.Bold, _size, PdfPages.Ink);
        pages.Y += TitleHeight - 1;
    }

    private void DrawRow(PdfPages pages, IReadOnlyList<ReportCell> row, bool first)
    {
        var lines = Lines(first ? row : [.. row.Select(cell => cell.Repeats ? cell with { Text = "" } : cell)]);
        var x = PdfPages.Left;
        for (var c = 0; c < row.Count; c++)
        {
            var y = pages.Y + _size + RowGap / 2 + 0.6f;
            var typeface = Typeface(c, row[c]);
            foreach (var line in lines[c])
            {
                var end = DrawAligned(pages.Canvas, line, x, y, c, typeface, SizeOf(c), row[c].Text == "–" ? PdfPages.Muted : PdfPages.Ink);
                if (row[c].Mark is { } mark && line == lines[c][^1])
                    TextLine.Draw(pages.Canvas, mark, end + 0.8f, y - 2.6f, ReportFonts.Regular, _size * MarkScale, PdfPages.Muted);
                y += _size * Leading;
            }
            x += _widths[c];
        }
        pages.Y += lines.Max(l => l.Count) * _size * Leading + RowGap;
    }

    /// <summary>Numbers end at the column's right edge, before the place kept for marks, so that their digits align.</summary>
    private float DrawAligned(SKCanvas canvas, string text, float x, float y, int column, SKTypeface typeface, float size, SKColor color)
    {
        var start = LookOf(column).EndsAtTheRight
            ? x + _widths[column] - _pad - _marks[column] - TextLine.Width(text, typeface, size)
            : x + _pad;
        return TextLine.Draw(canvas, text, start, y, typeface, size, color);
    }

    private IReadOnlyList<string>[] Lines(IReadOnlyList<ReportCell> row) =>
        [.. row.Select((cell, c) => LookOf(c).Wraps
            ? TextLine.Wrap(cell.Text, Typeface(c, cell), SizeOf(c), Inner(c) + 0.1f) : [cell.Text])];

    /// <summary>What a kind of column means on paper.</summary>
    /// <param name="Scale">Of the table's size of type.</param>
    private readonly record struct Look(bool Wraps, bool EndsAtTheRight, bool FixedWidth, float Scale);

    private static readonly Look
        WordsLook = new(Wraps: true, EndsAtTheRight: false, FixedWidth: false, 1),
        NumberLook = new(Wraps: false, EndsAtTheRight: true, FixedWidth: false, 1),
        ExactLook = new(Wraps: false, EndsAtTheRight: false, FixedWidth: true, 0.84f);

    private Look LookOf(int column) => _table.Columns[column].Kind switch
    {
        ColumnKind.Words => WordsLook,
        ColumnKind.Number => NumberLook,
        ColumnKind.Exact => ExactLook,
    };

    private float Inner(int column) => _widths[column] - 2 * _pad - _marks[column];

    private float SizeOf(int column) => _size * LookOf(column).Scale;

    private SKTypeface Typeface(int column, ReportCell cell) =>
        LookOf(column).FixedWidth ? ReportFonts.Mono : cell.Bold ? ReportFonts.Bold : ReportFonts.Regular;

    private IEnumerable<ReportCell> Cells(int column) => _table.Groups.SelectMany(g => g.Rows).Select(r => r[column]);

    private float MarkWidth(int column) =>
        Cells(column).Where(c => c.Mark is not null)
            .Select(c => TextLine.Width(c.Mark!, ReportFonts.Regular, _size * MarkScale) + 1).DefaultIfEmpty(0).Max();

    /// <summary>As wide as the content wants; words give way first, what is left over is spread.</summary>
    private float[] Widths()
    {
        var columns = _table.Columns.Select((column, c) =>
        {
            var title = column.Title.Split(' ').Max(word => TextLine.Width(word, ReportFonts.Bold, HeaderSize));
            var content = Cells(c).Select(cell => TextLine.Width(cell.Text, Typeface(c, cell), SizeOf(c))).DefaultIfEmpty(0).Max();
            var word = Cells(c).SelectMany(cell => cell.Text.Split(' ').Select(w => TextLine.Width(w, Typeface(c, cell), SizeOf(c))))
                .DefaultIfEmpty(0).Max();
            var around = 2 * _pad + _marks[c];
            var least = LookOf(c).Wraps ? Math.Max(title, Math.Min(word, 110)) : Math.Max(title, content);
            return (Least: least + around, Wanted: Math.Max(Math.Max(title, content) + around, least + around));
        }).ToList();
        // Numbers beside each other look best in equal columns.
        var number = _table.Columns.Select((_, c) => LookOf(c).EndsAtTheRight ? columns[c].Wanted : 0).Max();
        var even = columns.Select((width, c) => LookOf(c).EndsAtTheRight ? (width.Least, Wanted: number) : width).ToList();
        if (even.Sum(c => c.Wanted) <= PdfPages.Content)
            columns = even;
        var spare = PdfPages.Content - columns.Sum(c => c.Wanted);
        if (spare >= 0)
            return [.. columns.Select(c => c.Wanted + spare / columns.Count)];
        var give = columns.Sum(c => c.Wanted - c.Least);
        var share = give > 0 ? Math.Min(1, -spare / give) : 0;
        return [.. columns.Select(c => c.Wanted - share * (c.Wanted - c.Least))];
    }
}
