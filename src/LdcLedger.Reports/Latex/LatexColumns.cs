using System.Globalization;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Latex;

/// <param name="Em">Its width, in em of the table's type.</param>
/// <param name="Wraps">Its cells are set in lines of that width.</param>
/// <param name="Head">Its title, in lines.</param>
internal sealed record LatexColumn(ColumnKind Kind, double Em, bool Wraps, IReadOnlyList<string> Head)
{
    /// <summary>For the preamble of a tabular.</summary>
    public string Preamble => Wraps
        ? string.Create(CultureInfo.InvariantCulture, $@">{{\raggedright\arraybackslash}}p{{{Em:0.0}em}}")
        : Alignment;

    private string Alignment => Kind switch
    {
        ColumnKind.Words or ColumnKind.Exact => "l",
        ColumnKind.Number => "r",
    };

    public string HeadText
    {
        get
        {
            var lines = Head.Select(LatexText.Escape).ToList();
            return lines.Count == 1 ? lines[0]
                : $@"\begin{{tabular}}[b]{{@{{}}{Alignment}@{{}}}}{string.Join(@"\\", lines)}\end{{tabular}}";
        }
    }
}

/// <summary>
/// The columns of a table: as wide as what stands in them, where that is not too much for a page; else they come closer, and words and
/// identifiers wrap, the widest first. What is still too much for a line is a second part of the table, below the first.
/// </summary>
internal static class LatexColumns
{
    // In em of type of 7 points, \scriptsize: the line of LaTeX's own article, 345 points, and a column of its two, 229 points.
    private const double Line = 43, Column = 28;

    // Of 5 points, \tiny, so many em fit that line; a table of more has parts.
    private const double Most = 52;

    private const double Narrowest = 6;

    /// <summary>The space beside each column, left and right of it, in em: where a line has room for it, and at least.</summary>
    public const double Gap = 0.5, LeastGap = 0.3;

    // Names that wrap have about as many lines, not one for each of their syllables.
    private const int LinesOfName = 4;

    // In em: names whose letters are printed as their codes take more lines, or nothing would be left for what they name.
    private const double WidestName = 14;

    /// <summary>The table, or the columns that fit a line, part by part; each begins with the columns that say what a row is.</summary>
    public static IReadOnlyList<ReportTable> Parts(ReportTable table)
    {
        var names = Math.Max(1, table.Columns.TakeWhile(column => column.Kind != ColumnKind.Number).Count());
        var others = table.Columns.Count - names;
        for (var count = 1; count < others; count++)
        {
            // As many in one as in the other.
            var parts = Enumerable.Range(0, others).GroupBy(c => c * count / others)
                .Select(part => Part(table, [.. Enumerable.Range(0, names), .. part.Select(c => names + c)])).ToList();
            if (parts.TrueForAll(part => Total(Of(part)) <= Most))
                return parts;
        }
        return [table];
    }

    private static ReportTable Part(ReportTable table, IReadOnlyList<int> columns) => table with
    {
        Columns = [.. columns.Select(c => table.Columns[c])],
        Groups =
        [
            .. table.Groups.Select(group => group with { Rows = [.. group.Rows.Select(row => columns.Select(c => row[c]).ToList())] }),
        ],
    };

    public static IReadOnlyList<LatexColumn> Of(ReportTable table)
    {
        var body = table.Columns.Select((column, c) => table.Groups.SelectMany(g => g.Rows).Where(row => !row[c].Repeats)
            .Select(row => WidthOf(row[c], column.Kind)).DefaultIfEmpty(0).Max()).ToArray();
        var heads = table.Columns.Select((column, c) => Lines(column.Title, Math.Max(body[c], 3))).ToArray();
        // Where a number's title needs two lines, those of the others that can take two, too: columns of a kind look alike.
        var numbers = Enumerable.Range(0, heads.Length).Where(c => table.Columns[c].Kind == ColumnKind.Number).ToList();
        if (numbers.Exists(c => heads[c].Count > 1))
            foreach (var c in numbers.Where(c => heads[c].Count == 1))
                heads[c] = Lines(table.Columns[c].Title, table.Columns[c].Title.Split(' ').Max(word => LatexWidth.Of(word)));
        var widths = table.Columns.Select((column, c) => Math.Max(body[c], heads[c].Max(line => LatexWidth.Of(line)))).ToArray();
        var wraps = new bool[widths.Length];
        var least = body.Select((em, c) => table.Columns[c].Kind == ColumnKind.Words
            ? Math.Clamp(em / LinesOfName, Narrowest, WidestName) : Narrowest).ToArray();
        var room = Line - 2 * LeastGap * (widths.Length - 1);
        while (widths.Sum() > room)
        {
            // What is over comes off the widest, down to the width of the next; one pass may not do.
            var widest = Enumerable.Range(0, widths.Length).Where(c => table.Columns[c].Kind != ColumnKind.Number && widths[c] > least[c])
                .OrderByDescending(c => widths[c]).Take(2).ToList();
            if (widest.Count == 0)
                break;
            var floor = widest.Count > 1 ? widths[widest[1]] - 1 : 0;
            widths[widest[0]] = Math.Max(least[widest[0]], Math.Max(floor, widths[widest[0]] - (widths.Sum() - room)));
            wraps[widest[0]] = true;
        }
        return [.. table.Columns.Select((column, c) => new LatexColumn(
            column.Kind, widths[c], wraps[c], wraps[c] ? Lines(column.Title, widths[c]) : heads[c]))];
    }

    /// <summary>The width of all columns and the space between them, in em.</summary>
    public static double Total(IReadOnlyList<LatexColumn> columns, double gap = LeastGap) =>
        columns.Sum(c => c.Em) + 2 * gap * (columns.Count - 1);

    /// <summary>A column of a paper in two does not hold them.</summary>
    public static bool SpanTwo(IReadOnlyList<LatexColumn> columns) => Total(columns) > Column;

    public static double WidthOf(ReportCell cell, ColumnKind kind) =>
        LatexWidth.Of(cell.Text, kind == ColumnKind.Exact, cell.Bold)
        + (kind == ColumnKind.Number || cell.Mark is null ? 0 : 0.4 * cell.Mark.Length);

    /// <summary>Broken at spaces, so that a title does not widen its column.</summary>
    private static List<string> Lines(string title, double em)
    {
        var lines = new List<string> { "" };
        foreach (var word in title.Split(' '))
            if (lines[^1].Length == 0)
                lines[^1] = word;
            else if (LatexWidth.Of($"{lines[^1]} {word}") <= em)
                lines[^1] += " " + word;
            else
                lines.Add(word);
        return lines;
    }
}
