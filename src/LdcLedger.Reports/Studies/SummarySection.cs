using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>What the study is, and what it found, in plain words; every number in it is computed from the tables.</summary>
internal static class SummarySection
{
    public static ReportSection Of(StudyFacts facts, RuleResults results, Numbering numbering)
    {
        var blocks = new List<ReportBlock> { new Paragraph(WhatItIs(facts)), KeyNumbersOf(facts, results) };
        blocks.Add(new BulletList([.. Findings.Of(results), Completeness(facts)]));
        if (results.Gains.Columns.Any(c => c.Rows > 0))
            blocks.Add(GainTable(results.Gains, numbering));
        return new("summary", "Summary", blocks, []);
    }

    private static string WhatItIs(StudyFacts facts)
    {
        var spec = facts.Study.Spec;
        var targets = spec.Stage2.Top.Count == 0 || spec.Stage2.Groups.Count == 0 ? ""
            : " Stage 2 tunes only the "
                + $"top {Plural.List([.. spec.Stage2.Top.Select(k => k.ToString(CultureInfo.InvariantCulture))])} "
                + $"{(spec.Stage2.Top is [1] ? "layer" : "layers")} of the "
                + $"{Plural.List([.. spec.Stage2.Groups.Select(g => Regimes.Group(g).Adjective)])} ranking, to see whether that works as "
                + "well.";
        var cells = spec.Models.Count * spec.Domains.Count;
        return
            $"This study fine-tunes {Plural.Of(spec.Models.Count, "model")} ({Plural.List([.. spec.Models.Select(m => m.Name)])}) " +
            $"on {Plural.Of(spec.Domains.Count, "domain")} ({Plural.List([.. spec.Domains.Select(d => d.Name)])}) " +
            $"with LoRA of rank {spec.Lora.Rank} and {Plural.Of(spec.Seeds.Count, "seed")} per tuning" +
            (cells == 1 ? ". " : $"; each of the {cells} cells below is one model on one domain. ") +
            $"Stage 1 tunes {Plural.List([.. spec.Regimes.Select(r => Regimes.Rows[r].Words)])} in every layer, " +
            $"and rule {facts.Study.Rule.Reference} ranks the layers by how much they changed.{targets}";
    }

    private static KeyNumbers KeyNumbersOf(StudyFacts facts, RuleResults results)
    {
        var study = facts.Study;
        var gain = results.Gains.FullGains.Count == 0 ? null : results.Gains.MedianFullGain;
        var kept = results.Gains.MedianBestKept;
        return new(
        [
            new($"{Numbers.Count(Runs(facts, RunStatuses.Completed))} / {Numbers.Count(facts.Runs.Count)}", "runs completed"),
            new($"{study.Models.Count} × {study.Domains.Count}", "models × domains"),
            new(gain is null ? Numbers.None : gain.Value.ToString("0.000", CultureInfo.InvariantCulture),
                $"nats per token: median gain of tuning {Regimes.BothGroups} in every layer"),
            new(kept is null ? Numbers.None : Numbers.Percent(kept.Value), "of this gain kept by the best targeted tuning (median)"),
        ]);
    }

    // By the runs themselves: a study that was written by hand has nobody who counts their ends.
    private static string Completeness(StudyFacts facts)
    {
        var others = RunStatuses.Rows.All
            .Where(s => s.IsEnded && s.WhyMissing is not null).Select(s => (Count: Runs(facts, s.Name), s.Name))
            .Append((Count: facts.Runs.Count(r => !RunStatuses.Rows[r.Status].IsEnded), Name: "not finished yet"))
            .Where(o => o.Count > 0).Select(o => $"{o.Count} {o.Name}").ToList();
        var runs = others.Count == 0
            ? $"All {Plural.Of(facts.Runs.Count, "run")} completed, including the baselines."
            : $"{Runs(facts, RunStatuses.Completed)} of {Plural.Of(facts.Runs.Count, "run")} completed ({Plural.List(others)}); "
                + "missing cells are marked in the tables.";
        return facts.Study.EndedAt is null ? runs + " The study has not ended at this position: the report is preliminary." : runs;
    }

    private static int Runs(StudyFacts facts, string status) => facts.Runs.Count(r => r.Status == status);

    private static ReportTable GainTable(TargetedGains gains, Numbering numbering) => new(
        "targeted-gains", numbering.NextTable(),
        "How much of the full tuning’s gain each targeted tuning keeps. "
            + "Gain: decrease of held-out nats per token from the pretrained model. "
            + $"Trained parameters: share of those of the full tuning ({Regimes.Rows[Regimes.All].Title}). "
            + "Median, lowest and highest are taken over the cells"
            + (gains.NoFullGainIn > 0 ? $", excluding {gains.NoFullGainIn} in which the full tuning gained nothing." : "."),
        [new("Tuning", ColumnKind.Words), new("Trained parameters", ColumnKind.Number), new("Gain kept, median", ColumnKind.Number),
            new("Lowest", ColumnKind.Number), new("Highest", ColumnKind.Number), new("Best in", ColumnKind.Number),
            new($"Reaches {Regimes.Rows[Regimes.All].Title} in", ColumnKind.Number), new("Cells", ColumnKind.Number)],
        [new(null, [.. gains.Columns.Select(c => (IReadOnlyList<ReportCell>)
        [
            new(c.Column.Title), new(c.ParameterShare is { } share ? Numbers.FinePercent(share) : Numbers.None), Share(c.MedianKept),
            Share(c.Kept.Count > 0 ? c.Kept[0] : null), Share(c.Kept.Count > 0 ? c.Kept[^1] : null),
            new($"{c.BestIn}"), new($"{c.ReachesFullIn}"), new($"{c.Rows}"),
        ])])],
        []);

    private static ReportCell Share(double? share) => new(share is { } s ? Numbers.Percent(s) : Numbers.None);
}
