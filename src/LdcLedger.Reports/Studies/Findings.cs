using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;

namespace LdcLedger.Reports.Studies;

/// <summary>Where a report shows what its findings are computed of, as a text refers to it: "Table 4"; null where it does not.</summary>
internal sealed record FindingPlaces(string? Norms, string? Gains, string? Aggregated, string? Rankings, string? Stability)
{
    /// <summary>Of a text that has no tables beside it.</summary>
    public static readonly FindingPlaces None = new(null, null, null, null, null);
}

/// <summary>What a study found under a rule, a sentence or two each: the numbers decide what the words say.</summary>
internal static class Findings
{
    // More models than these would fill a page that has other things to say.
    private const int ModelsNamed = 4;

    private static readonly string TuningBoth = $"tuning {Regimes.BothGroups} in every layer";

    public static IEnumerable<string> Of(RuleResults results) => Of(results, FindingPlaces.None);

    public static IEnumerable<string> Of(RuleResults results, FindingPlaces places) =>
    [
        .. See(places.Norms, Groups(results)), .. Maps(results),
        .. See(places.Gains, Gains(results.Gains)), .. Reaching(results.Gains), .. See(places.Aggregated, Norms(results)),
        .. See(places.Rankings, Leaders(results)), .. See(places.Stability, Stability(results)),
    ];

    /// <summary>Those that perplexities alone decide: whether targeted tunings are as good as tuning all.</summary>
    public static IEnumerable<string> OfPerplexities(TargetedGains gains) => [.. Gains(gains), .. Reaching(gains)];

    /// <summary>Those that norms decide: where models change.</summary>
    public static IEnumerable<string> OfNorms(RuleResults results) =>
        [.. Groups(results), .. Maps(results), .. Norms(results), .. Leaders(results)];

    /// <summary>The first of some sentences says where the numbers of all are.</summary>
    private static IEnumerable<string> See(string? place, IEnumerable<string> sentences) =>
        place is null ? sentences : sentences.Select((sentence, i) => i == 0 ? See(place, sentence) : sentence);

    /// <param name="place">Or what else stands in brackets at its end; null for nothing.</param>
    private static string See(string? place, string sentence) => place is null ? sentence
        : sentence.EndsWith(").", StringComparison.Ordinal) ? $"{sentence[..^2]}; {place})." : $"{sentence.TrimEnd('.')} ({place}).";

    /// <summary>Whether the MLP changes more than attention, how much, and where.</summary>
    private static IEnumerable<string> Groups(RuleResults results)
    {
        if (results.Findings.MlpOverAttention is not { } ratio)
            yield break;
        var (mlp, attention) = (Regimes.Group(Regimes.Mlp), Regimes.Group(Regimes.Attention));
        var (more, less) = (ratio.Above(1), ratio.Below(1));
        var who = more == 0 && less == 0 ? $"{mlp.Title} and {attention.Adjective} layers change alike {In(ratio.Count, ratio.Count)}"
            : more == less ? $"Neither group changes more everywhere, {mlp.Title} layers {In(more, ratio.Count)} and {attention.Adjective} "
                + $"layers {In(less, ratio.Count)}"
            : more > less ? $"{mlp.Title} layers change more than {attention.Adjective} layers {In(more, ratio.Count)}"
            : $"{attention.Line} layers change more than {mlp.Title} layers {In(less, ratio.Count)}";
        yield return See(
            Known(ratio.Count, CellsOf(results)),
            $"{who}: in {Regimes.FullRun}, the mean {RuleWords.Axis(results.Rule)} of a layer’s {mlp.Title} is "
            + $"{OrderWords.Range(ratio, Numbers.Ratio, $" times that of its {attention.Adjective}")}.");
    }

    /// <summary>Whether a group tuned alone ranks its layers as it does within the full tuning.</summary>
    private static IEnumerable<string> Maps(RuleResults results)
    {
        var agreements = results.Findings.Agreements.GroupBy(a => (Order: OrderWords.Of(a.TauB), Tau: InCells(a.TauB, CellsOf(results))));
        var orders = agreements.Select((alike, i) =>
            $"{Plural.List([.. alike.Select(a => Regimes.Group(a.Group).Adjective)])} layers {(i == 0 ? "rank " : "")}"
            + $"in {alike.Key.Order}, with {(i == 0 ? "a Kendall’s τ-b of " : "")}{alike.Key.Tau}").ToList();
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
            + $"; the {(gains.FullGains.Count == 1 ? "" : "median ")}{(median < 0 ? "loss" : "gain")} is "
            + $"{Numbers.Gain(Math.Abs(median))} nats per token.";
        gained = See(Known(gains.FullGains.Count, gains.Cells), gained);
        yield return gains.Best.Kept.Count == 0 ? gained : gained + " " + Kept(gains);
    }

    /// <summary>What the best targeted tuning keeps of a gain that was just told.</summary>
    private static string Kept(TargetedGains gains)
    {
        var best = gains.Best;
        var kept = Spread.Of(best.Kept.Select(share => (double?)share))!;
        var shares = Spread.Of(best.Shares.Select(share => (double?)share));
        var winners = best.By.OrderByDescending(c => c.Cells).ToList();
        var isPart = kept.Count < gains.FullGains.Count;
        // After a loss there is none to point at.
        var which = gains.MedianFullGain > 0 ? "this gain" : "the gain";
        var (low, high) = (Numbers.Percent(kept.Lowest), Numbers.Percent(kept.Highest));
        return
            $"The best targeted tuning keeps {Numbers.Percent(kept.Median)} of {which}"
            + (kept.Count == 1 ? isPart ? " in the one cell that has a gain and every targeted tuning" : ""
                : (low == high ? " throughout" : $" in the median ({low} to {high})")
                    + (isPart ? $" over the {Numbers.Count(kept.Count)} cells that have one and every targeted tuning" : ""))
            + (shares is null ? "" : $", with {OrderWords.Range(shares, Numbers.FinePercent, " of the trained parameters")}")
            + (winners.Count == 1 ? $"; it is {(kept.Count == 1 ? "" : "always ")}{winners[0].Column.Title}."
                : $"; it is "
                    + Plural.List([.. winners.Select((w, i) =>
                        $"{w.Column.Title} in {(i == 0 ? Plural.Of(w.Cells, "cell") : Numbers.Count(w.Cells))}")])
                    // Of equals, each is the best.
                    + (winners.Sum(w => w.Cells) > kept.Count ? ", ties included." : "."));
    }

    /// <summary>Whether tuning a few layers is as good as tuning all, and how little it trains there.</summary>
    private static IEnumerable<string> Reaching(TargetedGains gains)
    {
        var reached = gains.Reached;
        if (reached.Judged == 0)
            yield break;
        if (reached.Cells == 0)
        {
            yield return See(
                Known(reached.Judged, gains.Cells),
                $"{OrderWords.Capital(In(0, reached.Judged))} does a targeted tuning reach the perplexity of {TuningBoth}.");
            yield break;
        }
        var shares = Spread.Of(reached.LeastShares.Select(s => (double?)s));
        var each = gains.Columns.Where(c => c.ReachesFullIn > 0)
            .Select(c => c.Column.Title + (reached.Cells == 1 ? "" : $" in {c.ReachesFullIn}")).ToList();
        // Reaching what gains nothing says little for a tuning.
        var there = reached.Cells == 1 ? "there" : reached.WithoutGain < reached.Cells ? $"in {Numbers.Count(reached.WithoutGain)} of these"
            : reached.Cells == 2 ? "in both of these" : "in all of these";
        var vain = reached.WithoutGain == 0 ? "" : $"; {there}, tuning {Regimes.BothGroups} gains nothing";
        // Where a tuning that is there reaches it, those that are missing change nothing; where none does, they may.
        var unknown = gains.Cells - reached.Judged;
        yield return See(
            unknown == 0 ? null : $"not known in {Plural.Of(unknown, "cell")}",
            $"{OrderWords.Capital(In(reached.Cells, gains.Cells))} a targeted tuning reaches or beats {TuningBoth}"
            + (shares is null ? ""
                : $", with as little as {OrderWords.Range(shares, Numbers.FinePercent, " of the trained parameters")}")
            + $": {Plural.List(each)}{vain}.");
    }

    /// <summary>Whether layers that are tuned alone move further than they do among all.</summary>
    private static IEnumerable<string> Norms(RuleResults results)
    {
        var findings = results.Findings;
        var unit = RuleScope.Rows[findings.Rule.Over].Noun;
        foreach (var (name, what, that, verb, those, spread) in new (string, string, string, string, string, Func<TargetedNorms, Spread?>)[]
        {
            ("ensemble", $"{findings.Rule.Top} highest {unit}s", "those", "move", "those", targeted => targeted.Ensemble),
            ("solo", $"highest {unit}", "that", "moves", "the highest", targeted => targeted.Solo),
        })
        {
            var known = findings.Targeted.Where(t => spread(t) is not null)
                .Select(t => (Group: Regimes.Group(t.Group), Spread: spread(t)!)).ToList();
            if (known.Count == 0)
                continue;
            var moves = known.Select(k => Moves(k.Spread.Median)).ToList();
            var how = moves.Distinct().Count() == 1
                ? $"In {name} runs the {what} {verb} {moves[0].Way} {moves[0].Than} {those} in {Regimes.FullRun}"
                : $"In {name} runs, compared with {those} in {Regimes.FullRun}, the {what} of "
                    + string.Join($", {that} of ", known.Select((k, i) => $"{k.Group.Words} {(i == 0 ? verb + " " : "")}{moves[i].Way}"));
            // What all have in common is said once: that a number is a median, and of how many cells.
            var ranged = known.FindIndex(k => k.Spread.Count > 1);
            var cells = known.Select(k => k.Spread.Count).Distinct().ToList();
            // Where all are further, or none is, the range says so.
            var split = known.Select(k => k.Spread.Lowest <= 1 && k.Spread.Highest > 1).ToList();
            yield return $"{how}: "
                + string.Join("; ", known.Select((k, i) =>
                    OrderWords.Range(k.Spread, Numbers.Ratio, i == 0 ? " times as far" : " times", sayMedian: i <= ranged)
                    + $" for {k.Group.Words}"
                    + (split[i] ? $", further {In(k.Spread.Above(1), k.Spread.Count)}"
                        : cells.Count == 1 ? "" : $", in {Plural.Of(k.Spread.Count, "cell")}")))
                + (cells is not [var over] || CellsOf(results) == 1 || split.Contains(true) ? ""
                    : over == 1 ? "; in one cell" : $"; over {Numbers.Count(over)} cells")
                + ".";
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
        var models = results.Rankings.Rows.Where(r => r.Layers.Count > 1).GroupBy(r => r.Model).Where(model => model.Any(IsLed)).ToList();
        if (models.Count == 0)
            yield break;
        var isOne = models.TrueForAll(model => model.Select(r => r.Domain).Distinct().Count() == 1);
        var domains = 0;
        var told = models.Take(ModelsNamed).Select(model =>
            $"in {model.Key} ({Plural.Of(model.Max(r => r.Layers.Count), "layer")}), "
            + Plural.List([.. model.GroupBy(r => r.Group).Where(@group => @group.Any(IsLed))
                .Select(@group => Leader(Regimes.Group(@group.Key).Adjective, [.. @group], ref domains))])).ToList();
        var others = models.Count - told.Count;
        yield return
            $"{(isOne ? "The layers that change most are, " : "Most often ranked first are, ")}{string.Join("; ", told)}"
            + (others == 0 ? "." : $"; the rankings have those of {Plural.Of(others, "other model")}.");
    }

    /// <summary>Whether a score made the first layer the first: of equal ones it is only the way to break ties that did.</summary>
    private static bool IsLed(RankingRow ranking) => ranking.Layers.Count == 1 || ranking.Layers[0].Score > ranking.Layers[1].Score;

    /// <summary>The layer that is first in most domains, or that none is, after "most often ranked first is".</summary>
    /// <param name="rankings">Of one model and group, one per domain; in one at least a layer leads.</param>
    /// <param name="domainsTold">Of how many domains was told last: so many need not be told again.</param>
    private static string Leader(string adjective, IReadOnlyList<RankingRow> rankings, ref int domainsTold)
    {
        var led = rankings.Where(IsLed).ToList();
        var firsts = led.GroupBy(r => r.Layers[0].Layer).OrderByDescending(l => l.Count()).ThenBy(l => l.Key).ToList();
        var most = firsts.TakeWhile(l => l.Count() == firsts[0].Count()).Select(l => Numbers.Count(l.Key)).ToList();
        if (rankings.Count == 1)
            return $"{adjective} layer {most[0]}";
        var ofHowMany = rankings.Count == domainsTold ? "" : $" of {rankings.Count} domains";
        domainsTold = rankings.Count;
        // Where layers tie for the first place, none is the first.
        if (firsts[0].Count() == 1 && led.Count > 1)
            return $"another {adjective} layer in each"
                + (led.Count == rankings.Count ? ofHowMany : $" of {led.Count} of {rankings.Count} domains");
        return $"{adjective} {(most.Count == 1 ? "layer" : "layers")} {Plural.List(most)} (in {firsts[0].Count()}{ofHowMany}"
            + $"{(most.Count == 1 ? "" : " each")})";
    }

    /// <summary>Whether other seeds would have led elsewhere.</summary>
    private static IEnumerable<string> Stability(RuleResults results)
    {
        var first = Spread.Of(
            results.Rankings.Rows.Where(r => r.Stability is not null && IsLed(r)).Select(r => (double?)r.Stability!.Layers[0].InTop[0]));
        if (first is null)
            yield break;
        var stays = results.Rankings.Tops[0] == 1 ? "stays first" : $"stays among the {results.Rankings.Tops[0]} highest";
        var always = first.Sorted.Count(p => p >= 1);
        yield return "When seeds are drawn again, " + (always == first.Count
            ? $"{(always == 1 ? "the" : "every")} ranking’s first layer always {stays}."
            : $"a ranking’s first layer {stays} with a probability of {OrderWords.Range(first, Numbers.Percent)}, "
                + $"and always does in {always} of {Plural.Of(first.Count, "ranking")}.");
    }

    private static int CellsOf(RuleResults results) => results.Perplexities.Rows.Count;

    /// <summary>That a sentence is about some of the study's cells alone.</summary>
    private static string? Known(int count, int cells) => count == cells ? null : $"known in {Numbers.Count(count)} of {cells} cells";

    private static string InCells(Spread taus, int cells)
    {
        var isOne = Numbers.Correlation(taus.Lowest) == Numbers.Correlation(taus.Highest);
        var value = isOne ? Numbers.Correlation(taus.Lowest) : OrderWords.Range(taus);
        return taus.Count < cells ? $"{value} over {Numbers.Count(taus.Count)} of {cells} cells"
            : cells == 1 ? value
            : isOne ? $"{value} {In(cells, cells)}"
            : $"{value} over {Numbers.Count(cells)} cells";
    }

    private static string In(int count, int of) =>
        of == 1 ? count == 1 ? "in the one cell" : "in no cell"
        : count == of ? of == 2 ? "in both cells" : $"in all {of} cells"
        : count == 0 ? $"in none of the {of} cells"
        : $"in {count} of {of} cells";
}
