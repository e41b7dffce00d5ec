using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Domain.Tables;

/// <summary>A row of a map: its values by layer.</summary>
/// <param name="Name">A domain, or a projection.</param>
/// <param name="Values">One per layer of the model; null where there is none.</param>
public sealed record MapRow(string Name, IReadOnlyList<double?> Values);

/// <summary>Where a model changes in its <c>all</c> runs: layers across, domains or projections down.</summary>
/// <param name="Domain">Null where the rows are domains.</param>
/// <param name="Group">Name of the group whose scores they are; null where the rows are projections.</param>
/// <param name="Missing">Why values are missing; else null.</param>
public sealed record NormMap(string Model, string? Domain, string? Group, int Layers, IReadOnlyList<MapRow> Rows, string? Missing)
{
    /// <summary>
    /// One per model and group, in the order of the spec: the scores that rankings order, domain by domain. None without <c>all</c> runs.
    /// </summary>
    public static IReadOnlyList<NormMap> ByDomain(StudyFacts facts, AggregationRule rule) => !HasAll(facts) ? [] :
    [
        .. from model in StudyCell.Of(facts).GroupBy(cell => cell.Model)
           from @group in Regimes.Groups
           let layers = LayersOf(facts, model.Key)
           select new NormMap(model.Key, null, @group, layers,
               [.. model.Select(cell => new MapRow(cell.Domain, ByLayer(layers,
                   Rankings.Scores(rule, cell.Runs(cell.Full(Regimes.All)).Under(rule).Norms, @group).Select(s => (s.Layer, s.Score)))))],
               Plain(model.Select(cell => (cell.Domain, cell.Runs(cell.Full(Regimes.All)).Under(rule).Missing)))),
    ];

    /// <summary>One per model and domain, likewise: the measure of every projection, as the rule takes it.</summary>
    public static IReadOnlyList<NormMap> ByProjection(StudyFacts facts, AggregationRule rule)
    {
        if (!HasAll(facts))
            return [];
        var single = rule with { Over = AggregationRule.ComponentFrobenius.Over };
        return
        [
            .. from cell in StudyCell.Of(facts)
               let layers = LayersOf(facts, cell.Model)
               let measured = cell.Runs(cell.Full(Regimes.All)).Under(rule)
               let units = NormUnits.Of(single, measured.Norms, Projections.All)
               select new NormMap(cell.Model, cell.Domain, null, layers,
                   [.. Projections.All.Select(projection => new MapRow(projection,
                       ByLayer(layers, units.Where(u => u.Projection == projection).Select(u => (u.Layer, u.Value)))))],
                   measured.Missing),
        ];
    }

    private static bool HasAll(StudyFacts facts) => facts.Study.Spec.Regimes.Contains(Regimes.All);

    private static int LayersOf(StudyFacts facts, string model) => facts.Study.Models.First(m => m.Name == model).Layers;

    private static IReadOnlyList<double?> ByLayer(int layers, IEnumerable<(int Layer, double Value)> values)
    {
        var row = new double?[layers];
        foreach (var (layer, value) in values)
            if (layer < layers && double.IsFinite(value))
                row[layer] = value;
        return row;
    }

    private static string? Plain(IEnumerable<(string Domain, string? Missing)> cells)
    {
        var missing = cells.Where(c => c.Missing is not null).GroupBy(c => c.Missing)
            .Select(same => $"{Plural.List([.. same.Select(c => c.Domain)])}: {same.Key}").ToList();
        return missing.Count == 0 ? null : string.Join("; ", missing);
    }
}
