using LdcLedger.Domain.Rules;

namespace LdcLedger.Domain.Perplexities;

/// <summary>Turns the perplexities of one row (one model on one domain) into numbers of which higher is better.</summary>
public static class Normalisation
{
    /// <summary>
    /// <c>inverse</c> = 1 / PPL, in (0, 1]. <c>min-max</c> = (max - PPL) / (max - min) over the row, in [0, 1], 1 when all are equal.
    /// <c>relative</c> = PPL of the pretrained model / PPL, unbounded; nothing where that is missing. Missing cells stay missing.
    /// </summary>
    public static IReadOnlyList<double?> Of(AggregationRule rule, double? pretrained, IReadOnlyList<double?> row)
    {
        switch (rule.Perplexity)
        {
            case "inverse":
                return [.. row.Select(ppl => 1 / ppl)];
            case "relative":
                return [.. row.Select(ppl => pretrained / ppl)];
            case "min-max":
                // An overflown PPL is the worst there is; it must not turn the others into NaN.
                var finite = row.OfType<double>().Where(double.IsFinite).ToList();
                var (min, max) = finite.Count == 0 ? (0, 0) : (finite.Min(), finite.Max());
                return [.. row.Select(ppl => ppl is null ? null : !double.IsFinite(ppl.Value) ? 0 : min == max ? 1 : (max - ppl) / (max - min))];
            default:
                throw new RuleViolation(
                    $"Rule {rule.Name}: perplexity '{rule.Perplexity}' is unknown; allowed are {string.Join(", ", AggregationRule.Normalisations)}.");
        }
    }
}
