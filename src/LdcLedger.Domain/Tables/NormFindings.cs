using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Domain.Tables;

/// <summary>Values of several cells (a cell is one model on one domain), smallest first.</summary>
public sealed record Spread(IReadOnlyList<double> Sorted)
{
    public int Count => Sorted.Count;

    public double Median => Sample.Median(Sorted);

    public double Lowest => Sorted[0];

    public double Highest => Sorted[^1];

    public int Above(double value) => Sorted.Count(v => v > value);

    public int Below(double value) => Sorted.Count(v => v < value);

    /// <summary>Null of none; values that are not finite are left out.</summary>
    public static Spread? Of(IEnumerable<double?> values)
    {
        IReadOnlyList<double> sorted = [.. values.OfType<double>().Where(double.IsFinite).Order()];
        return sorted.Count == 0 ? null : new(sorted);
    }
}

/// <summary>How far a group's layers are in the same order when it is tuned alone and as a part of the full tuning.</summary>
/// <param name="TauB">Kendall's, one per cell that has both maps and different scores in each.</param>
public sealed record MapAgreement(string Group, Spread TauB);

/// <summary>Norms of targeted runs over those of the same group in the full tuning, one per cell.</summary>
/// <param name="Group">mlp or attention.</param>
/// <param name="Ensemble">Mean of the highest units over the mean of as many in the full run; null where no cell has both and tunes several
/// layers.</param>
/// <param name="Solo">The solo run's largest unit over the full run's largest; null where none has both.</param>
public sealed record TargetedNorms(string Group, Spread? Ensemble, Spread? Solo);

/// <summary>What the norms of a study say under a rule, in numbers.</summary>
/// <param name="MlpOverAttention">Mean score of the layers in the MLP group over that in the attention group, in the full tuning, one per
/// cell; null where no cell has both.</param>
public sealed record NormFindings(
    AggregationRule Rule, Spread? MlpOverAttention, IReadOnlyList<MapAgreement> Agreements, IReadOnlyList<TargetedNorms> Targeted)
{
    public static NormFindings Of(StudyFacts facts, AggregationRule rule, IReadOnlyList<AggregatedNormTable> tables)
    {
        var cells = StudyCell.Of(facts);
        return new(
            rule,
            Spread.Of(cells.Select(cell => MeanScore(cell, rule, Regimes.Mlp) / MeanScore(cell, rule, Regimes.Attention))),
            [
                .. from @group in Regimes.Groups
                   let taus = Spread.Of(cells.Select(cell => TauB(cell, rule, @group)))
                   where taus is not null
                   select new MapAgreement(@group, taus),
            ],
            [
                .. from rows in tables.SelectMany(t => t.Rows).GroupBy(r => r.Group)
                   select new TargetedNorms(
                       rows.Key, Spread.Of(rows.Where(r => r.IsEnsemble).Select(r => r.Ensemble.Value / r.Full.Value)),
                       Spread.Of(rows.Select(r => r.Solo.Value / r.FullHighest))),
            ]);
    }

    private static double? MeanScore(StudyCell cell, AggregationRule rule, string group) =>
        ScoresOf(cell, rule, Regimes.All, group) is { Count: > 0 } scores ? scores.Average(s => s.Score) : null;

    private static double? TauB(StudyCell cell, AggregationRule rule, string group)
    {
        var alone = ScoresOf(cell, rule, group, group);
        var scores = ScoresOf(cell, rule, Regimes.All, group).ToDictionary(s => s.Layer, s => s.Score);
        var both = alone.Where(s => scores.ContainsKey(s.Layer)).ToList();
        return both.Count < 2 ? null : RankCorrelation.TauB([.. both.Select(s => s.Score)], [.. both.Select(s => scores[s.Layer])]);
    }

    private static IReadOnlyList<LayerScore> ScoresOf(StudyCell cell, AggregationRule rule, string regime, string group) =>
        Rankings.Scores(rule, cell.Runs(cell.Full(regime)).Under(rule).Norms, group);
}
