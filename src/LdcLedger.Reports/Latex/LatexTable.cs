using System.Text;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Latex;

/// <summary>A table for a paper: needs <c>\usepackage{booktabs}</c>, and <c>longtable</c> where it is longer than a page.</summary>
public static class LatexTable
{
    // A page of a paper holds about so many rows.
    private const int LongFrom = 45;

    public static string Of(ReportTable table)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        var width = table.Columns.Count;
        var rows = table.Groups.Sum(g => g.Rows.Count + 1);
        var layout = string.Concat(table.Columns.Select(c => Alignment(c.Kind)));
        var header = string.Join(" & ", table.Columns.Select(c => Escape(c.Title))) + @" \\";
        var caption = $@"\caption{{{Escape(table.Caption)}}}\label{{tab:{table.Name.Replace('/', '-').Replace('_', '-')}}}";
        var isLong = rows > LongFrom;
        Line(@"% Needs \usepackage{booktabs}" + (isLong ? @" and \usepackage{longtable}" : "") + "; the file is UTF-8.");
        if (isLong)
        {
            Line($@"\begin{{longtable}}{{{layout}}}");
            Line(caption + @" \\");
            Line(@"\toprule " + header + @" \midrule \endfirsthead");
            Line(@"\toprule " + header + @" \midrule \endhead");
            Line(@"\bottomrule \endlastfoot");
        }
        else
        {
            Line(@"\begin{table}");
            Line(@"\centering");
            Line(caption);
            Line($@"\begin{{tabular}}{{{layout}}}");
            Line(@"\toprule");
            Line(header);
            Line(@"\midrule");
        }
        foreach (var (group, i) in table.Groups.Select((g, i) => (g, i)))
        {
            if (i > 0)
                Line(@"\addlinespace");
            if (group.Title is { } title)
                Line($@"\multicolumn{{{width}}}{{l}}{{\textit{{{Escape(title)}}}}} \\");
            foreach (var row in group.Rows)
                Line(string.Join(" & ", row.Select(CellText)) + @" \\");
        }
        if (!isLong)
        {
            Line(@"\bottomrule");
            Line(@"\end{tabular}");
        }
        else
            Line(@"\end{longtable}");
        if (table.Notes.Count > 0)
        {
            Line(@"\par\smallskip\footnotesize");
            Line(string.Join(@"\quad ", table.Notes.Select(n => $@"\textsuperscript{{{n.Mark}}} {Escape(n.Text)}")));
        }
        if (!isLong)
            Line(@"\end{table}");
        return text.ToString();
    }

    private static string Alignment(ColumnKind kind) => kind switch
    {
        ColumnKind.Words or ColumnKind.Exact => "l",
        ColumnKind.Number => "r",
    };

    private static string CellText(ReportCell cell)
    {
        if (cell.Repeats)
            return "";
        var text = Escape(cell.Text);
        return (cell.Bold ? $@"\textbf{{{text}}}" : text) + (cell.Mark is { } mark ? $@"\textsuperscript{{{mark}}}" : "");
    }

    internal static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
            escaped.Append(rune.ToString() switch
            {
                "\\" => @"\textbackslash{}",
                "~" => @"\textasciitilde{}",
                "^" => @"\textasciicircum{}",
                "<" => @"\textless{}",
                ">" => @"\textgreater{}",
                "|" => @"\textbar{}",
                "\"" => @"\textquotedbl{}",
                "&" or "%" or "$" or "#" or "_" or "{" or "}" => "\\" + rune,
                "–" => "--",
                "−" => "$-$",
                "×" => @"$\times$",
                "·" => @"$\cdot$",
                "Δ" => @"$\Delta$",
                "α" => @"$\alpha$",
                "‖" => @"$\Vert$",
                "√" => @"$\surd$",
                "∞" => @"$\infty$",
                var other => other,
            });
        return escaped.ToString();
    }
}
