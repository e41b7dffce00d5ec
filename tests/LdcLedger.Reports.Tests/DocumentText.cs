using System.Globalization;
using LdcLedger.Domain.Rules;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Tests;

/// <summary>A document tree as text, so that a change of it can be read as a difference of lines.</summary>
internal sealed class DocumentText : IBlockRenderer<IEnumerable<string>>
{
    public static string Of(ReportDocument document)
    {
        IEnumerable<string> lines =
        [
            $"title: {document.Title}",
            $"subtitle: {document.Subtitle}",
            $"footer: {document.Footer}",
            $"as of: {document.AsOf:O}",
            .. document.Notice is { } notice ? [$"notice: {notice}"] : (string[])[],
            $"origin: {document.Origin.Study} at {document.Origin.Position}, root {document.Origin.Root}, ldc {document.Origin.LdcVersion}",
            .. document.Origin.Rules.Select(rule => $"  rule {rule.Reference}: {rule.Hash}"),
            .. document.Facts.Select(Fact),
            .. document.Sections.SelectMany(s => Section(s, "#")),
            .. document.Data.Select(d => $"data {d.Path}: {string.Join(',', d.Header)} ({d.Rows.Count} rows)"),
        ];
        return string.Concat(lines.Select(line => line.TrimEnd() + "\n"));
    }

    public static string Of(ReportBlock block) => string.Join('\n', block.Draw(new DocumentText()));

    public IEnumerable<string> Draw(Paragraph block) => [block.Text];

    public IEnumerable<string> Draw(BulletList block) => block.Items.Select(item => $"- {item}");

    public IEnumerable<string> Draw(FactList block) => block.Facts.Select(Fact);

    public IEnumerable<string> Draw(KeyNumbers block) => block.Numbers.Select(n => $"[{n.Value}] {n.Label}");

    public IEnumerable<string> Draw(Verbatim block) => [block.Text];

    public IEnumerable<string> Draw(FigureGrid block) =>
    [
        $"{block.Label} [{block.Anchor}]. {block.Caption}",
        .. block.Figures.Select(f =>
            $"  {f.File}: {f.Chart.Draw(new ChartText())}" + (f.Note is null ? "" : $" note: {f.Note}")),
    ];

    public IEnumerable<string> Draw(Equation block) => [$"{block.Label} [{block.Name}]. {FormulaWords.Of(block.Formula)}"];

    public IEnumerable<string> Draw(ReportTable block) =>
    [
        $"{block.Label} [{block.Name}]. {block.Caption}",
        "  " + string.Join(" | ", block.Columns.Select(c => c.Title)),
        .. block.Groups.SelectMany(g => g.Rows.Select(row => "  " + string.Join(" | ", row.Select(Cell)))
            .Prepend(g.Title is null ? null : $"  == {g.Title}").OfType<string>()),
        .. block.Notes.Select(n => $"  ^{n.Mark} {n.Text}"),
    ];

    private static IEnumerable<string> Section(ReportSection section, string level) =>
    [
        "",
        $"{level} {section.Title} [{section.Anchor}]",
        .. section.Blocks.SelectMany(b => b.Draw(new DocumentText())),
        .. section.Sections.SelectMany(s => Section(s, level + "#")),
    ];

    private static string Fact(ReportFact fact) => $"  {fact.Name}: {fact.Value}{(fact.Exact ? " (exact)" : "")}";

    private static string Cell(ReportCell cell) =>
        (cell.Bold ? $"*{cell.Text}*" : cell.Repeats ? $"\"{cell.Text}\"" : cell.Text) + (cell.Mark is null ? "" : $"^{cell.Mark}");

    /// <summary>What a chart shows, and of how much.</summary>
    private sealed class ChartText : IChartRenderer<string>
    {
        public string Draw(PointChart chart) =>
            $"{string.Join(" · ", chart.Title)}; {Axis(chart.X)}; {Axis(chart.Y)}; "
            + string.Join(' ', chart.Series.Select(s => $"{s.Name}({s.Points.Count}{(s.State is null ? "" : $", {s.State}")})"))
            + string.Concat(chart.Levels.Select(l => $" --{l.Name}"));

        public string Draw(HeatMap chart) =>
            $"{string.Join(" · ", chart.Title)}; {chart.Across} {chart.Columns[0]} to {chart.Columns[^1]}; {Axis(chart.Color)}; "
            + string.Join(' ', chart.Rows.Select((row, i) => $"{row}({chart.Values[i].Count(v => v is not null)})"));

        private static string Axis(ChartAxis axis) =>
            string.Create(CultureInfo.InvariantCulture, $"{axis.Title} {axis.Low:G6} to {axis.High:G6}");
    }
}
