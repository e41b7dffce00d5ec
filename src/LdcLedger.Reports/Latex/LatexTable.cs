using System.Globalization;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Latex;

/// <summary>
/// A table for a paper, by the rules of <c>booktabs</c>; where it is longer than a page, as a <c>longtable</c>, which breaks and repeats
/// its head. Its type is as large as the line of the paper allows; of two columns it takes both where it needs them.
/// </summary>
public static class LatexTable
{
    // A page of a paper holds about so many lines.
    private const int LongFrom = 42;

    // Whose pages may end with so much room left.
    private const int Small = 11;

    public static string Of(ReportTable table) => Of(table, null);

    internal static string Of(ReportTable table, References? references)
    {
        var parts = LatexColumns.Parts(table).Select(part => (Table: part, Columns: LatexColumns.Of(part))).ToList();
        var isLong = IsLong(table);
        List<string> body = [.. isLong ? Long(parts, references) : Short(parts, references)];
        IEnumerable<string> packages =
        [
            .. body.Exists(line => line.Contains(@"\arraybackslash", StringComparison.Ordinal)) ? ["array"] : (string[])[],
            "booktabs",
            .. isLong ? ["longtable"] : (string[])[],
        ];
        return LatexFile.Of($"Needs {string.Join(" and ", packages.Select(p => $@"\usepackage{{{p}}}"))}; the file is UTF-8.", body);
    }

    /// <summary>It is a longtable, which stands where it is written; a shorter one floats in a paper to where it fits.</summary>
    internal static bool IsLong(ReportTable table) => Lines(table) > LongFrom;

    /// <summary>It is never better in two parts.</summary>
    internal static bool IsSmall(ReportTable table) => Lines(table) <= Small;

    /// <summary>It can go on over the end of a page; several parts stay together.</summary>
    internal static bool MayBreak(ReportTable table) => LatexColumns.Parts(table).Count == 1;

    /// <summary>Without caption and heads.</summary>
    internal static int Lines(ReportTable table) => LatexColumns.Parts(table).Sum(part => Lines(part, LatexColumns.Of(part)));

    /// <summary>Of its caption, about, and its head.</summary>
    internal static int LinesAbove(ReportTable table) =>
        1 + table.Caption.Length / 90 + LatexColumns.Of(table).Max(column => column.Head.Count);

    private static IEnumerable<string> Short(
        IReadOnlyList<(ReportTable Table, IReadOnlyList<LatexColumn> Columns)> parts, References? references)
    {
        var table = parts[0].Table;
        var kind = parts.Any(part => LatexColumns.SpanTwo(part.Columns)) ? "table*" : "table";
        return
        [
            $@"\begin{{{kind}}}[htbp]",
            @"\centering",
            CaptionSkip,
            Caption(table, references),
            Fitted(parts),
            .. parts.SelectMany((part, i) => (IEnumerable<string>)
            [
                .. i > 0 ? [@"\par\medskip"] : (string[])[],
                $@"\begin{{tabular}}{{{Preamble(part.Columns)}}}",
                @"\toprule",
                Head(part.Columns),
                @"\midrule",
                .. Rows(part.Table, part.Columns),
                @"\bottomrule",
                @"\end{tabular}",
            ]),
            .. Notes(table, references),
            $@"\end{{{kind}}}",
        ];
    }

    private static IEnumerable<string> Long(
        IReadOnlyList<(ReportTable Table, IReadOnlyList<LatexColumn> Columns)> parts, References? references) =>
    [
        @"\begingroup",
        @"\setlength{\LTcapwidth}{\linewidth}",
        CaptionSkip,
        Fitted(parts),
        .. parts.SelectMany((part, i) => LongPart(part.Table, part.Columns, i + 1, i + 1 == parts.Count, references)),
        @"\endgroup",
    ];

    private static IEnumerable<string> LongPart(
        ReportTable table, IReadOnlyList<LatexColumn> columns, int number, bool isLast, References? references) =>
    [
        // A further part has the number of the first, and another name for what refers to it.
        .. number == 1 ? [] : (string[])[@"\addtocounter{table}{-1}", $@"\def\theHtable{{{LatexText.Key(table)}-{number}}}"],
        $@"\begin{{longtable}}{{{Preamble(columns)}}}",
        number == 1 ? Caption(table, references) + @" \\" : Continued(columns),
        @"\toprule",
        Head(columns),
        @"\midrule",
        @"\endfirsthead",
        Continued(columns),
        @"\toprule",
        Head(columns),
        @"\midrule",
        @"\endhead",
        @"\bottomrule",
        @"\endfoot",
        @"\endlastfoot",
        .. Rows(table, columns),
        @"\noalign{\nobreak}",
        @"\bottomrule",
        // Within the table, so that no page begins with them.
        .. table.Notes.Count == 0 || !isLast ? [] : (IEnumerable<string>)
            [@"\noalign{\nobreak\hbox{\parbox{\linewidth}{", .. Notes(table, references), "}}}"],
        @"\end{longtable}",
    ];

    // LaTeX's own classes leave none below a caption, since they expect it below a table.
    private const string CaptionSkip = @"\ifdim\belowcaptionskip<4pt \setlength{\belowcaptionskip}{4pt}\fi";

    private static string Caption(ReportTable table, References? references) =>
        $@"\caption{{{LatexText.Of(table.Caption, references)}}}\label{{{LatexText.Key(table)}}}";

    private static string Continued(IReadOnlyList<LatexColumn> columns) =>
        $@"\multicolumn{{{columns.Count}}}{{@{{}}l@{{}}}}{{\textit{{Table~\thetable, continued}}}} \\";

    private static string Fitted(IReadOnlyList<(ReportTable Table, IReadOnlyList<LatexColumn> Columns)> parts)
    {
        return $@"\ldctable{{{Widest(LatexColumns.Gap)}}}{{{Widest(LatexColumns.LeastGap)}}}";

        string Widest(double gap) =>
            parts.Max(part => LatexColumns.Total(part.Columns, gap)).ToString("0.0", CultureInfo.InvariantCulture);
    }

    private static string Preamble(IReadOnlyList<LatexColumn> columns) => $"@{{}}{string.Concat(columns.Select(c => c.Preamble))}@{{}}";

    private static string Head(IReadOnlyList<LatexColumn> columns) => string.Join(" & ", columns.Select(c => c.HeadText)) + @" \\";

    private static IEnumerable<string> Rows(ReportTable table, IReadOnlyList<LatexColumn> columns)
    {
        var stays = StaysBelow(table);
        var row = 0;
        foreach (var (i, group) in table.Groups.Index())
        {
            if (i > 0)
                yield return @"\addlinespace";
            // A star after the end of the row: no page ends between the title and its first row.
            if (group.Title is { } title)
                yield return Spanning(columns, title) + @" \\*";
            foreach (var cells in group.Rows)
                yield return string.Join(" & ", cells.Select((cell, c) => Cell(cell, columns[c]))) + @" \\" + (stays[row++] ? "*" : "");
        }
    }

    /// <summary>
    /// After which rows no page ends: the first of the table, the two before its last, and those that are followed by what belongs to the
    /// same, which a page cannot say again, as long as that is not too much.
    /// </summary>
    private static bool[] StaysBelow(ReportTable table)
    {
        const int few = 9;
        var repeats = table.Groups.SelectMany(g => g.Rows).Select(row => row[0].Repeats).ToArray();
        var stays = new bool[repeats.Length];
        if (IsSmall(table))
            return stays;
        for (var (first, end) = (0, 0); first < repeats.Length; first = end)
        {
            for (end = first + 1; end < repeats.Length && repeats[end];)
                end++;
            if (end - first <= few)
                Array.Fill(stays, true, first, end - first - 1);
        }
        foreach (var row in new[] { 0, repeats.Length - 3, repeats.Length - 2 }.Where(row => row >= 0))
            stays[row] = true;
        return stays;
    }

    /// <summary>A line across all columns; where it is too long for one, in a box that is as wide as they are.</summary>
    private static string Spanning(IReadOnlyList<LatexColumn> columns, string title)
    {
        var total = LatexColumns.Total(columns);
        var (place, text) = LatexWidth.Of(title) <= total ? ("l", LatexText.Escape(title))
            : (string.Create(CultureInfo.InvariantCulture, $@">{{\raggedright\arraybackslash}}p{{{total:0.0}em}}"),
                LatexText.Breakable(title, total, false));
        return $@"\multicolumn{{{columns.Count}}}{{@{{}}{place}@{{}}}}{{\textit{{{text}}}}}";
    }

    private static string Cell(ReportCell cell, LatexColumn column)
    {
        if (cell.Repeats)
            return "";
        var exact = column.Kind == ColumnKind.Exact;
        var text = column.Wraps ? LatexText.Breakable(cell.Text, column.Em, exact) : LatexText.Escape(cell.Text);
        if (exact && text.Length > 0)
            text = $@"\texttt{{{text}}}";
        if (cell.Bold)
            text = $@"\textbf{{{text}}}";
        if (cell.Mark is not { } mark)
            return text;
        var sign = $@"\textsuperscript{{{mark}}}";
        // Beside the column, so that digits stay below digits.
        return text + (column.Kind == ColumnKind.Number ? $@"\rlap{{{sign}}}" : sign);
    }

    private static IEnumerable<string> Notes(ReportTable table, References? references) => table.Notes.Count == 0 ? [] :
    [
        @"\par\smallskip",
        @"{\footnotesize\raggedright",
        .. table.Notes.Select(n => $@"\textsuperscript{{{n.Mark}}}~{LatexText.Of(n.Text, references)}\par"),
        "}",
    ];

    private static int Lines(ReportTable table, IReadOnlyList<LatexColumn> columns) =>
        table.Groups.Sum(g => g.Title is null ? 0 : 2)
        + table.Groups.SelectMany(g => g.Rows).Sum(row => row.Select((cell, c) => columns[c].Wraps && !cell.Repeats
            ? (int)Math.Ceiling(1.1 * LatexColumns.WidthOf(cell, columns[c].Kind) / columns[c].Em) : 1).Max());
}
