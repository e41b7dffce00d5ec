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
            $"{prefix}figure-{numbering.Models.Of(model.Key)}", numbering.NextFigure(),
            $"{model.Key}: {RuleWords.Axis(results.Rule)} of each layer, one panel per domain. Layers are numbered from 0.",
            [.. model.Select(f => new ReportFigure(
                $"figures/{folder}fig_norm_{numbering.Cells.Of(f.Model, f.Domain)}", NormChart.Of(f, TopOf(model)), NoteOf(f)))]));
        return new($"{prefix}norms", "How much each layer changes",
            [
                new Paragraph(
                    "ΔW = (α / r) B A is the update of a projection, and ‖·‖ is the Frobenius norm. " +
                    $"The score of a layer is {RuleWords.Score(results.Rule)}. " +
                    $"The line {Plural.List([.. lines.Select((r, i) => $"{r.Line}{(i == 0 ? " shows" : "")} {RunOf(r)}")])}."),
                .. grids,
            ],
            []);
    }

    public static ReportSection Rankings(RuleResults results, string folder, string prefix, Numbering numbering, Stage2Spec stage2)
    {
        var table = results.Rankings;
        var marks = new NoteMarks();
        var score = Numbers.Scores(table.Rows.SelectMany(r => r.Layers.Take(RanksShown)).Select(l => l.Score));
        var layers = table.Rows.Select(r => r.Layers.Count).DefaultIfEmpty(0).Max();
        var shown = Math.Max(1, Math.Min(RanksShown, layers));
        var targeted = stage2.Top.DefaultIfEmpty(0).Max();
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
            []);
    }

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
                marks.Notes);
        });
        return new($"{prefix}aggregated-norms", "Aggregated norms",
            [
                new Paragraph(
                    $"Full-run norm: mean of the group's {top} highest units in {Regimes.FullRun}. " +
                    $"Ensemble norm: mean of the {top} highest units in the run that tunes only the group's {top} highest-ranked layers. " +
                    "Solo-run norm: largest unit of the run that tunes only the highest-ranked layer. " +
                    $"The measure is {RuleWords.Symbol(results.Rule)}; " +
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

    private static string RunOf(Regime regime) =>
        $"the run that tunes {regime.Words} ({Plural.Of(regime.Projections.Count, "projection")})";

    private static double TopOf(IEnumerable<NormFigure> figures) =>
        figures.SelectMany(f => f.Lines).SelectMany(l => l.Points).Select(p => p.Score).Where(double.IsFinite).DefaultIfEmpty(1).Max();

    private static string? NoteOf(NormFigure figure)
    {
        var notes = figure.Lines.Where(l => l.Note is not null).Select(l => $"{l.Name}: {l.Note}").ToList();
        return notes.Count == 0 ? null : string.Join("; ", notes);
    }
}
