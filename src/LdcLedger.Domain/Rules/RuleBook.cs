namespace LdcLedger.Domain.Rules;

/// <summary>The rules that there are: the built-in ones, and those that were defined in a ledger.</summary>
public sealed class RuleBook
{
    /// <summary>Where there is no ledger.</summary>
    public static readonly RuleBook BuiltIn = new([]);

    private readonly IReadOnlyList<AggregationRule> _defined;

    /// <param name="defined">In the order of their definition: the versions of a name rise.</param>
    public RuleBook(IEnumerable<AggregationRule> defined) => _defined = [.. defined];

    /// <summary>The built-in ones, and these of a ledger.</summary>
    public static RuleBook Of(IEnumerable<DefinedRule> defined) => new(defined.Select(d => d.Rule));

    /// <summary>The built-in ones, then the others by name and version.</summary>
    public IReadOnlyList<AggregationRule> All =>
        [.. AggregationRule.BuiltIn, .. _defined.OrderBy(r => r.Name, StringComparer.Ordinal).ThenBy(r => r.Version)];

    /// <summary>The newest version of each, in that order.</summary>
    public IReadOnlyList<AggregationRule> Newest => [.. All.GroupBy(r => r.Name).Select(versions => versions.Last())];

    /// <summary>Every version of a name, oldest first.</summary>
    public IReadOnlyList<AggregationRule> Versions(string name) => [.. All.Where(r => r.Name == name)];

    /// <summary>Without a version the newest; null where there is none.</summary>
    public AggregationRule? Find(RuleReference reference) =>
        Versions(reference.Name).LastOrDefault(r => reference.Version is null || r.Version == reference.Version);

    /// <summary>
    /// What a rule becomes when it is defined here: the version that says the same already, or the next one of its name. Pure.
    /// </summary>
    /// <exception cref="RuleViolation">The name is that of a built-in rule, which says something else.</exception>
    public (AggregationRule Rule, bool IsNew) Define(AggregationRule rule)
    {
        var versions = Versions(rule.Name);
        if (versions.FirstOrDefault(r => r.Hash == rule.Hash) is { } same)
            return (same, false);
        if (rule.IsBuiltIn)
            throw new RuleViolation($"Rule {rule.Name} is built in and stays as it is; define yours under another name.");
        return (rule with { Version = (versions.Count == 0 ? 0 : versions[^1].Version) + 1 }, true);
    }
}
