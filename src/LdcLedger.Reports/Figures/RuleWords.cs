using LdcLedger.Domain.Rules;

namespace LdcLedger.Reports.Figures;

/// <summary>An aggregation rule in words.</summary>
internal static class RuleWords
{
    public static string Measure(AggregationRule rule) => rule.Measure switch
    {
        "relative" => "‖ΔW‖ / ‖W‖",
        "rms" => "‖ΔW‖ / √n",
        _ => "‖ΔW‖",
    };

    /// <summary>What a layer's score is, short enough for an axis: <c>sum of ‖ΔW‖</c>.</summary>
    public static string Axis(AggregationRule rule) => $"{Combine(rule)} {Measure(rule)}";

    public static string Score(AggregationRule rule) => rule.Over == "component"
        ? $"the largest {Measure(rule)} among the layer's projections"
        : $"the {Combine(rule)} {Measure(rule)} over the layer's projections";

    /// <summary>One or two sentences that define the rule.</summary>
    public static string Sentence(AggregationRule rule)
    {
        var epoch = rule.Epoch is { } e ? $"epoch {e}" : "the last epoch";
        var unit = rule.Over == "component" ? "a single projection" : "the group's projections of a layer";
        return
            $"Rule {rule.Name} (version {rule.Version}): a layer's score is {Score(rule)}, after {epoch}, averaged over seeds first; " +
            $"of equals the lower layer comes first. Aggregated norms average the {rule.Top} highest units, a unit being {unit}. {Normalised(rule)}";
    }

    public static string Normalised(AggregationRule rule) => rule.Perplexity switch
    {
        "min-max" => "Perplexity is normalised as (max − PPL) / (max − min) over the row.",
        "relative" => "Perplexity is normalised as PPL of the pretrained model / PPL, which has no upper bound.",
        _ => "Perplexity is normalised as 1 / PPL.",
    };

    private static string Combine(AggregationRule rule) => rule.Over == "component" ? "largest" : rule.Combine switch
    {
        "mean" => "mean of",
        "l2" => "root of squared sum of",
        "max" => "largest",
        _ => "sum of",
    };
}
