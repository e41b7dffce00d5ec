using System.Globalization;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>Two rules beside each other, in full: the agreement of every ranking.</summary>
internal static class ComparisonData
{
    public static IEnumerable<DataFile> Of(IReadOnlyList<RuleDiff> diffs) => diffs.Select((diff, i) => new DataFile(
        $"tables/rules-compared-{i + 1}-rankings.csv",
        ["model", "domain", "group", "rule_a", "rule_b", "layers_a", "layers_b", "tau_b",
            .. Tops(diff).Select(k => string.Create(CultureInfo.InvariantCulture, $"shared_top_{k}"))],
        [.. diff.Rankings.Select(r => (IReadOnlyList<object?>)
        [
            r.Model, r.Domain, r.Group, diff.A.Reference, diff.B.Reference, Layers(r.A.Select(l => l.Layer)),
            Layers(r.B.Select(l => l.Layer)), r.TauB, .. Tops(diff).Select(k => (object?)r.Overlaps.FirstOrDefault(o => o.K == k)?.Shared),
        ])]));

    private static IReadOnlyList<int> Tops(RuleDiff diff) =>
        [.. diff.Rankings.SelectMany(r => r.Overlaps).Select(o => o.K).Distinct().Order()];

    private static string? Layers(IEnumerable<int> ranked) =>
        string.Join(' ', ranked.Select(l => l.ToString(CultureInfo.InvariantCulture))) is { Length: > 0 } layers ? layers : null;
}
