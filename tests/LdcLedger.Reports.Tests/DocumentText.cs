using System.Text;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Tests;

/// <summary>A document tree as text, so that a change of it can be read as a difference of lines.</summary>
internal static class DocumentText
{
    public static string Of(ReportDocument document)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line.TrimEnd()).Append('\n');
        Line($"title: {document.Title}");
        Line($"subtitle: {document.Subtitle}");
        Line($"footer: {document.Footer}");
        Line($"as of: {document.AsOf:O}");
        Facts(document.Facts, "  ");
        foreach (var section in document.Sections)
            Section(section, "#");
        foreach (var data in document.Data)
            Line($"data {data.Path}: {string.Join(',', data.Header)} ({data.Rows.Count} rows)");
        return text.ToString();

        void Facts(IReadOnlyList<ReportFact> facts, string indent)
        {
            foreach (var fact in facts)
                Line($"{indent}{fact.Name}: {fact.Value}{(fact.Exact ? " (exact)" : "")}");
        }

        void Section(ReportSection section, string level)
        {
            Line("");
            Line($"{level} {section.Title} [{section.Anchor}]");
            foreach (var block in section.Blocks)
                Block(block);
            foreach (var child in section.Sections)
                Section(child, level + "#");
        }

        void Block(ReportBlock block)
        {
            switch (block)
            {
                case Paragraph p: Line(p.Text); break;
                case BulletList l: foreach (var item in l.Items) Line($"- {item}"); break;
                case FactList f: Facts(f.Facts, "  "); break;
                case KeyNumbers k: foreach (var n in k.Numbers) Line($"[{n.Value}] {n.Label}"); break;
                case Verbatim v: Line(v.Text); break;
                case FigureGrid g:
                    Line($"{g.Label} [{g.Anchor}]. {g.Caption}");
                    foreach (var figure in g.Figures)
                        Line($"  {figure.File}: {string.Join(' ', figure.Figure.Lines.Select(l => $"{l.Name}({l.Points.Count})"))}{(figure.Note is null ? "" : $" note: {figure.Note}")}");
                    break;
                case ReportTable t:
                    Line($"{t.Label} [{t.Name}]. {t.Caption}");
                    Line("  " + string.Join(" | ", t.Columns.Select(c => c.Title)));
                    foreach (var group in t.Groups)
                    {
                        if (group.Title is not null)
                            Line($"  == {group.Title}");
                        foreach (var row in group.Rows)
                            Line("  " + string.Join(" | ", row.Select(c => (c.Bold ? $"*{c.Text}*" : c.Repeats ? $"\"{c.Text}\"" : c.Text) + (c.Mark is null ? "" : $"^{c.Mark}"))));
                    }
                    foreach (var note in t.Notes)
                        Line($"  ^{note.Mark} {note.Text}");
                    break;
            }
        }
    }
}
