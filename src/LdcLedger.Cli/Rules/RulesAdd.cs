using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Rules;
using LdcLedger.Specs;

namespace LdcLedger.Cli.Rules;

/// <summary><c>ldc rules add FILE</c>: a rule becomes part of the ledger, for ever, as the next version of its name.</summary>
internal static class RulesAdd
{
    private static readonly Argument<string> RuleFileArgument = new("FILE") { Description = "The rule's YAML file." };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "add",
        """
        Define an aggregation rule in the ledger, or the next version of one.
        A rule is never changed: the same content is there already (which is said, and is no error), other content under the same
        name is the next version, and built-in names stay what they are. `ldc rules show block-sum` prints a file to begin with.
        """,
        Run, RuleFileArgument, Json)
    {
        Examples = ["ldc rules show block-sum > mine.yaml  # then edit it: a name of its own, and what it is to say", "ldc rules add mine.yaml"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var rule = RuleFile.Read(arguments.GetValue(RuleFileArgument)!);
        await using var ledger = await OpenLedger.OpenAsync(cancellation);
        var (defined, isNew) = await ledger.Rules.DefineAsync(rule, cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(new { reference = defined.Reference, is_new = isNew, hash = defined.Hash, rule = defined });
        else
        {
            Screen.Print(defined.Reference);
            Screen.Say(isNew ? RuleWords.Definition(defined) : $"rule {defined.Reference} says this already; nothing was added.");
        }
        return ExitCodes.Done;
    }
}
