using System.Globalization;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>How ranks came about: a line for each layer that was ever among the highest, over the positions of the study.</summary>
internal static class RankCharts
{
    private const int HighestShown = 3, MostLines = 11;

    /// <summary>One per history, in their order.</summary>
    public static IReadOnlyList<ReportFigure> Of(IReadOnlyList<RankingHistory> histories, AggregationRule rule)
    {
        var names = new Slug();
        return
        [
            .. histories.Select(history => new ReportFigure(
                $"figures/fig_rank_{names.Of(history.Model, history.Domain, history.Group)}", ChartOf(history, rule), null)),
        ];
    }

    /// <summary>The layers that have a line, the one that is highest now first.</summary>
    public static IReadOnlyList<int> LayersOf(RankingHistory history)
    {
        var highest = Math.Max(HighestShown, history.Settled.Select(top => top.K).DefaultIfEmpty(0).Max());
        return history.Points.Count == 0 ? [] :
        [
            .. history.Points.SelectMany(point => point.Layers.Take(highest).Select(l => l.Layer)).Distinct()
                .OrderBy(layer => history.Points[^1].RankOf(layer) ?? int.MaxValue).ThenBy(layer => layer).Take(MostLines),
        ];
    }

    private static PointChart ChartOf(RankingHistory history, AggregationRule rule)
    {
        var (layers, points) = (LayersOf(history), history.Points);
        var positions = points.Select(p => p.Position).ToList();
        var ranks = points.SelectMany(point => layers.Select(point.RankOf)).OfType<int>().DefaultIfEmpty(1).Max();
        IReadOnlyList<string> title = [history.Model, history.Domain, Regimes.Group(history.Group).Line];
        var settled = history.Settled.Select(top => string.Create(
            CultureInfo.InvariantCulture, $"the top {top.K} have been layers {string.Join(", ", top.Layers)} since {top.Since.Position}"));
        return new(
            title, $"{string.Join(" · ", title)}: rank by position of the study, rule {rule.Reference}. {string.Join("; ", settled)}.",
            ChartSpan.Half,
            new("position", positions.DefaultIfEmpty(1).Min(), positions.DefaultIfEmpty(1).Max(), AxisScale.Whole),
            new("rank", 1, ranks, AxisScale.Ranks),
            [.. layers.Select((layer, style) => new ChartSeries(
                string.Create(CultureInfo.InvariantCulture, $"layer {layer}"), style, SeriesLook.MarkedLine,
                [.. from point in points
                    let rank = point.RankOf(layer)
                    where rank is not null
                    select new ChartPoint(point.Position, rank.Value)]))],
            [], "No run of this model and domain has the norms that the rule asks for.");
    }
}
