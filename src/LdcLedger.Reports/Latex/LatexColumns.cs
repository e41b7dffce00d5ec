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
/// The columns of a table: as wide as what stands in them, where that is not too much for a page; else words and identifiers wrap, the
/// widest first.
/// </summary>
internal static class LatexColumns
{
    /// <summary>The space beside each column, left and right of it, in em.</summary>
    public const double Gap = 0.5;

    // At 7 points, so many em fit the line of LaTeX's own article, 345 points.
    private const double Widest = 48;
    private const double Narrowest = 6;

    public static IReadOnlyList<LatexColumn> Of(ReportTable table)
    {
        var body = table.Columns.Select((column, c) => table.Groups.SelectMany(g => g.Rows).Where(row => !row[c].Repeats)
            .Select(row => WidthOf(row[c], column.Kind)).DefaultIfEmpty(0).Max()).ToArray();
        var heads = table.Columns.Select((column, c) => Lines(column.Title, Math.Max(body[c], 3))).ToArray();
        var widths = table.Columns.Select((column, c) => Math.Max(body[c], heads[c].Max(line => LatexWidth.Of(line)))).ToArray();
        var wraps = new bool[widths.Length];
        var room = Widest - 2 * Gap * (widths.Length - 1);
        while (widths.Sum() > room)
        {
            // What is over comes off the widest, down to the width of the next; one pass may not do.
            var widest = Enumerable.Range(0, widths.Length).Where(c => table.Columns[c].Kind != ColumnKind.Number && widths[c] > Narrowest)
                .OrderByDescending(c => widths[c]).Take(2).ToList();
            if (widest.Count == 0)
                break;
            var floor = widest.Count > 1 ? widths[widest[1]] - 1 : Narrowest;
            widths[widest[0]] = Math.Max(Narrowest, Math.Max(floor, widths[widest[0]] - (widths.Sum() - room)));
            wraps[widest[0]] = true;
        }
        return [.. table.Columns.Select((column, c) => new LatexColumn(
            column.Kind, widths[c], wraps[c], wraps[c] ? Lines(column.Title, widths[c]) : heads[c]))];
    }

    /// <summary>Of all columns and the space between them.</summary>
    public static double Total(IReadOnlyList<LatexColumn> columns) => columns.Sum(c => c.Em) + 2 * Gap * (columns.Count - 1);

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
