using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;

namespace LdcLedger.Reports.Studies;

/// <summary>What a study found under a rule, a sentence or two each: the numbers decide what the words say.</summary>
internal static class Findings
{
    private static readonly string TuningBoth = $"tuning {Regimes.BothGroups} in every layer";

    public static IEnumerable<string> Of(RuleResults results) =>
    [
        .. Groups(results.Findings), .. Maps(results.Findings), .. Gains(results.Gains), .. Reaching(results.Gains),
        .. Norms(results.Findings), .. Leaders(results), .. Stability(results),
    ];

    /// <summary>Those that perplexities alone decide: whether targeted tunings are as good as tuning all.</summary>
    public static IEnumerable<string> OfPerplexities(TargetedGains gains) => [.. Gains(gains), .. Reaching(gains)];

    /// <summary>Those that norms decide: where models change.</summary>
    public static IEnumerable<string> OfNorms(RuleResults results) =>
        [.. Groups(results.Findings), .. Maps(results.Findings), .. Norms(results.Findings), .. Leaders(results)];

    /// <summary>Whether the MLP changes more than attention, how much, and where.</summary>
    private static IEnumerable<string> Groups(NormFindings findings)
    {
        if (findings.MlpOverAttention is not { } ratio)
            yield break;
        var (mlp, attention) = (Regimes.Group(Regimes.Mlp), Regimes.Group(Regimes.Attention));
        var (more, less) = (ratio.Above(1), ratio.Below(1));
        var who = more == 0 && less == 0 ? $"{mlp.Title} and {attention.Adjective} layers change alike {In(ratio.Count, ratio.Count)}"
            : more >= less ? $"{mlp.Title} layers change more than {attention.Adjective} layers {In(more, ratio.Count)}"
            : $"{attention.Line} layers change more than {mlp.Title} layers {In(less, ratio.Count)}";
        yield return
            $"{who}: in {Regimes.FullRun}, the mean {RuleWords.Axis(findings.Rule)} of a layer’s {mlp.Title} is "
            + $"{OrderWords.Range(ratio, Numbers.Ratio, $" times that of its {attention.Adjective}")}.";
    }

    /// <summary>Whether a group tuned alone ranks its layers as it does within the full tuning.</summary>
    private static IEnumerable<string> Maps(NormFindings findings)
    {
        var orders = findings.Agreements.Select((agreement, i) =>
            $"{Regimes.Group(agreement.Group).Adjective} layers {(i == 0 ? "rank " : "")}in {OrderWords.Of(agreement.TauB)}, with "
            + (i == 0 ? "a Kendall’s τ-b of " : "") + OrderWords.Range(agreement.TauB)
            + (agreement.TauB.Count == 1 ? "" : $" over {agreement.TauB.Count} cells")).ToList();
        if (orders.Count > 0)
            yield return $"Tuned alone and within {Regimes.FullRun}, {string.Join("; ", orders)}.";
    }

    private static IEnumerable<string> Gains(TargetedGains gains)
    {
        if (gains.FullGains.Count == 0)
            yield break;
        var better = gains.FullGains.Count(g => g > 0);
        var median = gains.MedianFullGain!.Value;
        var gained = $"{OrderWords.Capital(TuningBoth)} lowers held-out perplexity {In(better, gains.FullGains.Count)}"
            + $"; the median {(median < 0 ? "loss" : "gain")} is {Numbers.Gain(Math.Abs(median))} nats per token.";
        yield return gains.BestKept.Count == 0 ? gained : gained + " " + Kept(gains);
    }

    /// <summary>What the best targeted tuning keeps of a gain that was just told.</summary>
    private static string Kept(TargetedGains gains)
    {
        var (low, high) = (Numbers.Percent(gains.BestKept[0]), Numbers.Percent(gains.BestKept[^1]));
        var winners = gains.Columns.Where(c => c.BestIn > 0).OrderByDescending(c => c.BestIn).ToList();
        return
            $"The best targeted tuning keeps {Numbers.Percent(gains.MedianBestKept!.Value)} of this gain"
            + (gains.BestKept.Count == 1 ? "" : low == high ? " throughout" : $" in the median cell ({low} to {high})")
            + (winners.Count == 0 ? "." : winners.Count == 1 ? $"; it is {(gains.Rows == 1 ? "" : "always ")}{winners[0].Column.Title}."
                : $"; it is "
                    + Plural.List([.. winners.Select((w, i) =>
                        $"{w.Column.Title} in {(i == 0 ? Plural.Of(w.BestIn, "cell") : Numbers.Count(w.BestIn))}")]) + ".");
    }

    /// <summary>Whether tuning a few layers is as good as tuning all, and how little it trains there.</summary>
    private static IEnumerable<string> Reaching(TargetedGains gains)
    {
        if (gains.Rows == 0)
            yield break;
        if (gains.BestReachesFullIn == 0)
        {
            yield return $"{OrderWords.Capital(In(0, gains.Rows))} does a targeted tuning reach the perplexity of {TuningBoth}.";
            yield break;
        }
        var shares = Spread.Of(gains.SharesThatReach.Select(s => (double?)s));
        var each = gains.Columns.Where(c => c.ReachesFullIn > 0).Select(c => $"{c.Column.Title} in {c.ReachesFullIn}").ToList();
        yield return
            $"{OrderWords.Capital(In(gains.BestReachesFullIn, gains.Rows))} a targeted tuning reaches or beats {TuningBoth}"
            + (shares is null ? "" : $", with {OrderWords.Range(shares, Numbers.FinePercent, " of its trained parameters")}")
            + (gains.Rows == 1 ? "." : $": {Plural.List(each)}.");
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
            var moves = known.Select(k => Moves(k.Spread.Median)).ToList();
            var how = moves.Distinct().Count() == 1
                ? $"In {name} runs the highest units move {moves[0].Way} {moves[0].Than} in {Regimes.FullRun}"
                : $"In {name} runs, compared with {Regimes.FullRun}, the highest units of "
                    + string.Join(", those of ", known.Select((k, i) => $"{k.Group.Words} {(i == 0 ? "move " : "")}{moves[i].Way}"));
            yield return $"{how}: "
                + string.Join("; ", known.Select(k => $"{OrderWords.Range(k.Spread, Numbers.Ratio, " times as far")} for {k.Group.Words}"
                    + (k.Spread.Count == 1 ? "" : $", further {In(k.Spread.Above(1), k.Spread.Count)}"))) + ".";
        }
    }

    /// <summary>How far something moves that moves so many times as far as something else.</summary>
    private static (string Way, string Than) Moves(double times) => times switch
    {
        > 1.02 => ("further", "than"),
        >= 0.98 => ("about as far", "as"),
        < 0.98 or double.NaN => ("less far", "than"),
    };

    /// <summary>Which layers lead the rankings, model by model.</summary>
    private static IEnumerable<string> Leaders(RuleResults results)
    {
        var domains = results.Rankings.Rows.Select(r => r.Domain).Distinct().Count();
        var told = false;
        string InDomains(int count)
        {
            // Of how many is said once.
            var words = domains == 1 ? "" : told ? $" (in {count})" : $" (in {count} of {domains} domains)";
            told = true;
            return words;
        }
        var models = (
            from model in results.Rankings.Rows.Where(r => r.Layers.Count > 1).GroupBy(r => r.Model)
            let leaders = (
                from @group in model.GroupBy(r => r.Group)
                let first = @group.GroupBy(r => r.Layers[0].Layer).OrderByDescending(l => l.Count()).ThenBy(l => l.Key).First()
                select $"{Regimes.Group(@group.Key).Adjective} layer {first.Key}{InDomains(first.Count())}").ToList()
            let last = model.Max(r => r.Layers.Max(l => l.Layer))
            select $"in {model.Key} (layers 0 to {last}), {Plural.List(leaders)}").ToList();
        if (models.Count > 0)
            yield return
                $"{(domains == 1 ? "The layers that change most are, " : "Most often ranked first are, ")}{string.Join("; ", models)}.";
    }

    /// <summary>Whether other seeds would have led elsewhere.</summary>
    private static IEnumerable<string> Stability(RuleResults results)
    {
        var first = Spread.Of(
            results.Rankings.Rows.Where(r => r.Stability is not null).Select(r => (double?)r.Stability!.Layers[0].InTop[0]));
        if (first is null)
            yield break;
        yield return
            $"When seeds are drawn again, a ranking’s first layer stays "
            + (results.Rankings.Tops[0] == 1 ? "first" : $"among the {results.Rankings.Tops[0]} highest")
            + $" with a probability of {OrderWords.Range(first, Numbers.Percent)}; in {first.Sorted.Count(p => p >= 1)} of "
            + $"{Plural.Of(first.Count, "ranking")} it does so in every draw.";
    }

    private static string In(int count, int of) =>
        of == 1 ? count == 1 ? "in the one cell" : "in no cell"
        : count == of ? $"in all {of} cells"
        : count == 0 ? $"in none of {of} cells"
        : $"in {count} of {of} cells";
}
