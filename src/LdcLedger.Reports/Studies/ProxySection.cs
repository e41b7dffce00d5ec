using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>Whether LoRA's map of the layers stands for full training's; only in studies that train the same projections by both.</summary>
internal static class ProxySection
{
    public static IEnumerable<ReportSection> Of(RuleResults results, string folder, string prefix, Numbering numbering)
    {
        if (results.Proxies.Count == 0)
            return [];
        var grids = results.Proxies.GroupBy(p => (p.Regime, p.Model)).Select(map => new FigureGrid(
            $"{prefix}proxy-{map.Key.Regime}-{numbering.Models.Of(map.Key.Model)}", numbering.NextFigure(),
            $"{map.Key.Model}: score of each layer by LoRA and in full ({Regimes.Rows[map.Key.Regime].Words}), one panel per domain. "
                + "Where both draw the same map, points rise from left to right.",
            [.. map.GroupBy(p => p.Domain).Select(domain => new ReportFigure(
                $"figures/{folder}fig_proxy_{map.Key.Regime}_{numbering.Cells.Of(map.Key.Model, domain.Key)}",
                Scatter(results.Rule, [.. domain]), Note([.. domain])))]));
        return
        [
            new($"{prefix}lora-proxy", "Is LoRA a fair proxy?",
                [new Paragraph(Summary(results)), Table(results, folder, numbering), .. grids], []),
        ];
    }

    private static string Summary(RuleResults results)
    {
        var measured = results.Proxies.Where(p => p.TauB is not null).ToList();
        var what = "Both regimes train the same projections, one by low-rank adapters beside them, the other as they are. "
            + "Kendall’s τ-b compares the orders in which their norms put the layers: 1 for the same order, 0 for no relation, "
            + "−1 for the opposite one.";
        if (measured.Count == 0)
            return what + " No pair of maps is there yet.";
        var coefficients = measured.Select(p => p.TauB!.Value).ToList();
        var median = Numbers.Correlation(Sample.Median(coefficients));
        var low = Numbers.Correlation(coefficients.Min());
        var high = Numbers.Correlation(coefficients.Max());
        var tops = measured[0].Overlaps.Select((o, k) =>
            $"{Numbers.Percent(measured.Average(p => (double)p.Overlaps[k].Shared / Math.Min(o.K, p.Layers.Count)))} of the top {o.K}");
        return $"{what} Over {Plural.Of(measured.Count, "pair")} of maps, the median is {median} ({low} to {high}); "
            + $"on average the two share {Plural.List([.. tops])}.";
    }

    private static ReportTable Table(RuleResults results, string folder, Numbering numbering)
    {
        var marks = new NoteMarks();
        var tops = results.Proxies[0].Overlaps.Select(o => o.K).DefaultIfEmpty().ToList();
        var several = results.Proxies.Select(p => p.Regime).Distinct().Count() > 1;
        var groups = results.Proxies.GroupBy(p => p.Model).Select(model => new ReportRowGroup(model.Key,
            [.. model.Select((p, i) => (IReadOnlyList<ReportCell>)
            [
                new(p.Domain, Repeats: i > 0 && model.ElementAt(i - 1).Domain == p.Domain),
                .. several ? (ReportCell[])[new(Regimes.Rows[p.Regime].Title)] : [],
                new(Regimes.Group(p.Group).Title),
                marks.Cell(p.TauB is { } tau ? Numbers.Correlation(tau) : null, p.Missing),
                new(p.OverSeeds is { Count: > 1 } seeds ? Numbers.Correlation(seeds.Mean) : Numbers.None),
                new(p.Confidence is { } interval
                    ? $"{Numbers.Correlation(interval.Low)} to {Numbers.Correlation(interval.High)}" : Numbers.None),
                .. tops.Select((k, at) => new ReportCell(
                    p.Overlaps.ElementAtOrDefault(at) is { } overlap ? $"{overlap.Shared} of {overlap.K}" : Numbers.None)),
            ])]));
        return new(
            $"{folder}lora-proxy", numbering.NextTable(),
            $"Agreement of the layers’ scores by LoRA and in full under rule {results.Rule.Reference}. τ-b: of the scores over all seeds. "
                + "Mean and 95 % interval: of the coefficients of single seeds. Top: highest layers that both share.",
            [
                new("Domain", ColumnKind.Words), .. several ? (ReportColumn[])[new("Regime", ColumnKind.Words)] : [],
                new("Group", ColumnKind.Words), new("τ-b", ColumnKind.Number), new("Mean over seeds", ColumnKind.Number),
                new("95 % interval", ColumnKind.Number), .. tops.Select(k => new ReportColumn($"Top {k}", ColumnKind.Number)),
            ],
            [.. groups], marks.Notes);
    }

    private static PointChart Scatter(AggregationRule rule, IReadOnlyList<LoraProxy> groups)
    {
        var layers = groups.SelectMany(g => g.Layers).ToList();
        return new(
            [groups[0].Model, groups[0].Domain], Description(rule, groups), ChartSpan.Half,
            Axis($"{RuleWords.Axis(rule)}, by LoRA", layers.Select(l => l.Lora)),
            Axis($"{RuleWords.Axis(rule)}, in full", layers.Select(l => l.Full)),
            [.. groups.Select(g => new ChartSeries(
                Regimes.Group(g.Group).Line, SeriesStyles.Of(g.Group), SeriesLook.Markers,
                [.. g.Layers.Where(l => double.IsFinite(l.Lora) && double.IsFinite(l.Full)).Select(l => new ChartPoint(l.Lora, l.Full))],
                g.Layers.Count == 0 ? "missing" : g.Missing is null ? null : "partial"))],
            [], "One of the two maps is missing for this model and domain.");
    }

    /// <summary>From the lowest score, not from 0: what counts is how they lie to each other.</summary>
    private static ChartAxis Axis(string title, IEnumerable<double> scores)
    {
        var finite = scores.Where(double.IsFinite).DefaultIfEmpty(1).ToList();
        return finite.Min() < finite.Max() ? new(title, finite.Min(), finite.Max()) : new(title, 0, finite.Max() > 0 ? finite.Max() : 1);
    }

    private static string Description(AggregationRule rule, IReadOnlyList<LoraProxy> groups) =>
        $"{groups[0].Model} · {groups[0].Domain}: {RuleWords.Axis(rule)} of each layer by LoRA against that in full. "
            + string.Join("; ", groups.Select(g => $"{Regimes.Group(g.Group).Line}: " + (g.TauB is { } tau
                ? $"τ-b {Numbers.Correlation(tau)} over {Plural.Of(g.Layers.Count, "layer")}" : g.Missing ?? "no two different scores")))
            + ".";

    private static string? Note(IReadOnlyList<LoraProxy> groups) => groups.Select(g => g.Missing).FirstOrDefault(m => m is not null);
}
