using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Exports;

namespace LdcLedger.Reports.Studies;

/// <summary>The tables of one rule in full precision. Headers are those of the published study's files where it has them.</summary>
internal static class RuleData
{
    /// <param name="seeds">Of the study; with several, the report has their intervals.</param>
    public static IReadOnlyList<DataFile> Of(RuleResults results, string folder, int seeds) =>
    [
        Perplexities(results.Perplexities, $"tables/{folder}perplexity-normalised.csv", c => c.Normalised),
        Perplexities(results.Perplexities, $"tables/{folder}perplexity.csv", c => c.Value?.Value),
        Perplexities(results.Perplexities, $"tables/{folder}bits-per-byte.csv", c => c.Value?.BitsPerByte),
        .. seeds > 1 ? [OverSeeds(results.Perplexities, $"tables/{folder}perplexity-over-seeds.csv")] : (DataFile[])[],
        new($"tables/{folder}aggregated-norms.csv", ["model", "domain", "group", "full_run_avg", "ensemble_avg", "solo_top"],
            [.. from table in results.Norms
                from row in table.Rows
                select Row(table.Model, row.Domain, row.Group, row.Full.Value, row.Ensemble.Value, row.Solo.Value)]),
        new($"tables/{folder}rankings.csv",
            ["model", "domain", "group", "rank", "layer", "score", .. results.Rankings.Tops.Select(StudyTables.StabilityColumn)],
            [.. from row in results.Rankings.Rows
                from ranked in row.Layers.Index()
                let stability = row.Stability?.Layers[ranked.Index].InTop
                select Row([row.Model, row.Domain, row.Group, ranked.Index + 1, ranked.Item.Layer, ranked.Item.Score,
                    .. results.Rankings.Tops.Select((_, k) => (object?)stability?[k])])]),
        new($"tables/{folder}norms.csv", ["model", "domain", "run", "layer", "score"],
            [.. from figure in results.Figures
                from line in figure.Lines
                from point in line.Points
                select Row(figure.Model, figure.Domain, line.Regime, point.Layer, point.Score)]),
        new($"tables/{folder}layer-module.csv", ["model", "domain", "layer", "projection", "value"],
            [.. from map in results.ProjectionMaps
                from row in map.Rows
                from value in row.Values.Index()
                where value.Item is not null
                select Row(map.Model, map.Domain, value.Index, row.Name, value.Item)]),
        new($"tables/{folder}efficiency.csv",
            ["model", "domain", "tuning", "parameters", "share_of_all", "perplexity", "ppl_95_low", "ppl_95_high"],
            [.. from row in results.Efficiency
                from point in row.Points
                select Row(row.Model, row.Domain, point.Column.Key, point.Parameters, point.Share, point.Perplexity, point.Confidence?.Low,
                    point.Confidence?.High)]),
        Gains(results.Gains, folder),
        .. Proxies(results, folder),
    ];

    private static IEnumerable<DataFile> Proxies(RuleResults results, string folder) => results.Proxies.Count == 0 ? [] :
    [
        new($"tables/{folder}lora-proxy.csv",
            ["model", "domain", "regime", "group", "tau_b", "seeds", "mean_tau_b", "sd_tau_b", "tau_b_95_low", "tau_b_95_high",
                .. results.Proxies[0].Overlaps.Select(o => $"shared_of_top_{o.K}")],
            [.. results.Proxies.Select(p => Row([p.Model, p.Domain, p.Regime, p.Group, p.TauB, p.OverSeeds?.Count, p.OverSeeds?.Mean,
                p.OverSeeds?.StandardDeviation, p.Confidence?.Low, p.Confidence?.High,
                .. results.Proxies[0].Overlaps.Select((_, k) => (object?)p.Overlaps.ElementAtOrDefault(k)?.Shared)]))]),
        new($"tables/{folder}lora-proxy-layers.csv", ["model", "domain", "regime", "group", "layer", "lora_score", "full_score"],
            [.. from proxy in results.Proxies
                from layer in proxy.Layers
                select Row(proxy.Model, proxy.Domain, proxy.Regime, proxy.Group, layer.Layer, layer.Lora, layer.Full)]),
    ];

    /// <summary>A row for each targeted tuning.</summary>
    private static DataFile Gains(TargetedGains gains, string folder) => new(
        $"tables/{folder}targeted-gains.csv",
        ["tuning", "parameter_share", "kept_median", "kept_lowest", "kept_highest", "kept_cells", "best_in", "reaches_full_in", "cells"],
        [.. gains.Columns.Select(c => Row(
            c.Column.Key, c.ParameterShare, c.MedianKept, c.Kept.Count > 0 ? c.Kept[0] : (double?)null,
            c.Kept.Count > 0 ? c.Kept[^1] : (double?)null, c.Kept.Count,
            c.BestIn, c.ReachesFullIn, c.Cells))]);

    private static DataFile Perplexities(PerplexityTable table, string path, Func<PerplexityCell, double?> value) => new(
        path,
        ["model", "domain", .. table.Columns.Select(c => c.Key)],
        [.. table.Rows.Select(row => Row([row.Model, row.Domain, .. row.Cells.Select(c => (object?)value(c))]))]);

    /// <summary>Long form: a row per cell that has a value; the interval is empty where there is one seed.</summary>
    private static DataFile OverSeeds(PerplexityTable table, string path) => new(
        path,
        ["model", "domain", "tuning", "seeds", "mean_nats_per_token", "median_nats_per_token", "sd_nats_per_token", "ppl_95_low",
            "ppl_95_high"],
        [.. from row in table.Rows
            from cell in row.Cells.Select((cell, i) => (Cell: cell, table.Columns[i].Key))
            where cell.Cell.OverSeeds is not null
            let seeds = cell.Cell.OverSeeds
            select Row(row.Model, row.Domain, cell.Key, seeds.Count, seeds.Mean, seeds.Median, seeds.StandardDeviation,
                cell.Cell.Confidence?.Low, cell.Cell.Confidence?.High)]);

    private static IReadOnlyList<object?> Row(params IReadOnlyList<object?> values) => values;
}
