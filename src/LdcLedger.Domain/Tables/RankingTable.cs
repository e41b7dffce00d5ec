using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Domain.Tables;

/// <param name="Layers">Best first; empty where there is no ranking.</param>
/// <param name="Missing">Why there is none; else null.</param>
public sealed record RankingRow(string Model, string Domain, string Group, IReadOnlyList<LayerScore> Layers, string? Missing);

/// <summary>Every ranking of a study under a rule: a row per model, domain and group, in the order of the spec.</summary>
public sealed record RankingTable(AggregationRule Rule, IReadOnlyList<RankingRow> Rows)
{
    public static RankingTable Of(StudyFacts facts, AggregationRule rule)
    {
        var rows =
            from cell in StudyCell.Of(facts)
            from @group in facts.Study.Spec.Stage2.Groups
            let ranked = cell.Ranking(rule, @group)
            select new RankingRow(cell.Model, cell.Domain, @group, ranked.Ranking?.Layers ?? [], ranked.Missing);
        return new(rule, [.. rows]);
    }
}
