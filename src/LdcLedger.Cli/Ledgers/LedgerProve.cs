using System.CommandLine;
using System.Text;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Seals;

namespace LdcLedger.Cli.Ledgers;

/// <summary><c>ldc ledger prove EVENT</c>: a document that shows, without the ledger, that an event is in it.</summary>
internal static class LedgerProve
{
    private static readonly Argument<string> Event = new("EVENT") { Description = "Id of an event, or the beginning of one." };
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Write the proof to this file instead of stdout.",
        HelpName = "FILE",
    };

    public static Verb Verb() => new(
        "prove",
        """
        Write a proof that an event is in its study and under the newest seal.
        One JSON document: the event, the hash before it, and the paths to the study's root (which reports cite) and to the seal's
        checkpoint.
        `ldc ledger check-proof` verifies it without a database.
        """,
        Run, Event, Out)
    {
        Examples = ["ldc ledger prove 8b2238ef --out proof.json", "ldc run show RUN --json | jq -r '.events[].id'  # ids of events"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var file = OutFile.At(arguments.GetValue(Out));
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var proof = await new Proving(ledger.Store, TimeProvider.System).ProveAsync(arguments.GetValue(Event)!, cancellation);
        if (proof.InSeal is null)
            Screen.Say("The event is under no seal yet, so that the proof leads to its study's root alone; `ldc ledger seal` makes one.");
        if (file is not null)
            OutFile.Write(file, proof.ToJson());
        else
            Console.Out.Write(Encoding.UTF8.GetString(proof.ToJson()));
        return ExitCodes.Done;
    }
}
