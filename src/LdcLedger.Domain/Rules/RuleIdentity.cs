using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LdcLedger.Domain.Identity;

namespace LdcLedger.Domain.Rules;

/// <summary>What tells rules apart: what they say, and what people call them.</summary>
public static class RuleIdentity
{
    extension(AggregationRule rule)
    {
        /// <summary>
        /// SHA-256 of what the rule says, in lower-case hexadecimal: two rules of one hash are one rule, whatever their names and versions.
        /// </summary>
        public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(IdentityText.Of(rule))));

        public bool IsBuiltIn => AggregationRule.FindBuiltIn(rule.Name) is not null;

        /// <summary>What it is called: a built-in rule by its name, another with its version, <c>mine@2</c>.</summary>
        public string Reference => rule.IsBuiltIn ? rule.Name : string.Create(CultureInfo.InvariantCulture, $"{rule.Name}@{rule.Version}");
    }
}

/// <summary>A rule as people ask for it: <c>mine@2</c>, or <c>mine</c> for the newest.</summary>
/// <param name="Version">1, 2, ...; null = the newest.</param>
public readonly record struct RuleReference(string Name, int? Version)
{
    /// <exception cref="RuleViolation">The text is none.</exception>
    public static RuleReference Parse(string text)
    {
        var parts = text.Split('@');
        if (parts is [{ Length: > 0 } newest])
            return new(newest, null);
        return parts is [{ Length: > 0 } name, var number]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? new(name, version)
            : throw new RuleViolation($"'{text}' names no rule; a rule is named NAME or NAME@VERSION, such as block-sum or mine@2.");
    }
}
