using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;

namespace LdcLedger.Reports.Exports;

/// <summary>What a study measured, and how its layers rank, as tables for other programs.</summary>
public static class StudyTables
{
    private sealed record NormRow(RunSummary Run, ModuleNorm Norm);

    private sealed record PerplexityRow(RunSummary Run, RunPerplexity Measured)
    {
        public Perplexity Value => new(Measured.TotalNats, Measured.ScoredTokens, Measured.Bytes);
    }

    private sealed record RankRow(AggregationRule Rule, RankingRow Ranking, int Rank, LayerScore Layer);

    /// <summary>Every norm of every run: a row for each epoch, layer and projection.</summary>
    public static ExportTable Norms(StudyFacts facts)
    {
        var runs = facts.Runs.ToDictionary(r => r.Id);
        return new ExportTable<NormRow>(
            facts.Norms.SelectMany(norms => norms.Modules.Select(module => new NormRow(runs[norms.Id], module))),
            [
                .. OfRun<NormRow>(row => row.Run),
                new ExportColumn<NormRow, int>("epoch", row => row.Norm.Epoch),
                new ExportColumn<NormRow, int>("layer", row => row.Norm.Layer),
                new ExportColumn<NormRow, string>("projection", row => row.Norm.Projection),
                new ExportColumn<NormRow, string>("group", row => Projections.GroupOf(row.Norm.Projection)),
                new ExportColumn<NormRow, double>("update_frobenius", row => row.Norm.UpdateFrobenius),
                new ExportColumn<NormRow, double>("weight_frobenius", row => row.Norm.WeightFrobenius),
                new ExportColumn<NormRow, int>("rows", row => row.Norm.Rows),
                new ExportColumn<NormRow, int>("columns", row => row.Norm.Columns),
            ]);
    }

    /// <summary>The held-out evaluation of every run that has one.</summary>
    public static ExportTable Perplexities(StudyFacts facts)
    {
        var runs = facts.Runs.ToDictionary(r => r.Id);
        return new ExportTable<PerplexityRow>(
            facts.Perplexities.Select(measured => new PerplexityRow(runs[measured.Id], measured)),
            [
                .. OfRun<PerplexityRow>(row => row.Run),
                new ExportColumn<PerplexityRow, double>("total_nats", row => row.Measured.TotalNats),
                new ExportColumn<PerplexityRow, long>("scored_tokens", row => row.Measured.ScoredTokens),
                new ExportColumn<PerplexityRow, long>("bytes", row => row.Measured.Bytes),
                new ExportColumn<PerplexityRow, double>("nats_per_token", row => row.Value.NatsPerToken),
                new ExportColumn<PerplexityRow, double>("perplexity", row => row.Value.Value),
                new ExportColumn<PerplexityRow, double>("bits_per_byte", row => row.Value.BitsPerByte),
            ]);
    }

    /// <summary>
    /// The layers of every model, domain and group under each rule, best first, and how sure their places are over seeds; nothing where
    /// there is no ranking.
    /// </summary>
    public static ExportTable Rankings(StudyFacts facts, IReadOnlyList<AggregationRule> rules)
    {
        var tables = rules.Select(rule => RankingTable.WithStability(facts, rule)).ToList();
        return new ExportTable<RankRow>(
            from table in tables
            from ranking in table.Rows
            from layer in ranking.Layers.Index()
            select new RankRow(table.Rule, ranking, layer.Index + 1, layer.Item),
            [
                new ExportColumn<RankRow, string>("rule", row => row.Rule.Name),
                new ExportColumn<RankRow, int>("rule_version", row => row.Rule.Version),
                new ExportColumn<RankRow, string>("model", row => row.Ranking.Model),
                new ExportColumn<RankRow, string>("domain", row => row.Ranking.Domain),
                new ExportColumn<RankRow, string>("group", row => row.Ranking.Group),
                new ExportColumn<RankRow, int>("rank", row => row.Rank),
                new ExportColumn<RankRow, int>("layer", row => row.Layer.Layer),
                new ExportColumn<RankRow, double>("score", row => row.Layer.Score),
                .. (tables.FirstOrDefault()?.Tops ?? []).Select((top, k) => new ExportColumn<RankRow, double?>(
                    StabilityColumn(top), row => row.Ranking.Stability?.Layers[row.Rank - 1].InTop[k])),
            ]);
    }

    /// <summary>Header of the probability that a layer is among the highest <paramref name="top"/>, by bootstrap over seeds.</summary>
    internal static string StabilityColumn(int top) => $"p_top_{top}";

    private static IEnumerable<ExportColumn<TRow>> OfRun<TRow>(Func<TRow, RunSummary> run) =>
    [
        new ExportColumn<TRow, string>("run_id", row => run(row).Id.ToString("D")),
        new ExportColumn<TRow, string>("model", row => run(row).Model),
        new ExportColumn<TRow, string>("domain", row => run(row).Domain),
        new ExportColumn<TRow, int>("stage", row => run(row).Stage),
        new ExportColumn<TRow, string>("role", row => run(row).Role),
        new ExportColumn<TRow, string>("tuning", row => run(row).Tuning),
        new ExportColumn<TRow, int?>("seed", row => run(row).Seed),
        new ExportColumn<TRow, string>("status", row => run(row).Status),
    ];
}
