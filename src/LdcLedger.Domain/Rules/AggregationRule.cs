using System.Text.Json.Serialization;
using LdcLedger.Domain.Identity;

namespace LdcLedger.Domain.Rules;

/// <summary>
/// How module norms become a score of a layer, and perplexities a share of one: data, versioned and kept in the ledger, so that any table
/// can be computed again under another rule without training. Two rules that say the same are one, whatever their name and version.
/// </summary>
/// <param name="Measure">Name of a <see cref="Rules.Measure"/>.</param>
/// <param name="Over">Name of a <see cref="RuleScope"/>.</param>
/// <param name="Combine">Name of a <see cref="Combination"/>: how a block's projections combine. A component has nothing to combine, and is
/// not told apart by it: it has the first default.</param>
/// <param name="Epoch">Which epoch's norms: null = the last.</param>
/// <param name="Seeds">Name of a <see cref="SeedCombination"/>: how a unit's values of all seeds become one, before layers are
/// scored.</param>
/// <param name="Ties">Name of a <see cref="TieBreak"/>: which layer comes first of equals.</param>
/// <param name="Top">How many of the highest units the aggregated norm tables average.</param>
/// <param name="Perplexity">Name of a <see cref="Normalisation"/>: how perplexities are normalised.</param>
public sealed record AggregationRule(
    [property: NoIdentity] string Name,
    [property: NoIdentity] int Version,
    [property: FirstDefault("frobenius")] string Measure,
    [property: FirstDefault("block")] string Over,
    [property: FirstDefault("sum")] string Combine,
    [property: FirstDefault(null)] int? Epoch,
    [property: FirstDefault("mean")] string Seeds,
    [property: FirstDefault("lower-layer")] string Ties,
    [property: FirstDefault(3)] int Top,
    [property: FirstDefault("inverse")] string Perplexity)
{
    /// <summary>The study's equation: block sums of ||dW||_F. The default.</summary>
    public static readonly AggregationRule BlockSum =
        new("block-sum", 1, "frobenius", "block", "sum", null, "mean", "lower-layer", 3, "inverse");

    /// <summary>The study's figures: ||dW||_F / ||W||_F, averaged over a block.</summary>
    public static readonly AggregationRule BlockRelativeMean =
        BlockSum with { Name = "block-relative-mean", Measure = "relative", Combine = "mean" };

    /// <summary>The study's aggregated norm tables: single components.</summary>
    public static readonly AggregationRule ComponentFrobenius = BlockSum with { Name = "component-frobenius", Over = "component" };

    public static readonly IReadOnlyList<AggregationRule> BuiltIn = [BlockSum, BlockRelativeMean, ComponentFrobenius];

    public static AggregationRule? FindBuiltIn(string name) => BuiltIn.FirstOrDefault(r => r.Name == name);
}

/// <summary>
/// A rule was defined in this ledger, or a new version of one. Never changed, and never exported: studies carry whole rules.
/// </summary>
/// <param name="By">Whose token asked for it, over HTTP; not written where the command line did, as in every ledger from before there was
/// a dashboard.</param>
public sealed record AggregationRuleDefined(
    AggregationRule Rule, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? By = null) : ILedgerEvent;

/// <summary>A rule of a ledger, and when it was defined.</summary>
public sealed record DefinedRule(AggregationRule Rule, DateTimeOffset At)
{
    /// <summary>Every rule of the ledger, in the order of their definition: the fold of the rules' stream.</summary>
    public static IReadOnlyList<DefinedRule>? Evolve(IReadOnlyList<DefinedRule>? rules, ILedgerEvent fact, DateTimeOffset at) =>
        fact is AggregationRuleDefined defined ? [.. rules ?? [], new(defined.Rule, at)] : rules;
}
