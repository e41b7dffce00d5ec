using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>How much each layer changed: figures, rankings, aggregated norms.</summary>
internal static class NormSections
{
    // As many ranks as fit a page's width beside the domain and the group.
    private const int RanksShown = 8;

    public static ReportSection Figures(RuleResults results, string folder, string prefix, Numbering numbering)
    {
        var lines = results.Figures.SelectMany(f => f.Lines).Select(l => l.Regime).Distinct().Select(r => Regimes.Rows[r]).ToList();
        var grids = results.Figures.GroupBy(f => f.Model).Select(model => new FigureGrid(
            $"{prefix}norms-{numbering.Models.Of(model.Key)}", numbering.NextFigure(),
            $"{model.Key}: {RuleWords.Axis(results.Rule)} of each layer, one panel per domain; the vertical axis is the " +
            "same in all of them. Layers are numbered from 0.",
            [.. model.Select(f => new ReportFigure(
                $"figures/{folder}fig_norm_{numbering.Cells.Of(f.Model, f.Domain)}", NormChart.Of(f, TopOf(model)), NoteOf(f)))])).ToList();
        var maps = MapCharts.ByDomain(results, folder, prefix, numbering).ToList();
        var modules = MapCharts.ByProjection(results, folder, prefix, numbering).ToList();
        return new($"{prefix}norms", "How much each layer changes",
            [
                new Paragraph(
                    $"The score of a layer is {RuleWords.Score(results.Rule)}{numbering.SeeEquation($"{prefix}score")}; ‖·‖ is the "
                    + $"Frobenius norm{numbering.SeeEquation("norm")}. " +
                    $"The line {Plural.List([.. lines.Select((r, i) => $"{r.Line}{(i == 0 ? " shows" : "")} {RunOf(r)}")])}."),
                .. grids,
            ],
            [
                .. maps.Count == 0 ? [] : (ReportSection[])[new($"{prefix}layer-domain", "Layer by domain", [.. maps], [])],
                .. modules.Count == 0 ? [] : (ReportSection[])[new($"{prefix}layer-module", "Layer by projection", [.. modules], [])],
            ]);
    }

    public static ReportSection Rankings(RuleResults results, string folder, string prefix, Numbering numbering, Stage2Spec stage2)
    {
        var table = results.Rankings;
        var marks = new NoteMarks();
        var score = Numbers.Scores(table.Rows.SelectMany(r => r.Layers.Take(RanksShown)).Select(l => l.Score));
        var layers = table.Rows.Select(r => r.Layers.Count).DefaultIfEmpty(0).Max();
        var shown = Math.Max(1, Math.Min(RanksShown, layers));
        var targeted = stage2.Groups.Count == 0 ? 0 : stage2.Top.DefaultIfEmpty(0).Max();
        var groups = table.Rows.GroupBy(r => r.Model).Select(model => new ReportRowGroup(model.Key,
            [.. model.Select((row, i) =>
                RowOf(row, i > 0 && model.ElementAt(i - 1).Domain == row.Domain, shown, targeted, score, marks))]));
        var caption =
            $"Layers of each group, ranked by their score in {Regimes.FullRun}. " +
            "Each cell gives the layer and its score in brackets." +
            (targeted > 0 ? " Bold: layers that stage 2 targets under this rule." : "") +
            (layers > shown ? $" Ranks beyond {shown} are in tables/{folder}rankings.csv." : "");
        return new($"{prefix}rankings", "Rankings",
            [
                new ReportTable(
                    $"{folder}rankings", numbering.NextTable(), caption,
                    [new("Domain", ColumnKind.Words), new("Group", ColumnKind.Words),
                        .. Enumerable.Range(1, shown).Select(rank => new ReportColumn($"{rank}.", ColumnKind.Number))],
                    [.. groups], marks.Notes),
            ],
            table.Rows.Any(r => r.Stability is not null) ? [Stability(table, folder, prefix, numbering, shown)] : []);
    }

    private static ReportSection Stability(RankingTable table, string folder, string prefix, Numbering numbering, int shown)
    {
        var seeds = table.Rows.Max(r => r.Stability?.Seeds ?? 0);
        var marks = new NoteMarks();
        var (first, last) = (table.Tops[0], table.Tops[^1]);
        IReadOnlyList<ReportCell> RowOf(RankingRow row, bool repeats) =>
        [
            new(row.Domain, Repeats: repeats), new(Regimes.Group(row.Group).Title),
            .. row.Stability is null
                ? Enumerable.Range(0, shown).Select(i => i == 0
                    ? marks.Cell(null, row.Missing ?? "a single seed says nothing of how another would rank") : new ReportCell(""))
                : Enumerable.Range(0, shown).Select(i => i < row.Stability.Layers.Count && row.Stability.Layers[i] is var layer
                    ? new ReportCell($"{layer.Layer} ({Probability(layer.InTop[^1])})", layer.InTop[0] >= 1) : new ReportCell("")),
        ];
        return new($"{prefix}ranking-stability", "How stable the rankings are",
            [
                new Paragraph(
                    $"Had other seeds been run, other layers might lead. As many seeds as were run ({seeds}) are drawn from them "
                    + $"again, with "
                    + "replacement, and the layers ranked anew; the table says how often a layer is among the highest. Few seeds "
                    + "cannot tell "
                    + "how far seeds unlike them would lead elsewhere."),
                new ReportTable(
                    $"{folder}ranking-stability", numbering.NextTable(),
                    "Layers in the order of the ranking; in brackets the probability to be "
                    + (last == 1 ? "the highest" : $"among the {last} highest") + " when seeds are drawn again. Bold: layers that are "
                    + (first == 1 ? "the highest" : $"among the {first} highest") + " in every draw.",
                    [new("Domain", ColumnKind.Words), new("Group", ColumnKind.Words),
                        .. Enumerable.Range(1, shown).Select(rank => new ReportColumn($"{rank}.", ColumnKind.Number))],
                    [.. table.Rows.GroupBy(r => r.Model).Select(model => new ReportRowGroup(model.Key,
                        [.. model.Select((row, i) => RowOf(row, i > 0 && model.ElementAt(i - 1).Domain == row.Domain))]))],
                    marks.Notes)
                {
                    Data = $"tables/{folder}rankings.csv",
                },
            ],
            []);
    }

    // What is not certain is never printed as if it were.
    private static string Probability(double p) => p is > 0.995 and < 1 ? "> 99 %" : p is > 0 and < 0.005 ? "< 1 %" : Numbers.Percent(p);

    public static ReportSection Aggregated(RuleResults results, string folder, string prefix, Numbering numbering)
    {
        var top = results.Rule.Top;
        var tables = results.Norms.Select(table =>
        {
            var marks = new NoteMarks();
            ReportCell Cell(NormCell cell) => marks.Cell(cell.Value is { } v ? Numbers.Norm(v) : null, cell.Note);
            return new ReportTable(
                $"{folder}aggregated-norms-{numbering.Models.Of(table.Model)}", numbering.NextTable(),
                $"{table.Model}: aggregated norms under rule {results.Rule.Reference}.",
                [new("Domain", ColumnKind.Words), new("Components", ColumnKind.Words), new("Average full-run norm", ColumnKind.Number),
                    new("Average ensemble norm", ColumnKind.Number), new("Top solo-run norm", ColumnKind.Number)],
                [new(null, [.. table.Rows.Select((row, i) => (IReadOnlyList<ReportCell>)
                    [new(row.Domain, Repeats: i > 0 && table.Rows[i - 1].Domain == row.Domain), new(row.Title),
                        Cell(row.Full), Cell(row.Ensemble), Cell(row.Solo)])])],
                marks.Notes)
            {
                Data = $"tables/{folder}aggregated-norms.csv",
            };
        });
        return new($"{prefix}aggregated-norms", "Aggregated norms",
            [
                new Paragraph(
                    $"Full-run norm: {Highest(top, "the group’s")} in {Regimes.FullRun}. " +
                    $"Ensemble norm: {Highest(top, "the")} in the run that tunes only the group’s "
                    + (top == 1 ? "highest-ranked layer. " : $"{top} highest-ranked layers. ") +
                    "Solo-run norm: largest unit of the run that tunes only the highest-ranked layer. " +
                    $"The measure is {RuleWords.Symbol(results.Rule)}{numbering.SeeEquation($"{prefix}measure")}; " +
                    $"a unit is {RuleScope.Rows[results.Rule.Over].Unit}."),
                .. tables,
            ],
            []);
    }

    private static IReadOnlyList<ReportCell> RowOf(
        RankingRow row, bool repeats, int shown, int targeted, Func<double, string> score, NoteMarks marks)
    {
        IEnumerable<ReportCell> ranks = row.Layers.Count == 0
            ? Enumerable.Range(0, shown).Select(i => i == 0 ? marks.Cell(null, row.Missing) : new ReportCell(""))
            : Enumerable.Range(0, shown).Select(i => i < row.Layers.Count
                ? new ReportCell($"{row.Layers[i].Layer} ({score(row.Layers[i].Score)})", i < targeted)
                : new ReportCell(""));
        return [new(row.Domain, Repeats: repeats), new(Regimes.Group(row.Group).Title), .. ranks];
    }

    private static string Highest(int top, string whose) =>
        top == 1 ? $"{whose} highest unit" : $"mean of {whose} {Numbers.Count(top)} highest units";

    private static string RunOf(Regime regime) =>
        $"the run that tunes {regime.Words} ({Plural.Of(regime.Projections.Count, "projection")})";

    private static double TopOf(IEnumerable<NormFigure> figures) =>
        figures.SelectMany(f => f.Lines).SelectMany(l => l.Points).Select(p => p.Score).Where(double.IsFinite).DefaultIfEmpty(1).Max();

    private static string? NoteOf(NormFigure figure) => FigureNotes.Of(figure.Lines.Select(l => (l.Name, l.Note)));
}
