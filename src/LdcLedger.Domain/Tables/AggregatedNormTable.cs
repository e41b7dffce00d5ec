using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Domain.Tables;

/// <param name="Value">Null where there is none.</param>
/// <param name="Note">Why it is empty, or which seeds lack; else null.</param>
public sealed record NormCell(double? Value, string? Note);

/// <param name="Group">mlp or attention.</param>
/// <param name="Title">For instance Top-3 MLP.</param>
/// <param name="Full">Mean of the group's highest units in the <c>all</c> run.</param>
/// <param name="Ensemble">Mean of the highest units in the run that adapts only the group's highest layers.</param>
/// <param name="Solo">The largest unit of the run that adapts only the group's highest layer.</param>
/// <param name="FullHighest">The largest unit of the group in the <c>all</c> run: what the solo run's can be held against.</param>
/// <param name="IsEnsemble">Whether the ensemble run adapts several layers.</param>
public sealed record AggregatedNormRow(
    string Domain, string Group, string Title, NormCell Full, NormCell Ensemble, NormCell Solo, double? FullHighest, bool IsEnsemble);

/// <summary>
/// How far the highest units of a model move when everything is tuned, when only the highest layers are (ensemble), and when only
/// the highest one is (solo). "Highest" counts as many as the rule's <see cref="AggregationRule.Top"/>.
/// </summary>
public sealed record AggregatedNormTable(string Model, AggregationRule Rule, IReadOnlyList<AggregatedNormRow> Rows)
{
    /// <summary>One table per model, in the order of the spec; a row per domain and group.</summary>
    public static IReadOnlyList<AggregatedNormTable> Of(StudyFacts facts, AggregationRule rule) =>
    [
        .. StudyCell.Of(facts).GroupBy(cell => cell.Model).Select(cells => new AggregatedNormTable(
            cells.Key, rule,
            [.. from cell in cells from @group in facts.Study.Spec.Stage2.Groups select RowOf(cell, rule, @group)])),
    ];

    private static AggregatedNormRow RowOf(StudyCell cell, AggregationRule rule, string group)
    {
        var (full, ensemble) = (cell.Runs(cell.Full(Regimes.All)), cell.Targeted(rule, rule.Top, group));
        return new(cell.Domain, group, Regimes.Group(group).Top(rule.Top),
            MeanOfHighest(rule, full, group, rule.Top), MeanOfHighest(rule, ensemble.Runs, group, rule.Top),
            MeanOfHighest(rule, cell.Targeted(rule, 1, group).Runs, group, 1),
            MeanOfHighest(rule, full, group, 1).Value, ensemble.Tuning?.Layers.Count > 1);
    }

    private static NormCell MeanOfHighest(AggregationRule rule, TunedRuns runs, string group, int count)
    {
        var (norms, missing) = runs.Under(rule);
        var highest = NormUnits.Of(rule, norms, Projections.Of(group)).Select(u => u.Value).OrderDescending().Take(count).ToList();
        return highest.Count > 0 ? new(highest.Average(), missing) : new(null, missing ?? "no norms were recorded");
    }
}
