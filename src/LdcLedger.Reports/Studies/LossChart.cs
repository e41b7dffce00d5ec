using System.Globalization;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>A curve of training loss, and how it looks.</summary>
/// <param name="Style">As <see cref="ChartSeries.Style"/>.</param>
internal sealed record LossLine(string Name, int Style, IReadOnlyList<MeanLoss> Points);

/// <summary>Training loss by step, a curve for each tuning or run.</summary>
internal static class LossChart
{
    public static PointChart Of(IReadOnlyList<string> title, IReadOnlyList<LossLine> lines, string nothing)
    {
        var points = lines.SelectMany(line => line.Points).ToList();
        var losses = points.Select(p => p.NatsPerToken).Where(double.IsFinite).DefaultIfEmpty(1).ToList();
        var ends = lines.Where(line => line.Points.Count > 0).Select(line => string.Create(
            CultureInfo.InvariantCulture, $"{line.Name} from {line.Points[0].NatsPerToken:G4} to {line.Points[^1].NatsPerToken:G4}"));
        return new(
            title, $"{string.Join(" · ", title)}: nats per token by step. {string.Join("; ", ends)}.", ChartSpan.Half,
            new(
                "step", points.Select(p => p.Step).DefaultIfEmpty(0).Min(), points.Select(p => p.Step).DefaultIfEmpty(1).Max(),
                AxisScale.Whole),
            new("nats per token", losses.Min(), losses.Max()),
            [.. lines.Select(line => new ChartSeries(
                line.Name, line.Style, SeriesLook.Line, [.. line.Points.Select(p => new ChartPoint(p.Step, p.NatsPerToken))],
                line.Points.Count == 0 ? "missing" : null))],
            [], nothing);
    }
}
