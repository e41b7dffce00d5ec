using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>
/// What changes when layers are ranked by another rule: the rankings side by side, and the stage 2 that would have followed.
/// </summary>
internal static class ComparisonSection
{
    // Names and versions of two rules leave room for so many layers beside each other.
    private const int LayersShown = 5;

    /// <param name="diffs">The main rule against each of the others; none of a report under one rule.</param>
    public static IReadOnlyList<ReportSection> Of(IReadOnlyList<RuleDiff> diffs, Numbering numbering)
    {
        if (diffs.Count == 0)
            return [];
        var parts = diffs.Select((diff, i) => new ReportSection(
            $"rules-compared-{i + 1}", $"{diff.A.Reference} and {diff.B.Reference}", BlocksOf(diff, i + 1, numbering), [])).ToList();
        return [new("rules-compared", "Rules compared",
            [
                new Paragraph(
                    "Kendall’s τ-b compares the scores of all layers of a group under two rules: 1 is the same order, 0 none in "
                    + "common, −1 the "
                    + "reverse. Nothing was trained for this comparison; both rules read the same recorded norms."),
            ], parts)];
    }

    private static IReadOnlyList<ReportBlock> BlocksOf(RuleDiff diff, int place, Numbering numbering)
    {
        var blocks = new List<ReportBlock> { new Paragraph(Findings(diff)), Rankings(diff, place, numbering) };
        if (diff.Targets.Count > 0)
            blocks.Add(Targets(diff, place, numbering));
        return blocks;
    }

    private static string Findings(RuleDiff diff)
    {
        var taus = Spread.Of(diff.Rankings.Select(r => r.TauB));
        var roles = diff.Rankings.SelectMany(r => r.Overlaps).Count();
        var order = taus is null ? "No ranking exists under both rules. "
            : $"{diff.A.Reference} and {diff.B.Reference} put the layers into {OrderWords.Of(taus)}: τ-b is "
                + $"{OrderWords.Range(taus)} over {Plural.Of(taus.Count, "ranking")}. ";
        var tops = diff.Rankings.SelectMany(r => r.Overlaps).GroupBy(o => o.K).OrderBy(o => o.Key).Select(o =>
            $"the top {o.Key} {(o.Key == 1 ? "layer is" : "layers are")} the same in {o.Count(x => x.Shared == o.Key)} of "
            + Plural.Of(o.Count(), "ranking")).ToList();
        var stage2 = roles == 0 ? ""
            : diff.Targets.Count == 0 ? "Stage 2 would have run the same tunings under both."
            : $"Under {diff.B.Reference}, stage 2 would have run another tuning in {diff.Targets.Count} of {Plural.Of(roles, "role")}; "
                + (diff.Targets.SelectMany(diff.Lacking).Distinct().Count() is var lacking && lacking == 0
                    ? "the study has every run that it asks for there."
                    : $"the study lacks {Plural.Of(lacking, "run")} that it asks for there.");
        return order + (tops.Count == 0 ? "" : OrderWords.Capital(Plural.List(tops)) + ". ") + stage2;
    }

    private static ReportTable Rankings(RuleDiff diff, int place, Numbering numbering)
    {
        var marks = new NoteMarks();
        var tops = diff.Rankings.SelectMany(r => r.Overlaps).Select(o => o.K).Distinct().Order().ToList();
        var layers = diff.Rankings.Select(r => Math.Max(r.A.Count, r.B.Count)).DefaultIfEmpty(0).Max();
        var shown = Math.Min(LayersShown, layers);
        return new(
            $"rules-compared-{place}-rankings", numbering.NextTable(),
            $"The {(shown < layers ? $"{shown} highest " : "")}layers under {diff.A.Reference} and {diff.B.Reference}, best first; "
            + $"Kendall’s τ-b "
            + "over all layers; layers that the highest of both have in common.",
            [new("Domain", ColumnKind.Words), new("Group", ColumnKind.Words), new(diff.A.Reference, ColumnKind.Words),
                new(diff.B.Reference, ColumnKind.Words), new("τ-b", ColumnKind.Number),
                .. tops.Select(k => new ReportColumn($"Shared of top {k}", ColumnKind.Number))],
            [.. diff.Rankings.GroupBy(r => r.Model).Select(model => new ReportRowGroup(model.Key,
                [.. model.Select((row, i) => (IReadOnlyList<ReportCell>)
                [
                    new(row.Domain, Repeats: i > 0 && model.ElementAt(i - 1).Domain == row.Domain), new(Regimes.Group(row.Group).Title),
                    marks.Cell(Layers(row.A.Select(l => l.Layer), shown), row.A.Count == 0 ? row.Missing : null),
                    marks.Cell(Layers(row.B.Select(l => l.Layer), shown), row.B.Count == 0 ? row.Missing : null),
                    marks.Cell(row.TauB is { } tau ? Numbers.Correlation(tau) : null,
                        row.TauB is null && row.Missing is null ? "all scores of a rule are equal" : null),
                    .. tops.Select(k => new ReportCell(
                        row.Overlaps.FirstOrDefault(o => o.K == k) is { } o ? $"{o.Shared}" : Numbers.None)),
                ])]))],
            marks.Notes);
    }

    private static ReportTable Targets(RuleDiff diff, int place, Numbering numbering)
    {
        return new(
            $"rules-compared-{place}-stage2", numbering.NextTable(),
            $"Roles of stage 2 for which the two rules choose different layers, and how many runs of {diff.B.Reference}’s choice the "
            + "study lacks.",
            [new("Domain", ColumnKind.Words), new("Role", ColumnKind.Words), new($"Layers, {diff.A.Reference}", ColumnKind.Words),
                new($"Layers, {diff.B.Reference}", ColumnKind.Words), new("Missing runs", ColumnKind.Number)],
            [.. diff.Targets.GroupBy(t => t.Model).Select(model => new ReportRowGroup(model.Key,
                [.. model.Select((t, i) => (IReadOnlyList<ReportCell>)
                [
                    new(t.Domain, Repeats: i > 0 && model.ElementAt(i - 1).Domain == t.Domain), new(t.Role),
                    new(Numbers.Layers(t.A.Layers)), new(Numbers.Layers(t.B.Layers)),
                    new($"{diff.Lacking(t).Count}"),
                ])]))],
            []);
    }

    private static string? Layers(IEnumerable<int> ranked, int shown)
    {
        var layers = string.Join(", ", ranked.Take(shown).Select(l => l.ToString(CultureInfo.InvariantCulture)));
        return layers.Length == 0 ? null : layers;
    }
}
