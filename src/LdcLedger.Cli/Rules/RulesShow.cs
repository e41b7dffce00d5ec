using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Rules;
using LdcLedger.Specs;

namespace LdcLedger.Cli.Rules;

/// <summary><c>ldc rules show RULE</c>: a rule as the file that <c>ldc rules add</c> takes.</summary>
internal static class RulesShow
{
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() =>
        new("show", "Print a rule as the file that `ldc rules add` takes.", Run, RuleArguments.Rule, AsOfOption.OfList, Json)
    {
        Examples = ["ldc rules show block-sum", "ldc rules show mine@1 > mine.yaml"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var defined = await RuleArguments.DefinedAsync(AsOfOption.TimeOf(arguments), cancellation);
        var rule = RuleNames.Find(RuleBook.Of(defined), arguments.GetValue(RuleArguments.Rule)!);
        if (arguments.GetValue(Json))
            Screen.PrintJson(new
            {
                reference = rule.Reference, built_in = rule.IsBuiltIn, hash = rule.Hash, rule, definition = RuleWords.Definition(rule),
            });
        else
            Screen.Print(RuleFile.Text(rule).TrimEnd('\n'));
        return ExitCodes.Done;
    }
}
