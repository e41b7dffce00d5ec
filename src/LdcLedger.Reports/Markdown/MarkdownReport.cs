using System.Text;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Latex;

namespace LdcLedger.Reports.Markdown;

/// <summary>
/// The whole report as Markdown of GitHub's flavour: pipe tables, figures as links to their SVG files, formulas as LaTeX.
/// </summary>
public static class MarkdownReport
{
    public static string Of(ReportDocument document)
    {
        var blocks = new Blocks(new References(document));
        IEnumerable<string> parts =
        [
            $"# {MarkdownText.Escape(document.Title)}",
            $"*{MarkdownText.Escape(document.Subtitle)}*",
            .. document.Notice is { } notice ? [$"> **{MarkdownText.Escape(notice)}**"] : (string[])[],
            blocks.Draw(new FactList(document.Facts)),
            string.Join('\n', document.Sections.Select((section, i) => $"{i + 1}. {MarkdownText.Link(section.Title, section.Anchor)}")),
            .. document.Sections.SelectMany((section, i) => Section(section, $"{i + 1}", 2, blocks)),
            "---",
            MarkdownText.Line(MarkdownText.Escape(document.Footer)),
        ];
        return string.Join("\n\n", parts.Where(part => part.Length > 0)) + "\n";
    }

    private static IEnumerable<string> Section(ReportSection section, string number, int level, Blocks blocks) =>
    [
        MarkdownText.Anchor(section.Anchor),
        $"{new string('#', Math.Min(level, 6))} {number} {MarkdownText.Escape(section.Title)}",
        .. section.Blocks.Select(block => block.Draw(blocks)),
        .. section.Sections.SelectMany((child, i) => Section(child, $"{number}.{i + 1}", level + 1, blocks)),
    ];

    private sealed class Blocks(References references) : IBlockRenderer<string>
    {
        public string Draw(Paragraph block) => Line(block.Text);

        public string Draw(BulletList block) => string.Join('\n', block.Items.Select(item => $"- {Line(item)}"));

        public string Draw(FactList block) => string.Join('\n', block.Facts.Select(fact =>
            $"- {MarkdownText.Line(MarkdownText.Escape(fact.Name))}: {(fact.Exact ? MarkdownText.Code(fact.Value) : Text(fact.Value))}"));

        public string Draw(KeyNumbers block) =>
            string.Join('\n', block.Numbers.Select(n => $"- **{MarkdownText.Escape(n.Value)}** {Text(n.Label)}"));

        public string Draw(Verbatim block) => MarkdownText.Fenced(block.Text);

        public string Draw(ReportTable block)
        {
            var text = new StringBuilder();
            void Line(IEnumerable<string> cells) => text.Append($"| {string.Join(" | ", cells)} |\n");
            text.Append($"{MarkdownText.Anchor(References.AnchorOf(block))}\n\n");
            text.Append($"**{MarkdownText.Escape(block.Label)}.** {Text(block.Caption)}\n\n");
            Line(block.Columns.Select(c => MarkdownText.Escape(c.Title)));
            Line(block.Columns.Select(c => Rule(c.Kind)));
            foreach (var group in block.Groups)
            {
                // There is no cell over several columns; the row says by its weight what it is.
                if (group.Title is { } title)
                    Line(block.Columns.Select((_, c) => c == 0 ? $"**{MarkdownText.Escape(title)}**" : ""));
                foreach (var row in group.Rows)
                    Line(row.Select((cell, c) => Cell(cell, block.Columns[c].Kind)));
            }
            if (block.Notes.Count > 0)
                text.Append('\n').AppendJoin('\n', block.Notes.Select(n => $"- <sup>{n.Mark}</sup> {Text(n.Text)}"));
            return text.ToString().TrimEnd('\n');
        }

        public string Draw(FigureGrid block) => string.Join("\n\n",
        [
            MarkdownText.Anchor(block.Anchor),
            .. block.Figures.Select(figure =>
                $"![{MarkdownText.Escape(figure.Chart.Description)}]({MarkdownText.Path(figure.File + ".svg")})"
                + (figure.Note is { } note ? $"\n\n{Line($"{string.Join(" · ", figure.Chart.Title)}: {note}")}" : "")),
            $"**{MarkdownText.Escape(block.Label)}.** {Text(block.Caption)}",
        ]);

        public string Draw(Equation block) =>
            $"{MarkdownText.Anchor(References.AnchorOf(block))}\n\n"
            + $"```math\n{LatexFormula.Of(block.Formula)} \\tag{{{block.Number.Trim('(', ')')}}}\n```";

        private string Line(string text) => MarkdownText.Line(Text(text));

        private string Text(string text)
        {
            var pieces = references.In(text).ToList();
            return pieces.Count == 1 && pieces[0].Anchor is null ? MarkdownText.Escape(text) : string.Concat(pieces.Select(piece =>
                piece.Anchor is { } anchor ? MarkdownText.Link(piece.Text, anchor) : MarkdownText.Escape(piece.Text)));
        }

        // What repeats the cell above it is said again: a table of Markdown is read row by row.
        private static string Cell(ReportCell cell, ColumnKind kind)
        {
            var text = kind == ColumnKind.Exact && cell.Text.Length > 0 ? MarkdownText.Code(cell.Text) : MarkdownText.Escape(cell.Text);
            return (cell.Bold && text.Length > 0 ? $"**{text}**" : text) + (cell.Mark is { } mark ? $"<sup>{mark}</sup>" : "");
        }

        private static string Rule(ColumnKind kind) => kind switch
        {
            ColumnKind.Words or ColumnKind.Exact => ":--",
            ColumnKind.Number => "--:",
        };
    }
}
