using System.CommandLine;
using System.Text;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Seals;

namespace LdcLedger.Cli.Ledgers;

/// <summary><c>ldc ledger seal</c>: signs the root over all events so far.</summary>
internal static class LedgerSeal
{
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Write the checkpoint to this file instead of stdout.",
        HelpName = "FILE",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "seal",
        """
        Sign the root over all events so far, and write it as a checkpoint to keep elsewhere.
        Happens by itself when a study completes. Where nothing came since, the newest seal's checkpoint is written again.
        Keep it where the database's people do not come (a repository, a paper):
        `ldc ledger verify --against` then finds also what was cut off
        or rewritten. The key is the PEM file that LDC_SEAL_KEY names (ECDSA P-256), else one that is made once in LDC_DATA.
        """,
        Run, Out, Json)
    {
        Examples = ["ldc ledger seal --out checkpoint.txt", "ldc ledger seal | git hash-object -w --stdin"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var file = OutFile.At(arguments.GetValue(Out));
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var time = TimeProvider.System;
        var seal = await new Sealing(ledger.Store, new(ledger.Store, time), SealKeys.FromEnvironment(), time).SealAsync(cancellation);
        if (seal.MadeKey is { } made)
            Screen.Say(made);
        Screen.Say(seal.Describe());
        if (file is not null)
            OutFile.Write(file, Encoding.UTF8.GetBytes(seal.Fact.Checkpoint));
        if (arguments.GetValue(Json))
            Screen.PrintJson(new
            {
                seal.IsNew, seal.Fact.Position, seal.Fact.Root, seal.Fact.PreviousPosition, seal.Fact.PreviousRoot,
                seal.Fact.Checkpoint, file,
            });
        else if (file is null)
            Console.Out.Write(seal.Fact.Checkpoint);
        return ExitCodes.Done;
    }
}
