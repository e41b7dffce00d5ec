using System.Globalization;
using LdcLedger.Domain.Formulas;
using F = LdcLedger.Domain.Formulas.Formula;

namespace LdcLedger.Domain.Rules;

/// <summary>What a rule measures of one projection.</summary>
/// <param name="Symbol">As on an axis and in a sentence.</param>
/// <param name="Unit">What the number is of.</param>
/// <param name="Words">Its definition in a sentence.</param>
/// <param name="Needs">What it takes beside ||dW||_F, as a run can lack it; null = nothing.</param>
/// <param name="Formula">Of the update and the weight of one projection.</param>
/// <param name="Of">Of ||dW||_F, ||W||_F and the number of elements of W; not finite where what it needs is lacking.</param>
public sealed record Measure(
    string Name, string Symbol, string Unit, string Words, string? Needs, Func<Formula, Formula, Formula> Formula,
    Func<double, double, double, double> Of) : INamed
{
    public static readonly NamedRows<Measure> Rows = new("measure",
        new("frobenius", "‖ΔW‖", "in the unit of the weights", "the Frobenius norm of the update", null,
            (update, _) => RuleFormulas.Norm(update),
            (update, _, _) => update),
        new("relative", "‖ΔW‖ / ‖W‖", "a ratio", "the Frobenius norm of the update over that of the weight", "‖W‖",
            (update, weight) => F.Over(RuleFormulas.Norm(update), RuleFormulas.Norm(weight)),
            (update, weight, _) => update / weight),
        new("rms", "‖ΔW‖ / √n", "in the unit of the weights, per element",
            "the Frobenius norm of the update over the square root of the number of its elements", "shape",
            (update, _) => F.Over(RuleFormulas.Norm(update), F.Root(RuleFormulas.Elements)),
            (update, _, elements) => update / Math.Sqrt(elements)));
}

/// <summary>How the measures of a layer's projections become one number.</summary>
/// <param name="Words">Before the measure's symbol: <c>sum of</c>.</param>
/// <param name="Formula">Of a projection's measure, over the projections of a group.</param>
/// <param name="Of">Of one measure or more.</param>
public sealed record Combination(
    string Name, string Words, Func<Formula, Formula> Formula, Func<IReadOnlyList<double>, double> Of) : INamed
{
    public static readonly NamedRows<Combination> Rows = new("combination",
        new("sum", "sum of", RuleFormulas.Sum, values => values.Sum()),
        new("mean", "mean of", m => F.Row(RuleFormulas.Share(RuleFormulas.Group), RuleFormulas.Sum(m)), values => values.Average()),
        new("l2", "root of the sum of squares of",
            m => F.Root(RuleFormulas.Sum(F.Super(m, F.Number("2")))), values => Math.Sqrt(values.Sum(v => v * v))),
        new("max", "largest", RuleFormulas.Largest, values => values.Max()));
}

/// <summary>How the values of a unit in the runs of all seeds become one.</summary>
/// <param name="Words">After the definition of a score: <c>averaged over seeds first</c>.</param>
/// <param name="Formula">Of the unit's value in the run of seed s, over S seeds.</param>
/// <param name="Of">Of one value or more, in the order of seeds.</param>
public sealed record SeedCombination(
    string Name, string Words, Func<Formula, Formula> Formula, Func<IReadOnlyList<double>, double> Of) : INamed
{
    public static readonly NamedRows<SeedCombination> Rows = new("combination of seeds",
        new("mean", "averaged over seeds first",
            u => F.Row(
                F.Over(F.Number("1"), RuleFormulas.Seeds),
                F.Total("Σ", RuleFormulas.Seed, RuleFormulas.Seeds), u), values => values.Average()),
        new("median", "with the median over seeds taken first",
            u => F.Row(F.Total("median", RuleFormulas.Seed), u), values => Sample.Median(values)),
        new("max", "with the largest over seeds taken first",
            u => F.Row(F.Total("max", RuleFormulas.Seed), u), values => values.Max()));
}

/// <summary>Which of two layers with equal scores comes first. Whatever else is compared, the lower layer is last: a total order.</summary>
/// <param name="Sentence">Its definition.</param>
/// <param name="AsksOtherGroups">Whether the layers' scores in the other groups are compared first, in the order of
/// <see cref="Layers.Regimes.Groups"/>.</param>
public sealed record TieBreak(string Name, string Sentence, bool AsksOtherGroups) : INamed
{
    public static readonly NamedRows<TieBreak> Rows = new("way to break ties",
        new("lower-layer", "Of layers with equal scores the lower one comes first.", AsksOtherGroups: false),
        new("other-group",
            "Of layers with equal scores the one with the higher score in the other group comes first, then the lower one.",
            AsksOtherGroups: true));
}

/// <summary>What a rule scores: its unit.</summary>
/// <param name="Unit">What a unit is, in a sentence.</param>
/// <param name="Noun">The unit by one word, where it is known what it is.</param>
/// <param name="Axis">A layer's score, short enough for an axis.</param>
/// <param name="Score">A layer's score in a sentence: "the score of a layer is ...".</param>
/// <param name="Formula">A unit, of its measures.</param>
/// <param name="IsBlock">Whether a layer's projections combine to one unit; otherwise each is one.</param>
public sealed record RuleScope(
    string Name, string Unit, string Noun, Func<Measure, Combination, string> Axis, Func<Measure, Combination, string> Score,
    Func<Combination, Formula, Formula> Formula, bool IsBlock) : INamed
{
    public static readonly NamedRows<RuleScope> Rows = new("scope",
        new("block", "the group’s projections of a layer", "layer",
            (measure, combination) => $"{combination.Words} {measure.Symbol}",
            (measure, combination) => $"the {combination.Words} {measure.Symbol} over the layer’s projections",
            (combination, m) => combination.Formula(m), IsBlock: true),
        new("component", "a single projection", "projection",
            (measure, _) => $"largest {measure.Symbol}",
            (measure, _) => $"the largest {measure.Symbol} among the layer’s projections",
            (_, m) => RuleFormulas.Largest(m), IsBlock: false));
}

/// <summary>How the perplexities of one row (one model on one domain) become numbers of which higher is better.</summary>
/// <param name="Sentence">Its definition.</param>
/// <param name="Formula">Of the perplexity of a cell.</param>
/// <param name="Decimals">In print, of a table's largest value.</param>
/// <param name="Of">Of the pretrained model's perplexity and those of the row; what is missing stays missing.</param>
public sealed record Normalisation(
    string Name, string Sentence, Formula Formula, Func<double, int> Decimals,
    Func<double?, IReadOnlyList<double?>, IReadOnlyList<double?>> Of) : INamed
{
    public static readonly NamedRows<Normalisation> Rows = new("normalisation",
        // In (0, 1]. Two decimals, as the published table has them; of perplexities above 10 three digits, which tell 40 and 50 apart.
        new("inverse", "Perplexity is normalised as 1 / PPL.", F.Over(F.Number("1"), RuleFormulas.Perplexity),
            largest => largest is >= 0.1 or <= 0 ? 2 : Math.Min(2 - PortableMath.Decade(largest), 6),
            (_, row) => [.. row.Select(ppl => 1 / ppl)]),
        // In [0, 1], 1 where all are equal.
        new("min-max", "Perplexity is normalised as (max − PPL) / (max − min) over the row.", RuleFormulas.MinMax, _ => 3,
            (_, row) => MinMax(row)),
        // Nothing where the pretrained model's is missing.
        new("relative", "Perplexity is normalised as PPL of the pretrained model / PPL, which has no upper bound.",
            F.Over(RuleFormulas.Pretrained, RuleFormulas.Perplexity), _ => 3,
            (pretrained, row) => [.. row.Select(ppl => pretrained / ppl)]));

    private static IReadOnlyList<double?> MinMax(IReadOnlyList<double?> row)
    {
        // An overflown PPL is the worst there is; it must not turn the others into NaN.
        var finite = row.OfType<double>().Where(double.IsFinite).ToList();
        var (min, max) = finite.Count == 0 ? (0, 0) : (finite.Min(), finite.Max());
        return [.. row.Select(ppl => ppl is null ? null : !double.IsFinite(ppl.Value) ? 0 : min == max ? 1 : (max - ppl) / (max - min))];
    }
}

/// <summary>A rule in words, from the rows of its parts.</summary>
public static class RuleWords
{
    public static string Symbol(AggregationRule rule) => Measure.Rows[rule.Measure].Symbol;

    /// <summary>What a layer's score is, short enough for an axis: <c>sum of ‖ΔW‖</c>.</summary>
    public static string Axis(AggregationRule rule) =>
        RuleScope.Rows[rule.Over].Axis(Measure.Rows[rule.Measure], Combination.Rows[rule.Combine]);

    /// <summary>"The score of a layer is ..."</summary>
    public static string Score(AggregationRule rule) =>
        RuleScope.Rows[rule.Over].Score(Measure.Rows[rule.Measure], Combination.Rows[rule.Combine]);

    public static string Normalised(AggregationRule rule) => Normalisation.Rows[rule.Perplexity].Sentence;

    /// <summary>A few sentences that define the rule.</summary>
    public static string Definition(AggregationRule rule)
    {
        var epoch = rule.Epoch is { } e ? string.Create(CultureInfo.InvariantCulture, $"epoch {e}") : "the last epoch";
        return
            $"Rule {rule.Name} (version {rule.Version}): a layer’s score is {Score(rule)} after {epoch}, "
            + $"{SeedCombination.Rows[rule.Seeds].Words}. {TieBreak.Rows[rule.Ties].Sentence} "
            + $"{Aggregated(rule)}; a unit is {RuleScope.Rows[rule.Over].Unit}. {Normalised(rule)}";
    }

    private static string Aggregated(AggregationRule rule) => rule.Top == 1
        ? "Aggregated norms are of the highest unit alone" : $"Aggregated norms average the {rule.Top} highest units";
}
