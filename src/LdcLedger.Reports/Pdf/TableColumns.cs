using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <summary>What a kind of column means on paper.</summary>
/// <param name="Scale">Of the table's size of type.</param>
internal readonly record struct ColumnLook(bool Wraps, bool EndsAtTheRight, bool FixedWidth, float Scale);

/// <summary>How wide a table's columns are, in what size it is set, and what its cells show.</summary>
internal sealed class TableColumns
{
    private const float MarkScale = 0.72f, LeastSize = 4.6f, LongWord = 110;
    private const int MostLines = 30;

    private static readonly ColumnLook
        WordsLook = new(Wraps: true, EndsAtTheRight: false, FixedWidth: false, 1),
        NumberLook = new(Wraps: false, EndsAtTheRight: true, FixedWidth: false, 1),
        ExactLook = new(Wraps: false, EndsAtTheRight: false, FixedWidth: true, 0.84f);

    private readonly ReportTable _table;
    private readonly float[] _widths;
    private readonly float[] _marks;

    public TableColumns(ReportTable table)
    {
        _table = table;
        (Size, Pad) = (8.2f, 5);
        _marks = [.. Enumerable.Range(0, table.Columns.Count).Select(MarkWidth)];
        _widths = MadeToFit();
        // Identifiers do not wrap; a table too wide for the page is set smaller.
        for (; _widths.Sum() > PdfPage.Content + 0.5f && Size > LeastSize; _widths = MadeToFit())
            (Size, Pad) = (Size * 0.95f, Pad * 0.93f);
        _marks = [.. Enumerable.Range(0, table.Columns.Count).Select(MarkWidth)];
    }

    /// <summary>Of type.</summary>
    public float Size { get; }

    public float HeaderSize => Size * 0.95f;

    public float MarkSize => Size * MarkScale;

    /// <summary>Free space at both sides of a cell.</summary>
    public float Pad { get; }

    public IReadOnlyList<float> Widths => _widths;

    /// <summary>By column, the space kept for marks at the right end of its cells.</summary>
    public IReadOnlyList<float> Marks => _marks;

    public ColumnLook LookOf(int column) => _table.Columns[column].Kind switch
    {
        ColumnKind.Words => WordsLook,
        ColumnKind.Number => NumberLook,
        ColumnKind.Exact => ExactLook,
    };

    /// <summary>What a column has for text.</summary>
    public float Inner(int column) => _widths[column] - 2 * Pad - _marks[column];

    public float SizeOf(int column) => Size * LookOf(column).Scale;

    public SKTypeface Typeface(int column, ReportCell cell) =>
        LookOf(column).FixedWidth ? ReportFonts.Mono : cell.Bold ? ReportFonts.Bold : ReportFonts.Regular;

    /// <summary>
    /// The columns' titles, each in lines. Where one of a number needs two, the others that can take two lines, too: columns of a kind look
    /// alike.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Titles()
    {
        var wrapped = _table.Columns
            .Select((c, i) => TextLine.Wrap(c.Title, ReportFonts.Bold, HeaderSize, Inner(i) + 0.1f)).ToArray();
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

    /// <summary>A row's cells, each in lines.</summary>
    public IReadOnlyList<string>[] Lines(IReadOnlyList<ReportCell> row) => [.. row.Select((cell, c) => Lines(c, cell))];

    /// <summary>As much of a cell's text as its place has room for, to be broken into lines by others.</summary>
    public string Shown(int column, ReportCell cell)
    {
        var lines = Lines(column, cell);
        return LookOf(column).Wraps && lines.Count < MostLines ? cell.Text : string.Join(' ', lines);
    }

    private IReadOnlyList<string> Lines(int column, ReportCell cell) => LookOf(column).Wraps
        ? Shortened(TextLine.Wrap(cell.Text, Typeface(column, cell), SizeOf(column), Inner(column) + 0.1f))
        : [TextLine.Fit(cell.Text, Typeface(column, cell), SizeOf(column), Inner(column) + 0.1f)];

    // A row must fit a page; what a cell says in full is in the CSV file.
    private static IReadOnlyList<string> Shortened(IReadOnlyList<string> lines) =>
        lines.Count <= MostLines ? lines : [.. lines.Take(MostLines - 1), lines[MostLines - 1] + "…"];

    private IEnumerable<ReportCell> Cells(int column) => _table.Groups.SelectMany(g => g.Rows).Select(r => r[column]);

    private float MarkWidth(int column) =>
        Cells(column).Where(c => c.Mark is not null)
            .Select(c => TextLine.Width(c.Mark!, ReportFonts.Regular, MarkSize) + 1).DefaultIfEmpty(0).Max();

    /// <summary>As wide as the content wants; words give way first, what is left over is spread.</summary>
    private float[] MadeToFit()
    {
        var columns = _table.Columns.Select((column, c) =>
        {
            var title = Math.Min(LongWord, column.Title.Split(' ').Max(word => TextLine.Width(word, ReportFonts.Bold, HeaderSize)));
            var content = Cells(c).Select(cell => TextLine.Width(cell.Text, Typeface(c, cell), SizeOf(c))).DefaultIfEmpty(0).Max();
            var word = Cells(c).SelectMany(cell => cell.Text.Split(' ').Select(w => TextLine.Width(w, Typeface(c, cell), SizeOf(c))))
                .DefaultIfEmpty(0).Max();
            var around = 2 * Pad + _marks[c];
            var least = LookOf(c).Wraps ? Math.Max(title, Math.Min(word, LongWord)) : Math.Max(title, content);
            return (Least: least + around, Wanted: Math.Max(Math.Max(title, content) + around, least + around));
        }).ToList();
        // Numbers beside each other look best in equal columns.
        var number = _table.Columns.Select((_, c) => LookOf(c).EndsAtTheRight ? columns[c].Wanted : 0).Max();
        var even = columns.Select((width, c) => LookOf(c).EndsAtTheRight ? (width.Least, Wanted: number) : width).ToList();
        if (even.Sum(c => c.Wanted) <= PdfPage.Content)
            columns = even;
        var spare = PdfPage.Content - columns.Sum(c => c.Wanted);
        if (spare >= 0)
            return [.. columns.Select(c => c.Wanted + spare / columns.Count)];
        var widths = columns.Select(c => c.Wanted).ToArray();
        // The widest gives way first, down to the next: one long name should not break the words of all other columns.
        while (widths.Sum() > PdfPage.Content + 0.01f)
        {
            var widest = Enumerable.Range(0, widths.Length).Where(c => widths[c] > columns[c].Least + 0.01f)
                .OrderByDescending(c => widths[c]).Take(2).ToList();
            if (widest.Count == 0)
                break;
            var floor = Math.Max(columns[widest[0]].Least, widest.Count > 1 ? widths[widest[1]] - 1 : 0);
            widths[widest[0]] = Math.Max(floor, widths[widest[0]] - (widths.Sum() - PdfPage.Content));
        }
        // As small as it may be set and still too wide: every column gives way, and its cells end in an ellipsis.
        var excess = Size > LeastSize ? 1 : Math.Max(1, widths.Sum() / PdfPage.Content);
        return [.. widths.Select(width => width / excess)];
    }
}
