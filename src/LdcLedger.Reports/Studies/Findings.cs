using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;

namespace LdcLedger.Reports.Studies;

/// <summary>What a study found under a rule, a sentence or two each: the numbers decide what the words say.</summary>
internal static class Findings
{
    public static IEnumerable<string> Of(RuleResults results) =>
    [
        .. Groups(results.Findings), .. Maps(results.Findings), .. Gains(results.Gains), .. Reaching(results.Gains),
        .. Norms(results.Findings), .. Leaders(results), .. Stability(results),
    ];

    /// <summary>Whether the MLP changes more than attention, how much, and where.</summary>
    private static IEnumerable<string> Groups(NormFindings findings)
    {
        if (findings.MlpOverAttention is not { } ratio)
            yield break;
        var (mlp, attention) = (Regimes.Group(Regimes.Mlp), Regimes.Group(Regimes.Attention));
        var (more, less) = (ratio.Above(1), ratio.Below(1));
        var who = more >= less ? $"{mlp.Title} layers change more than {attention.Adjective} layers"
            : $"{attention.Line} layers change more than {mlp.Title} layers";
        yield return
            $"{who} {In(Math.Max(more, less), ratio.Count)}: in {Regimes.FullRun}, the mean {RuleWords.Axis(findings.Rule)} of a layer’s "
            + $"{mlp.Title} is {OrderWords.Range(ratio, Numbers.Ratio, " times")} that of its {attention.Adjective}.";
    }

    /// <summary>Whether a group tuned alone ranks its layers as it does within the full tuning.</summary>
    private static IEnumerable<string> Maps(NormFindings findings) =>
        from agreement in findings.Agreements
        let @group = Regimes.Group(agreement.Group)
        select $"The run that tunes {@group.Words} alone and {@group.Words} within {Regimes.FullRun} put the layers into "
            + $"{OrderWords.Of(agreement.TauB.Median)}: Kendall’s τ-b is {OrderWords.Range(agreement.TauB)}"
            + (agreement.TauB.Count == 1 ? "." : $" over {agreement.TauB.Count} cells.");

    private static IEnumerable<string> Gains(TargetedGains gains)
    {
        if (gains.FullGains.Count > 0)
        {
            var better = gains.FullGains.Count(g => g > 0);
            yield return better == 0
                ? $"Tuning {Regimes.BothGroups} in every layer lowers held-out perplexity {In(0, gains.FullGains.Count)}."
                : $"Tuning {Regimes.BothGroups} in every layer lowers held-out perplexity {In(better, gains.FullGains.Count)}"
                    + string.Create(CultureInfo.InvariantCulture, $"; the median gain is {gains.MedianFullGain:0.000} nats per token.");
        }
        if (gains.BestKept.Count == 0)
            yield break;
        var (low, high) = (Numbers.Percent(gains.BestKept[0]), Numbers.Percent(gains.BestKept[^1]));
        var winners = gains.Columns.Where(c => c.BestIn > 0).OrderByDescending(c => c.BestIn).ToList();
        yield return
            $"The best targeted tuning keeps {Numbers.Percent(gains.MedianBestKept!.Value)} of this gain"
            + (gains.BestKept.Count == 1 ? "" : $" in the median cell ({low} to {high})")
            + (winners.Count == 0 ? "." : winners.Count == 1 ? $"; it is always {winners[0].Column.Title}."
                : $"; it is {Plural.List([.. winners.Select(w => $"{w.Column.Title} in {Plural.Of(w.BestIn, "cell")}")])}.");
    }

    /// <summary>Whether tuning a few layers is as good as tuning all, and how little it trains there.</summary>
    private static IEnumerable<string> Reaching(TargetedGains gains)
    {
        if (gains.Rows == 0)
            yield break;
        if (gains.BestReachesFullIn == 0)
        {
            yield return "No targeted tuning reaches the perplexity of the full one "
                + (gains.Rows == 1 ? "here." : $"in any of {gains.Rows} cells.");
            yield break;
        }
        var shares = Spread.Of(gains.SharesThatReach.Select(s => (double?)s));
        var each = gains.Columns.Where(c => c.ReachesFullIn > 0).Select(c => $"{c.Column.Title} in {c.ReachesFullIn}").ToList();
        yield return
            $"A targeted tuning reaches or beats the full one {In(gains.BestReachesFullIn, gains.Rows)}"
            + (shares is null ? "" : $", training {OrderWords.Range(shares, Numbers.FinePercent)} of its parameters")
            + $"; {Plural.List(each)}.";
    }

    /// <summary>Whether layers that are tuned alone move further than they do among all.</summary>
    private static IEnumerable<string> Norms(NormFindings findings)
    {
        foreach (var (name, spreads) in new (string, IReadOnlyList<(string Group, Spread? Spread)>)[]
        {
            ("ensemble", [.. findings.Targeted.Select(t => (t.Group, t.Ensemble))]),
            ("solo", [.. findings.Targeted.Select(t => (t.Group, t.Solo))]),
        })
        {
            var known = spreads.Where(s => s.Spread is not null).Select(s => (Group: Regimes.Group(s.Group), Spread: s.Spread!)).ToList();
            if (known.Count == 0)
                continue;
            var middle = known.Average(k => k.Spread.Median);
            var how = middle switch
            {
                > 1.02 => "move further than",
                >= 0.98 => "move about as far as",
                < 0.98 or double.NaN => "move less far than",
            };
            yield return
                $"In {name} runs the highest units {how} in {Regimes.FullRun}: "
                + Plural.List([.. known.Select(k =>
                    $"{OrderWords.Range(k.Spread, Numbers.Ratio, " times as far")} for {k.Group.Words}, further "
                    + In(k.Spread.Above(1), k.Spread.Count))]) + ".";
        }
    }

    /// <summary>Which layers lead the rankings, model by model.</summary>
    private static IEnumerable<string> Leaders(RuleResults results) =>
        from model in results.Rankings.Rows.Where(r => r.Layers.Count > 0).GroupBy(r => r.Model)
        let leaders =
            from @group in model.GroupBy(r => r.Group)
            let first = @group.GroupBy(r => r.Layers[0].Layer).OrderByDescending(l => l.Count()).ThenBy(l => l.Key).First()
            select $"{Regimes.Group(@group.Key).Adjective} layer {first.Key} in {first.Count()} of {Plural.Of(@group.Count(), "domain")}"
        select $"Largest change in {model.Key} (layers 0 to {model.Max(r => r.Layers.Max(l => l.Layer))}): {string.Join("; ", leaders)}.";

    /// <summary>Whether other seeds would have led elsewhere.</summary>
    private static IEnumerable<string> Stability(RuleResults results)
    {
        var first = Spread.Of(
            results.Rankings.Rows.Where(r => r.Stability is not null).Select(r => (double?)r.Stability!.Layers[0].InTop[0]));
        if (first is null)
            yield break;
        yield return
            $"When seeds are drawn again, a ranking’s first layer stays among the top {results.Rankings.Tops[0]} with a probability of "
            + $"{OrderWords.Range(first, Numbers.Percent)}; it is certain in {first.Sorted.Count(p => p >= 1)} of "
            + $"{Plural.Of(first.Count, "ranking")}.";
    }

    private static string In(int count, int of) =>
        of == 1 ? count == 1 ? "in the one cell" : "in no cell"
        : count == of ? $"in all {of} cells"
        : count == 0 ? $"in none of {of} cells"
        : $"in {count} of {of} cells";
}
