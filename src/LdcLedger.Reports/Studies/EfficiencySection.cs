using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>What each tuning trains against what it reaches: the argument for targeted tuning, as figures.</summary>
internal static class EfficiencySection
{
    /// <summary>None where no run tells how many parameters it trains.</summary>
    public static IReadOnlyList<ReportSection> Of(RuleResults results, string folder, string prefix, Numbering numbering)
    {
        if (results.Efficiency.All(row => row.Points.Count == 0))
            return [];
        var columns = results.Perplexities.Columns;
        var both = Regimes.Rows[Regimes.All].Title;
        var bars = results.Efficiency.SelectMany(r => r.Points).Any(p => p.Confidence is not null)
            ? " Bars are 95 % intervals over seeds." : "";
        var grids = results.Efficiency.GroupBy(row => row.Model).Select(model => new FigureGrid(
            $"{prefix}efficiency-{numbering.Models.Of(model.Key)}", numbering.NextFigure(),
            $"{model.Key}: held-out perplexity of each tuning against the parameters that it trains, as a share of those of {both}, on a "
            + $"logarithmic scale. The dotted line is the pretrained model; further left and lower is better.{bars} Vertical axes differ "
            + "between panels.",
            [.. model.Select(row => new ReportFigure(
                $"figures/{folder}fig_efficiency_{numbering.Cells.Of(row.Model, row.Domain)}", ChartOf(row, columns),
                row.Missing.Count == 0 ? null : $"Missing: {Plural.List(row.Missing)}."))])).ToList();
        return
        [
            new($"{prefix}efficiency", "Trained parameters and perplexity", [new Paragraph(Shares(results)), .. grids], []),
        ];
    }

    /// <summary>How much each tuning trains, over the models.</summary>
    private static string Shares(RuleResults results)
    {
        var points = results.Efficiency.SelectMany(row => row.Points).ToLookup(p => p.Column, p => (double?)p.Share);
        var shares = results.Perplexities.Columns.Where(column => column.Key != Regimes.All && points.Contains(column))
            .Select(column => (Key: column, Spread: Spread.Of(points[column])!)).ToList();
        var words = shares.Select(s => $"{s.Key.Title} {Range(s.Spread)}").ToList();
        return $"Of the parameters that {Regimes.Rows[Regimes.All].Title} trains, "
            + (words.Count == 0 ? "no other tuning’s share is known." : $"the other tunings train: {string.Join(", ", words)}.");
    }

    private static string Range(Spread shares)
    {
        var (low, high) = (Numbers.FinePercent(shares.Lowest), Numbers.FinePercent(shares.Highest));
        return low == high ? low : $"{low} to {high}";
    }

    private static PointChart ChartOf(EfficiencyRow row, IReadOnlyList<PerplexityColumn> columns)
    {
        var ppl = row.Points.SelectMany(p => new[] { p.Perplexity, p.Confidence?.Low ?? p.Perplexity, p.Confidence?.High ?? p.Perplexity })
            .Concat(row.Pretrained is { } pretrained && double.IsFinite(pretrained) ? [pretrained] : []).ToList();
        var lowest = row.Points.Select(p => p.Share).DefaultIfEmpty(1).Min();
        // Training in full takes more than both groups by LoRA.
        var highest = row.Points.Select(p => p.Share).Append(1).Max();
        var words = row.Points.Select(p => string.Create(
            CultureInfo.InvariantCulture, $"{p.Column.Title} {p.Perplexity:G4} with {Numbers.FinePercent(p.Share)}"));
        return new(
            [row.Model, row.Domain],
            $"{row.Model} · {row.Domain}: perplexity against trained parameters. "
                + (row.Pretrained is { } level ? string.Create(CultureInfo.InvariantCulture, $"PT {level:G4}; ") : "")
                + $"{string.Join("; ", words)}.",
            ChartSpan.Half, new($"trained parameters, % of {Regimes.Rows[Regimes.All].Title}", 100 * lowest, 100 * highest,
                AxisScale.Logarithmic),
            new("perplexity", ppl.DefaultIfEmpty(1).Min(), ppl.DefaultIfEmpty(2).Max()),
            [.. row.Points.Select(p => new ChartSeries(
                p.Column.Title, SeriesStyles.Of(p.Column, columns), SeriesLook.Markers,
                [new ChartPoint(100 * p.Share, p.Perplexity, p.Confidence)]))],
            row.Pretrained is { } pt && double.IsFinite(pt) ? [new(columns[0].Title, pt)] : [],
            "No tuning of this model and domain has a perplexity.");
    }
}
