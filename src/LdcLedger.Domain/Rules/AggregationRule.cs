namespace LdcLedger.Domain.Rules;

/// <summary>
/// How module norms become a score of a layer, and perplexities a share of one: data, versioned and kept in the ledger, so that
/// any table can be computed again under another rule without training.
/// </summary>
/// <param name="Measure">frobenius = ||dW||_F, relative = ||dW||_F / ||W||_F, rms = ||dW||_F / sqrt(number of elements).</param>
/// <param name="Over">block = a group's projections of a layer, component = a single projection.</param>
/// <param name="Combine">How a block's projections combine: sum, mean, l2 or max. A component has nothing to combine.</param>
/// <param name="Epoch">Which epoch's norms: null = the last.</param>
/// <param name="Seeds">How seeds combine: mean of a unit over seeds, before layers are scored.</param>
/// <param name="Ties">Which layer comes first of equals: lower-layer.</param>
/// <param name="Top">How many of the highest units the aggregated norm tables average.</param>
/// <param name="Perplexity">How perplexities are normalised: inverse, min-max or relative.</param>
public sealed record AggregationRule(
    string Name, int Version, string Measure, string Over, string Combine, int? Epoch, string Seeds, string Ties, int Top, string Perplexity)
{
    /// <summary>The study's equation: block sums of ||dW||_F. The default.</summary>
    public static readonly AggregationRule BlockSum = new("block-sum", 1, "frobenius", "block", "sum", null, "mean", "lower-layer", 3, "inverse");

    /// <summary>The study's figures: ||dW||_F / ||W||_F, averaged over a block.</summary>
    public static readonly AggregationRule BlockRelativeMean = BlockSum with { Name = "block-relative-mean", Measure = "relative", Combine = "mean" };

    /// <summary>The study's aggregated norm tables: single components.</summary>
    public static readonly AggregationRule ComponentFrobenius = BlockSum with { Name = "component-frobenius", Over = "component" };

    public static readonly IReadOnlyList<AggregationRule> BuiltIn = [BlockSum, BlockRelativeMean, ComponentFrobenius];

    public static readonly IReadOnlyList<string> Measures = ["frobenius", "relative", "rms"];
    public static readonly IReadOnlyList<string> Overs = ["block", "component"];
    public static readonly IReadOnlyList<string> Combinations = ["sum", "mean", "l2", "max"];
    public static readonly IReadOnlyList<string> Normalisations = ["inverse", "min-max", "relative"];

    public static AggregationRule? FindBuiltIn(string name) => BuiltIn.FirstOrDefault(r => r.Name == name);
}

/// <summary>A rule was added to the ledger, or a new version of one.</summary>
public sealed record AggregationRuleDefined(AggregationRule Rule);
