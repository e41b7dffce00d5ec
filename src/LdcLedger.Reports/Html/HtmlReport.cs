using System.Net;
using System.Reflection;
using System.Text;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;

namespace LdcLedger.Reports.Html;

/// <summary>
/// A report as one HTML file that needs nothing else: style and figures inside, no script, light and dark, for a screen of any width
/// and for paper.
/// </summary>
public static class HtmlReport
{
    private static readonly Blocks Drawn = new();

    public static string Render(ReportDocument document)
    {
        var page = new StringBuilder();
        void Line(string line) => page.Append(line).Append('\n');
        Line("<!DOCTYPE html>");
        Line("<html lang=\"en\">");
        Line("<head>");
        Line("<meta charset=\"utf-8\">");
        Line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        Line("<meta name=\"color-scheme\" content=\"light dark\">");
        Line("<meta name=\"generator\" content=\"LdcLedger\">");
        Line($"<title>{Text(document.Title)}</title>");
        Line($"<style>\n{Style()}</style>");
        Line("</head>");
        Line("<body>");
        Line("<header>");
        Line($"<h1>{Text(document.Title)}</h1>");
        Line($"<p class=\"subtitle\">{Text(document.Subtitle)}</p>");
        if (document.Notice is { } notice)
            Line($"<p class=\"notice\">{Text(notice)}</p>");
        Line(Facts(document.Facts));
        Line("</header>");
        Line("<nav aria-label=\"Contents\"><ol>");
        foreach (var section in document.Sections)
            Line($"<li><a href=\"#{section.Anchor}\">{Text(section.Title)}</a></li>");
        Line("</ol></nav>");
        Line("<main>");
        foreach (var (section, i) in document.Sections.Select((s, i) => (s, i)))
            Section(page, section, $"{i + 1}", 2);
        Line("</main>");
        Line($"<footer>{Text(document.Footer)}</footer>");
        Line("</body>");
        Line("</html>");
        return page.ToString();
    }

    private static void Section(StringBuilder page, ReportSection section, string number, int level)
    {
        page.Append($"<section id=\"{section.Anchor}\">\n");
        page.Append($"<h{level}><span class=\"number\">{number}</span> {Text(section.Title)}</h{level}>\n");
        foreach (var block in section.Blocks)
            page.Append(block.Draw(Drawn)).Append('\n');
        foreach (var (child, i) in section.Sections.Select((s, i) => (s, i)))
            Section(page, child, $"{number}.{i + 1}", level + 1);
        page.Append("</section>\n");
    }

    private sealed class Blocks : IBlockRenderer<string>
    {
        public string Draw(Paragraph block) => $"<p>{Text(block.Text)}</p>";

        public string Draw(BulletList block) => "<ul>\n" + string.Concat(block.Items.Select(i => $"<li>{Text(i)}</li>\n")) + "</ul>";

        public string Draw(FactList block) => Facts(block.Facts);

        public string Draw(KeyNumbers block) =>
            "<div class=\"key-numbers\">\n"
            + string.Concat(block.Numbers.Select(n => $"<div><strong>{Text(n.Value)}</strong><span>{Text(n.Label)}</span></div>\n"))
            + "</div>";

        public string Draw(Verbatim block) => $"<pre>{Text(block.Text)}</pre>";

        public string Draw(ReportTable block) => Table(block);

        public string Draw(FigureGrid block) => Grid(block);

        public string Draw(Equation block) =>
            $"<div class=\"equation\" id=\"equation-{Text(block.Name)}\">{FormulaMarkup.Of(block.Formula)}"
            + $"<span>{Text(block.Number)}</span></div>";
    }

    private static string Facts(IReadOnlyList<ReportFact> facts) =>
        "<dl>\n" + string.Concat(facts.Select(f =>
            $"<div><dt>{Text(f.Name)}</dt><dd{(f.Exact ? " class=\"exact\"" : "")}>{Text(f.Value)}</dd></div>\n")) + "</dl>";

    private static string Table(ReportTable table)
    {
        var id = table.Name.Replace('/', '-');
        var html = new StringBuilder();
        // The caption stays outside of what scrolls: on a phone it must not be as wide as the table.
        html.Append($"<figure class=\"table\" id=\"table-{Text(id)}\">\n");
        html.Append($"<figcaption><b>{Text(table.Label)}.</b> {Text(table.Caption)}</figcaption>\n");
        html.Append($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Text(table.Label)}\">\n<table>\n<thead><tr>");
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
                .AppendJoin("", table.Notes.Select(n => $"<li><sup>{n.Mark}</sup> {Text(n.Text)}</li>\n"))
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

    private static string Grid(FigureGrid grid)
    {
        var html = new StringBuilder();
        html.Append($"<figure class=\"grid\" id=\"{Text(grid.Anchor)}\">\n");
        html.Append($"<figcaption><b>{Text(grid.Label)}.</b> {Text(grid.Caption)}</figcaption>\n<div class=\"figures\">\n");
        foreach (var (figure, i) in grid.Figures.Select((f, i) => (f, i)))
        {
            html.Append(figure.Chart.Span == ChartSpan.Full ? "<div class=\"full\">" : "<div>");
            html.Append(FigureFiles.SvgInline(figure, $"{grid.Label.Replace(' ', '-').ToLowerInvariant()}-{i}-"));
            if (figure.Note is { } note)
                html.Append($"<p class=\"note\">{Text(note)}</p>");
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

    private static string Style()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        var colors = FigureFiles.Variables;
        var day = string.Join(' ', colors.Select(c => $"--{c.Name}: {c.Color};"));
        var night = string.Join(' ', colors.Select(c => $"--{c.Name}: {c.Dark};"));
        return reader.ReadToEnd().ReplaceLineEndings("\n")
            + $":root {{ {day} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {night} }} }}\n";
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
