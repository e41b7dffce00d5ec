using System.Globalization;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>Maps of a model as heat maps: layer by domain, and layer by projection.</summary>
internal static class MapCharts
{
    /// <summary>A figure per model that has maps; its panels share their scale.</summary>
    public static IEnumerable<FigureGrid> ByDomain(RuleResults results, string folder, string prefix, Numbering numbering) =>
        from model in results.DomainMaps.GroupBy(map => map.Model).Where(HasValues)
        let figures = FiguresOf(
            model, results.Rule, RuleWords.Axis(results.Rule), map => Regimes.Group(map.Group!).Line,
            map => $"figures/{folder}fig_layer_domain_{numbering.Cells.Of(map.Model, map.Group!)}")
        select new FigureGrid(
            $"{prefix}layer-domain-{numbering.Models.Of(model.Key)}", numbering.NextFigure(),
            $"{model.Key}: {RuleWords.Axis(results.Rule)} of each layer in {Regimes.FullRun}, one panel per group and one row per domain. "
            + "Darker is more; a dot marks each row’s highest layer" + Crossed(model), figures);

    public static IEnumerable<FigureGrid> ByProjection(RuleResults results, string folder, string prefix, Numbering numbering) =>
        from model in results.ProjectionMaps.GroupBy(map => map.Model).Where(HasValues)
        let symbol = RuleWords.Symbol(results.Rule)
        let figures = FiguresOf(
            model, results.Rule, symbol, map => map.Domain!,
            map => $"figures/{folder}fig_layer_module_{numbering.Cells.Of(map.Model, map.Domain!)}")
        select new FigureGrid(
            $"{prefix}layer-module-{numbering.Models.Of(model.Key)}", numbering.NextFigure(),
            $"{model.Key}: {symbol} of each projection of each layer in {Regimes.FullRun}, one panel per domain. "
            + "Darker is more; a dot marks each row’s highest layer" + Crossed(model), figures);

    // A model of which nothing was measured has no map; its norm figures say so.
    private static bool HasValues(IEnumerable<NormMap> maps) =>
        maps.SelectMany(m => m.Rows).SelectMany(r => r.Values).Any(v => v is not null);

    private static string Crossed(IEnumerable<NormMap> maps) =>
        maps.SelectMany(m => m.Rows).SelectMany(r => r.Values).Any(v => v is null) ? "; a cross marks a missing value." : ".";

    private static IReadOnlyList<ReportFigure> FiguresOf(
        IEnumerable<NormMap> maps, AggregationRule rule, string measure, Func<NormMap, string> panel, Func<NormMap, string> file)
    {
        var values = maps.SelectMany(m => m.Rows).SelectMany(r => r.Values).OfType<double>().ToList();
        // From 0: an equal step of colour is an equal step of the measure, and its full amount is seen.
        var color = new ChartAxis(measure, 0, values.Select(v => v).DefaultIfEmpty(1).Max() is var top and > 0 ? top : 1);
        return [.. maps.Select(map => new ReportFigure(file(map), ChartOf(map, panel(map), color, rule), map.Missing))];
    }

    private static HeatMap ChartOf(NormMap map, string panel, ChartAxis color, AggregationRule rule)
    {
        var rows = map.Rows.Select(row => row.Values.Index().Where(v => v.Item is not null).ToList() is { Count: > 0 } known
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Name}: highest in layer {known.MaxBy(v => v.Item).Index} ({known.Max(v => v.Item):G4})")
            : $"{row.Name}: missing");
        return new(
            [map.Model, panel], $"{map.Model} · {panel}: {color.Title} by layer, rule {rule.Reference}. {string.Join("; ", rows)}.",
            ChartSpan.Half, "layer", [.. Enumerable.Range(0, map.Layers).Select(l => l.ToString(CultureInfo.InvariantCulture))],
            [.. map.Rows.Select(r => r.Name)], [.. map.Rows.Select(r => r.Values)], color);
    }
}
