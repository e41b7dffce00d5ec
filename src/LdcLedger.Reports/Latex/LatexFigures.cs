using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Latex;

/// <summary>The figures of a grid for a paper: PDF files, side by side as in the report, under its caption.</summary>
public static class LatexFigures
{
    // So many rows of panels and a caption fit a page.
    private const int RowsOnPage = 4;

    public static string Of(FigureGrid grid) => Of(grid, null);

    internal static string Of(FigureGrid grid, References? references) => LatexFile.Of(
        @"Needs \usepackage{graphicx}; from another folder, also \graphicspath{{FOLDER/}} with that of the report. The file is UTF-8.",
        grid.Rows.Chunk(RowsOnPage).SelectMany((rows, part) => (IEnumerable<string>)
        [
            // Half a line of one column, half the page of two: its type stays legible in both.
            @"\begin{figure*}[htbp]",
            @"\centering",
            .. rows.Select(row => string.Join(@"\hfill", row.Select(Panel)) + @"\par\smallskip"),
            .. rows.SelectMany(row => row).Where(f => f.Note is not null).Select(f =>
                $@"{{\footnotesize {LatexText.Of($"{string.Join(" · ", f.Chart.Title)}: {f.Note}", null)}\par}}"),
            part == 0 ? $@"\caption{{{LatexText.Of(grid.Caption, references)}}}\label{{{LatexText.Key(grid)}}}"
                : $@"Figure~\ref{{{LatexText.Key(grid)}}}, continued.",
            @"\end{figure*}",
        ]));

    private static string Panel(ReportFigure figure) =>
        $@"\includegraphics[width={(figure.Chart.Span == ChartSpan.Half ? @"0.49\linewidth" : @"\linewidth")}]{{{figure.File}.pdf}}";
}
