using System.Text;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;

namespace LdcLedger.Reports.Html;

/// <summary>Every kind of block as HTML.</summary>
internal sealed class HtmlBlocks(References references) : IBlockRenderer<string>
{
    public string Draw(Paragraph block) => $"<p>{Linked(block.Text)}</p>";

    public string Draw(BulletList block) => "<ul>\n" + string.Concat(block.Items.Select(i => $"<li>{Linked(i)}</li>\n")) + "</ul>";

    public string Draw(FactList block) => Facts(block.Facts);

    public string Draw(KeyNumbers block) =>
        "<div class=\"key-numbers\">\n"
        + string.Concat(block.Numbers.Select(n => $"<div><strong>{Text(n.Value)}</strong><span>{Text(n.Label)}</span></div>\n"))
        + "</div>";

    public string Draw(Verbatim block) => $"<pre>{Text(block.Text)}</pre>";

    public string Draw(ReportTable block) => Table(block);

    public string Draw(FigureGrid block) => Grid(block);

    public string Draw(Equation block) =>
        // What is seen is drawn, in the fonts that the page brings: browsers set roots and tall brackets only in fonts made for it.
        $"<div class=\"equation\" id=\"{Text(References.AnchorOf(block))}\"><div>"
        + FigureFiles.SvgInline(block.Formula, $"{Text(References.AnchorOf(block))}-")
        + $"</div><div class=\"heard\">{FormulaMarkup.Of(block.Formula)}</div>"
        + $"<span>{Text(block.Number)}</span></div>";

    public string Facts(IReadOnlyList<ReportFact> facts) =>
        "<dl>\n" + string.Concat(facts.Select(f =>
            $"<div><dt>{Text(f.Name)}</dt><dd{(f.Exact ? " class=\"exact\"" : "")}>{Text(f.Value)}</dd></div>\n")) + "</dl>";

    private string Table(ReportTable table)
    {
        var id = Text(References.AnchorOf(table));
        var html = new StringBuilder();
        // The caption stays outside of what scrolls: on a phone it must not be as wide as the table.
        html.Append($"<figure class=\"table\" id=\"{id}\">\n");
        html.Append($"<figcaption id=\"{id}-caption\"><b>{Text(table.Label)}.</b> {Linked(table.Caption)}</figcaption>\n");
        html.Append($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Text(table.Label)}\">\n")
            .Append($"<table aria-labelledby=\"{id}-caption\">\n<thead><tr>");
        foreach (var column in table.Columns)
            html.Append($"<th scope=\"col\" class=\"{Class(column)}\">{Text(column.Title)}</th>");
        html.Append("</tr></thead>\n");
        foreach (var group in table.Groups)
        {
            html.Append("<tbody>\n");
            if (group.Title is { } title)
                html.Append("<tr class=\"group\">")
                    .Append($"<th scope=\"rowgroup\" colspan=\"{table.Columns.Count}\"><span>{Text(title)}</span></th></tr>\n");
            foreach (var row in group.Rows)
            {
                html.Append("<tr>");
                var shortHead = row[0].Text.Length <= 16 ? " short" : "";
                html.Append($"<th scope=\"row\" class=\"{Class(table.Columns[0])}{shortHead}\">{Cell(table, row[0])}</th>");
                for (var c = 1; c < row.Count; c++)
                    html.Append($"<td class=\"{Class(table.Columns[c])}\">{Cell(table, row[c])}</td>");
                html.Append("</tr>\n");
            }
            html.Append("</tbody>\n");
        }
        html.Append("</table>\n</div>\n");
        if (table.Notes.Count > 0)
            html.Append("<ul class=\"notes\">\n")
                .AppendJoin("", table.Notes.Select(n => $"<li><sup>{n.Mark}</sup> {Linked(n.Text)}</li>\n"))
                .Append("</ul>\n");
        return html.Append("</figure>").ToString();
    }

    private static string Cell(ReportTable table, ReportCell cell)
    {
        if (cell.Repeats)
            return $"<span class=\"repeats\">{Text(cell.Text)}</span>";
        var text = cell.Bold ? $"<b>{Text(cell.Text)}</b>" : Text(cell.Text);
        if (cell.Mark is null)
            return text;
        var note = table.Notes.First(n => n.Mark == cell.Mark).Text;
        return $"{text}<sup title=\"{Text(note)}\">{cell.Mark}</sup>";
    }

    private string Grid(FigureGrid grid)
    {
        var html = new StringBuilder();
        html.Append($"<figure class=\"grid\" id=\"{Text(grid.Anchor)}\">\n");
        html.Append($"<figcaption><b>{Text(grid.Label)}.</b> {Linked(grid.Caption)}</figcaption>\n<div class=\"figures\">\n");
        foreach (var (figure, i) in grid.Figures.Select((f, i) => (f, i)))
        {
            html.Append(figure.Chart.Span == ChartSpan.Full ? "<div class=\"full\">" : "<div>");
            html.Append(FigureFiles.SvgInline(figure, $"{grid.Label.Replace(' ', '-').ToLowerInvariant()}-{i}-"));
            if (figure.Note is { } note)
                html.Append($"<p class=\"note\">{Linked(note)}</p>");
            html.Append("</div>\n");
        }
        return html.Append("</div>\n</figure>").ToString();
    }

    private static string Class(ReportColumn column) => column.Kind switch
    {
        ColumnKind.Number => "number",
        ColumnKind.Exact => "exact",
        ColumnKind.Words => "words",
    };

    /// <summary>Text in which what is referred to is a link.</summary>
    public string Linked(string text) => string.Concat(references.In(references.Bound(text)).Select(
        piece => piece.Anchor is { } anchor ? $"<a href=\"#{Text(anchor)}\">{Text(piece.Text)}</a>" : Text(piece.Text)));

    private static string Text(string text) => HtmlReport.Text(text);
}
