using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>What the study is, and what it found, in plain words; every number in it is computed from the tables.</summary>
internal static class SummarySection
{
    public static ReportSection Of(StudyFacts facts, RuleResults results, FindingPlaces places)
    {
        IReadOnlyList<string> findings = [.. Findings.Of(results, places), .. Completeness(facts)];
        return new("summary", "Summary",
            [
                new Paragraph(WhatItIs(facts, results.Rule)), KeyNumbersOf(facts, results),
                .. findings.Count == 0 ? [] : (ReportBlock[])[new BulletList(findings)],
            ],
            []);
    }

    private static string WhatItIs(StudyFacts facts, AggregationRule shown)
    {
        var spec = facts.Study.Spec;
        var own = facts.Study.Rule;
        var targets = !Stage2Decision.HasStage2(spec) ? ""
            : $" Stage 2 tunes only the {Plural.List([.. spec.Stage2.Top.Select(k => $"top-{Numbers.Count(k)}")])} "
                + $"{(spec.Stage2.Top is [1] ? "layer" : "layers")} of the "
                + $"{Plural.List([.. spec.Stage2.Groups.Select(g => Regimes.Group(g).Adjective)])} "
                + $"{(spec.Stage2.Groups.Count == 1 ? "ranking" : "rankings")}, to see whether that works as well.";
        var ranks = spec.Regimes.Contains(Regimes.All) ? $", and rule {own.Reference} ranks the layers by how much they changed" : "";
        var cells = spec.Models.Count * spec.Domains.Count;
        return
            $"This study fine-tunes {Plural.Of(spec.Models.Count, "model")} ({Named(spec.Models.Select(m => m.Name))}) " +
            $"on {Plural.Of(spec.Domains.Count, "domain")} ({Named(spec.Domains.Select(d => d.Name))}) " +
            $"{How(spec)}, with {Plural.Of(spec.Seeds.Count, "seed")} per tuning" +
            (cells == 1 ? ". " : $"; each of the {cells} cells below is one model on one domain. ") +
            $"Stage 1 tunes {Plural.List([.. spec.Regimes.Select(r => r == Regimes.All ? Regimes.BothGroups : Regimes.Rows[r].Words)])} "
            + $"in every layer{ranks}.{targets}"
            + (shown.Hash == own.Hash ? "" : $" The findings below are those under rule {shown.Reference}.");
    }

    /// <summary>All names, or the first of many.</summary>
    private static string Named(IEnumerable<string> names)
    {
        const int most = 8;
        var all = names.ToList();
        return Plural.List(all.Count <= most + 1 ? all : [.. all.Take(most), $"{Numbers.Count(all.Count - most)} more"]);
    }

    /// <summary>By which methods a study trains, on which base.</summary>
    private static string How(StudySpec spec)
    {
        var methods = Regimes.MethodsOf(spec.Regimes).Select(method => method switch
        {
            TuningMethod.Lora => $"by LoRA of rank {spec.Lora.Rank}",
            TuningMethod.Full => "in full",
            _ => throw new ArgumentOutOfRangeException(nameof(spec), method, "This is not a tuning method."),
        });
        return Plural.List([.. methods]) + (BaseWords.Of(spec) is null ? "" : " on bases of 4 bits");
    }

    private static KeyNumbers KeyNumbersOf(StudyFacts facts, RuleResults results)
    {
        var study = facts.Study;
        var gain = results.Gains.FullGains.Count == 0 ? null : results.Gains.MedianFullGain;
        var kept = results.Gains.Best.MedianKept;
        return new(
        [
            new($"{Numbers.Count(Runs(facts, RunStatuses.Completed))} / {Numbers.Count(facts.Runs.Count)}", "runs completed"),
            new($"{study.Models.Count} × {study.Domains.Count}", "models × domains"),
            .. gain is null ? [] : (KeyNumber[])
                [new(Numbers.Gain(gain.Value),
                    $"nats per token: {Median(results.Gains.FullGains)}gain of tuning {Regimes.BothGroups} in every layer"
                        + Part(results.Gains.FullGains, study.Models.Count * study.Domains.Count))],
            .. kept is null ? [] : (KeyNumber[])
                [new(Numbers.Percent(kept.Value), $"of {(gain > 0 ? "this" : "the")} gain kept by the best targeted tuning"
                    + (results.Gains.Best.Kept.Count == 1 ? "" : " (median)")
                    + Part(results.Gains.Best.Kept, results.Gains.FullGains.Count))],
        ]);
    }

    // By the runs themselves: a study that was written by hand has nobody who counts their ends. That all completed is told by the key
    // numbers, and that some are not finished by the notice.
    private static IEnumerable<string> Completeness(StudyFacts facts)
    {
        var others = RunStatuses.Rows.All
            .Where(s => s.IsEnded && s.WhyMissing is not null).Select(s => (Count: Runs(facts, s.Name), s.Name))
            .Where(o => o.Count > 0).Select(o => $"{Numbers.Count(o.Count)} {o.Name}").ToList();
        if (others.Count > 0)
            yield return $"{Numbers.Count(Runs(facts, RunStatuses.Completed))} of {Plural.Of(facts.Runs.Count, "run")} completed, "
                + $"{Plural.List(others)}; missing cells are marked in the tables.";
    }

    private static string Part(IReadOnlyList<double> values, int cells) =>
        values.Count == cells ? "" : $", {(values.Count == 1 ? "in" : "over")} {Plural.Of(values.Count, "cell")}";

    private static string Median(IReadOnlyList<double> values) => values.Count == 1 ? "" : "median ";

    private static int Runs(StudyFacts facts, string status) => facts.Runs.Count(r => r.Status == status);
}
