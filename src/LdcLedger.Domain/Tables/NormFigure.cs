using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Domain.Tables;

/// <summary>One line of a norm figure.</summary>
/// <param name="Name">Attention, MLP or All.</param>
/// <param name="Regime">The run that it shows: attention, mlp or all.</param>
/// <param name="Points">Score of each layer, in the order of layers; empty where no run completed.</param>
/// <param name="Note">Why it is empty, or which seeds lack; else null.</param>
public sealed record NormLine(string Name, string Regime, IReadOnlyList<LayerScore> Points, string? Note);

/// <summary>
/// How much each layer changed, for one model and domain: the attention run's attention group, the mlp run's MLP group, and the
/// <c>all</c> run over all seven projections, each scored by the rule.
/// </summary>
public sealed record NormFigure(string Model, string Domain, AggregationRule Rule, IReadOnlyList<NormLine> Lines)
{
    /// <summary>
    /// One figure per model and domain, in the order of the spec; lines of regimes that the study does not have are left out, and beside
    /// those by LoRA the ones in full, which move by other amounts.
    /// </summary>
    public static IReadOnlyList<NormFigure> Of(StudyFacts facts, AggregationRule rule)
    {
        var has = facts.Study.Spec.Regimes;
        var method = Regimes.MethodsOf(has)[0];
        var drawn = Regimes.Rows.All.Where(r => r.Method == method && has.Contains(r.Name)).ToList();
        return
        [
            .. StudyCell.Of(facts).Select(cell => new NormFigure(
                cell.Model, cell.Domain, rule, [.. drawn.Select(r => LineOf(cell, rule, r.Name, r.Line))])),
        ];
    }

    private static NormLine LineOf(StudyCell cell, AggregationRule rule, string regime, string name)
    {
        var (norms, missing) = cell.Runs(cell.Full(regime)).Under(rule);
        var points = Rankings.Scores(rule, norms, regime);
        return new(name, regime, points, missing ?? (points.Count == 0 ? "no norms were recorded" : null));
    }
}
