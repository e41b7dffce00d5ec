using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Domain.Tables;

/// <param name="Layers">Best first; empty where there is no ranking.</param>
/// <param name="Missing">Why there is none; else null.</param>
/// <param name="Stability">How far it depends on the seeds; null where there is no ranking, one seed only, or nobody asked.</param>
public sealed record RankingRow(
    string Model, string Domain, string Group, IReadOnlyList<LayerScore> Layers, string? Missing, RankingStability? Stability);

/// <summary>
/// Every ranking of a study under a rule: a row per model, domain and group that stage 2 targets, in the order of the spec; of all groups
/// where it targets none, and of none without <c>all</c> runs then.
/// </summary>
/// <param name="Tops">The numbers of highest layers whose stability is looked at: those that stage 2 targets.</param>
public sealed record RankingTable(AggregationRule Rule, IReadOnlyList<int> Tops, IReadOnlyList<RankingRow> Rows)
{
    /// <summary>The rankings alone.</summary>
    public static RankingTable Of(StudyFacts facts, AggregationRule rule) => Of(facts, rule, (_, _, _) => null);

    /// <summary>With how stable each is over the study's seeds, which is dearer than the rankings: hundreds of resamples of each.</summary>
    public static RankingTable WithStability(StudyFacts facts, AggregationRule rule) =>
        Of(facts, rule, (cell, group, tops) => cell.Stability(rule, group, tops));

    private static RankingTable Of(
        StudyFacts facts, AggregationRule rule, Func<StudyCell, string, IReadOnlyList<int>, RankingStability?> stability)
    {
        var targeted = facts.Study.Spec.Stage2.Top;
        IReadOnlyList<int> tops = [.. (targeted.Count > 0 ? targeted : RankingStability.UsualTops).Distinct().Order()];
        var spec = facts.Study.Spec;
        var groups = spec.Stage2.Groups.Count > 0 ? spec.Stage2.Groups : spec.Regimes.Contains(Regimes.All) ? Regimes.Groups : [];
        var rows =
            from cell in StudyCell.Of(facts)
            from @group in groups
            let ranked = cell.Ranking(rule, @group)
            select new RankingRow(
                cell.Model, cell.Domain, @group, ranked.Ranking?.Layers ?? [], ranked.Missing, stability(cell, @group, tops));
        return new(rule, tops, [.. rows]);
    }
}
