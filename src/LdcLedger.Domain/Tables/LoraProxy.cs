using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Statistics;

namespace LdcLedger.Domain.Tables;

/// <summary>A layer's score in both maps, each over all seeds.</summary>
public sealed record ProxyLayer(int Layer, double Lora, double Full);

/// <summary>
/// How far the map that LoRA draws of a group's layers is that of training the same projections in full, on one model and domain: a pair of
/// regimes, such as <c>all</c> and <c>full-all</c>.
/// </summary>
/// <param name="Regime">Name of the one by LoRA.</param>
/// <param name="Layers">In the order of layers; empty where a map is missing.</param>
/// <param name="TauB">Kendall's, of the scores over all seeds; null where a map is missing or has no two different scores.</param>
/// <param name="OverSeeds">Of the coefficients of single seeds, each run with its twin of the same seed; null where there is none.</param>
/// <param name="Overlaps">For every number of layers that stage 2 targets.</param>
/// <param name="Missing">Why a map is missing or lacks seeds; else null.</param>
public sealed record LoraProxy(
    string Model, string Domain, string Regime, string Group, IReadOnlyList<ProxyLayer> Layers, double? TauB, Estimate? OverSeeds,
    IReadOnlyList<TopOverlap> Overlaps, string? Missing)
{
    /// <summary>95 % interval of the mean over seeds, within -1 and 1; null of a single seed.</summary>
    public Interval? Confidence => OverSeeds?.Confidence?.Map(value => Math.Clamp(value, -1, 1));

    /// <summary>
    /// Every pair that a study has, model by model, domain by domain, group by group; none where it trains nothing in full, or only what it
    /// does not train by LoRA.
    /// </summary>
    public static IReadOnlyList<LoraProxy> Of(StudyFacts facts, AggregationRule rule)
    {
        var regimes = facts.Study.Spec.Regimes;
        var tops = facts.Study.Spec.Stage2.Top is { Count: > 0 } targeted ? targeted : RankingStability.UsualTops;
        return
        [
            .. from cell in StudyCell.Of(facts)
               from twins in Regimes.Twins
               where regimes.Contains(twins.Lora.Name) && regimes.Contains(twins.Full.Name)
               from @group in Regimes.Groups
               where Projections.Of(@group).All(twins.Lora.Projections.Contains)
               select Of(cell, rule, twins.Lora, twins.Full, @group, tops),
        ];
    }

    private static LoraProxy Of(StudyCell cell, AggregationRule rule, Regime lora, Regime full, string group, IReadOnlyList<int> tops)
    {
        var (byLora, lacksLora) = cell.Runs(cell.Full(lora.Name)).Under(rule);
        var (inFull, lacksFull) = cell.Runs(cell.Full(full.Name)).Under(rule);
        var lacks = new[] { (Regime: lora.Name, What: lacksLora), (Regime: full.Name, What: lacksFull) }.Where(l => l.What is not null);
        var missing = string.Join("; ", lacks.Select(l => $"{l.Regime}: {l.What}")) is { Length: > 0 } said ? said : null;
        var layers = LayersOf(rule, byLora, inFull, group);
        IReadOnlyList<double> coefficients =
        [
            .. byLora.Join(inFull, run => run.Seed, twin => twin.Seed, (run, twin) => (run.Seed, Run: run, Twin: twin)).OrderBy(p => p.Seed)
                .Select(pair => TauBOf(LayersOf(rule, [pair.Run], [pair.Twin], group))).OfType<double>(),
        ];
        GroupRanking one = Rankings.Of(rule, byLora, group), other = Rankings.Of(rule, inFull, group);
        return new(
            cell.Model, cell.Domain, lora.Name, group, layers, TauBOf(layers), coefficients.Count == 0 ? null : Estimate.Of(coefficients),
            layers.Count == 0 ? [] : [.. tops.Select(k => new TopOverlap(k, one.Top(k).Intersect(other.Top(k)).Count()))],
            layers.Count == 0 ? missing ?? "no norms were recorded" : missing);
    }

    private static IReadOnlyList<ProxyLayer> LayersOf(
        AggregationRule rule, IReadOnlyList<RunNorms> lora, IReadOnlyList<RunNorms> full, string group)
    {
        var inFull = Rankings.Scores(rule, full, group).ToDictionary(l => l.Layer, l => l.Score);
        return
        [
            .. Rankings.Scores(rule, lora, group).Where(scored => inFull.ContainsKey(scored.Layer))
                .Select(scored => new ProxyLayer(scored.Layer, scored.Score, inFull[scored.Layer])),
        ];
    }

    private static double? TauBOf(IReadOnlyList<ProxyLayer> layers) =>
        RankCorrelation.TauB([.. layers.Select(l => l.Lora)], [.. layers.Select(l => l.Full)]);
}
