using System.Globalization;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>A norm figure as a chart: a line for each regime, over layers.</summary>
internal static class NormChart
{
    /// <param name="top">Highest score that the axis must hold: that of its model, so that domains can be compared.</param>
    public static PointChart Of(NormFigure figure, double top)
    {
        var layers = figure.Lines.SelectMany(l => l.Points).Select(p => p.Layer).DefaultIfEmpty(0).ToList();
        return new(
            [figure.Model, figure.Domain], Description(figure), ChartSpan.Half,
            new("layer", layers.Min(), layers.Max(), AxisScale.Whole), new(RuleWords.Axis(figure.Rule), 0, top > 0 ? top : 1),
            [.. figure.Lines.Select(line => new ChartSeries(
                line.Name, SeriesStyles.Of(line.Regime), SeriesLook.MarkedLine,
                [.. line.Points.Select(p => new ChartPoint(p.Layer, p.Score))],
                line.Points.Count == 0 ? "missing" : line.Note is null ? null : "partial"))],
            [], "No run of this model and domain has the norms that the rule asks for.");
    }

    private static string Description(NormFigure figure)
    {
        var lines = figure.Lines.Select(l => l.Points.Count == 0
            ? $"{l.Name}: {l.Note}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{l.Name}: highest in layer {l.Points.MaxBy(p => p.Score)!.Layer} ({l.Points.Max(p => p.Score):G4})"));
        return $"{figure.Model} · {figure.Domain}: {RuleWords.Axis(figure.Rule)} by layer, rule {figure.Rule.Reference}. "
            + $"{string.Join("; ", lines)}.";
    }
}
