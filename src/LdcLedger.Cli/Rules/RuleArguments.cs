using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Cli.Rules;

/// <summary>What the verbs about rules have in common.</summary>
internal static class RuleArguments
{
    public const string Meaning = "a rule's name (its newest version), or NAME@VERSION; `ldc rules list` shows them";

    public static readonly Argument<string> Rule = new("RULE") { Description = char.ToUpperInvariant(Meaning[0]) + Meaning[1..] + "." };

    /// <summary>Rules that were defined in this machine's ledger, with their times; none where there is no ledger yet.</summary>
    /// <param name="at">Up to the last of them that was not defined later; null: all.</param>
    public static async Task<IReadOnlyList<DefinedRule>> DefinedAsync(DateTimeOffset? at, CancellationToken cancellation)
    {
        if (!OpenLedger.Exists)
            return [];
        await using var ledger = await OpenLedger.OpenAsync(cancellation);
        var defined = await ledger.Rules.DefinedAsync(cancellation);
        return at is { } time ? [.. defined.Take(defined.Index().LastOrDefault(d => d.Item.At <= time, (-1, null!)).Index + 1)] : defined;
    }
}
