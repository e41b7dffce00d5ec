using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Cli.Rules;

/// <summary><c>ldc rules list</c>: the built-in rules and those of the ledger.</summary>
internal static class RulesList
{
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new("list", "List the aggregation rules: the built-in ones and those that were defined here.", Run,
        AsOfOption.OfList, Json)
    {
        Examples = ["ldc rules list", "ldc rules list --json | jq '.[].reference'"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var defined = await RuleArguments.DefinedAsync(AsOfOption.TimeOf(arguments), cancellation);
        var at = defined.ToDictionary(d => d.Rule, d => d.At);
        var rules = RuleBook.Of(defined).All;
        if (arguments.GetValue(Json))
        {
            Screen.PrintJson(rules.Select(r => new
            {
                reference = r.Reference, built_in = r.IsBuiltIn,
                defined_at = at.TryGetValue(r, out var time) ? time : (DateTimeOffset?)null, hash = r.Hash, rule = r,
            }));
            return ExitCodes.Done;
        }
        var table = new TextTable(
            "rule", "measure", "over", "combine", "epoch", "seeds", "ties", ">top", "perplexity", "hash", "defined (UTC)");
        foreach (var r in rules)
            table.Add(
                r.Reference, r.Measure, r.Over, RuleScope.Rows[r.Over].IsBlock ? r.Combine : "-",
                r.Epoch?.ToString(CultureInfo.InvariantCulture) ?? "last", r.Seeds, r.Ties, r.Top.ToString(CultureInfo.InvariantCulture),
                r.Perplexity, r.Hash[..12],
                at.TryGetValue(r, out var time)
                    ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "built in");
        Screen.Print(table);
        return ExitCodes.Done;
    }
}
