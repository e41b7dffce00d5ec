using LdcLedger.Domain;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Specs;

/// <summary>Rules found by what people call them, and what to say where there is none.</summary>
public static class RuleNames
{
    /// <summary>On the command line: NAME for the newest version, or NAME@VERSION.</summary>
    /// <exception cref="RuleViolation">There is no such rule.</exception>
    public static AggregationRule Find(RuleBook rules, string text)
    {
        var reference = RuleReference.Parse(text);
        return rules.Find(reference) ?? throw new RuleViolation(
            rules.Versions(reference.Name) is { Count: > 0 } versions ? $"{NoSuchVersion(versions, reference)}."
            : $"There is no rule '{text}'; did you mean '{NearestName.Of(reference.Name, rules.All.Select(r => r.Name).Distinct())}'? "
                + "`ldc rules list` shows them all.");
    }

    /// <summary>In a spec, which has to mean the same for ever: a built-in rule by its name, any other as NAME@VERSION.</summary>
    /// <param name="rules">Null where there is no ledger to ask.</param>
    /// <param name="wrong">What is wrong with the text; null where nothing is.</param>
    /// <returns>Null where something is wrong, or where nobody can say.</returns>
    internal static AggregationRule? InSpec(RuleBook? rules, string text, out string? wrong)
    {
        wrong = null;
        RuleReference reference;
        try
        {
            reference = RuleReference.Parse(text);
        }
        catch (RuleViolation none)
        {
            wrong = char.ToLowerInvariant(none.Message[0]) + none.Message[1..].TrimEnd('.');
            return null;
        }
        var known = rules ?? RuleBook.BuiltIn;
        var versions = known.Versions(reference.Name);
        if (known.Find(reference) is { } found && (reference.Version is not null || found.IsBuiltIn))
            return found;
        if (versions.Count == 0 && rules is null && reference.Version is not null)
            return null;
        wrong = versions.Count == 0 ? $"'{text}' is unknown; allowed are {string.Join(", ", known.All.Select(r => r.Reference))}"
            : reference.Version is null
                ? $"'{text}' is not built in, so a spec needs its version: {versions[^1].Reference} is the newest"
                : NoSuchVersion(versions, reference);
        return null;
    }

    private static string NoSuchVersion(IReadOnlyList<AggregationRule> versions, RuleReference reference) =>
        versions[0].IsBuiltIn ? $"rule {reference.Name} is built in and has version 1 alone, not {reference.Version}"
        : versions.Count == 1 ? $"rule {reference.Name} has version 1 alone, not {reference.Version}"
        : $"rule {reference.Name} has versions 1 to {versions[^1].Version}, not {reference.Version}";
}
