using System.Globalization;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>Two rules beside each other, in full: the agreement of every ranking, and the roles that they give to other layers.</summary>
internal static class ComparisonData
{
    public static IEnumerable<DataFile> Of(IReadOnlyList<RuleDiff> diffs)
    {
        foreach (var (i, diff) in diffs.Index())
        {
            yield return Rankings(diff, i + 1);
            if (diff.Targets.Count > 0)
                yield return Stage2(diff, i + 1);
        }
    }

    private static DataFile Rankings(RuleDiff diff, int place) => new(
        $"tables/rules-compared-{place}-rankings.csv",
        ["model", "domain", "group", "rule_a", "rule_b", "layers_a", "layers_b", "tau_b",
            .. Tops(diff).Select(k => string.Create(CultureInfo.InvariantCulture, $"shared_top_{k}"))],
        [.. diff.Rankings.Select(r => (IReadOnlyList<object?>)
        [
            r.Model, r.Domain, r.Group, diff.A.Reference, diff.B.Reference, Layers(r.A.Select(l => l.Layer)),
            Layers(r.B.Select(l => l.Layer)), r.TauB, .. Tops(diff).Select(k => (object?)r.Overlaps.FirstOrDefault(o => o.K == k)?.Shared),
        ])]);

    private static DataFile Stage2(RuleDiff diff, int place) => new(
        $"tables/rules-compared-{place}-stage2.csv",
        ["model", "domain", "role", "rule_a", "rule_b", "layers_a", "layers_b", "missing_runs"],
        [.. diff.Targets.Select(t => (IReadOnlyList<object?>)
        [
            t.Model, t.Domain, t.Role, diff.A.Reference, diff.B.Reference, Layers(t.A.Layers), Layers(t.B.Layers), diff.Lacking(t).Count,
        ])]);

    private static IReadOnlyList<int> Tops(RuleDiff diff) =>
        [.. diff.Rankings.SelectMany(r => r.Overlaps).Select(o => o.K).Distinct().Order()];

    private static string? Layers(IEnumerable<int> ranked) =>
        string.Join(' ', ranked.Select(l => l.ToString(CultureInfo.InvariantCulture))) is { Length: > 0 } layers ? layers : null;
}
