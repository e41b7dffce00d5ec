using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Cli.Ledgers;

/// <summary><c>ldc ledger verify</c>: recomputes every link of the hash chain; code 1 where one is broken.</summary>
internal static class LedgerVerify
{
    private static readonly Option<string?> Study = new("--study")
    {
        Description = "Only the events of this study (id, prefix or name).",
        HelpName = "STUDY",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() =>
        new("verify", "Recompute the hash of every event and compare every link of the chain (exit code 1: one is broken).", Run, Study,
            Json);

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        Guid? study = arguments.GetValue(Study) is { } named ? (await ledger.Queries.FindStudyAsync(named, cancellation)).Id : null;
        var verified = await ChainVerification.RunAsync(ledger.Store, study, cancellation);
        var root = study is { } id ? await StudyRoot.OfAsync(ledger.Store, id, cancellation: cancellation) : null;
        if (arguments.GetValue(Json))
            Screen.PrintJson(new { verified.IsIntact, verified.Events, verified.Streams, verified.Broken, root?.Position, root?.Root });
        else
            Print(verified, root);
        return verified.IsIntact ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Print(ChainVerification verified, StudyRoot? root)
    {
        foreach (var link in verified.Broken)
            Screen.Print(string.Create(CultureInfo.InvariantCulture,
                $"broken: event {link.Sequence}, {link.Type}, version {link.Version} of stream {link.Stream}: {link.Reason}"));
        Screen.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"{Plural.Of(verified.Events, "event")} in {Plural.Of(verified.Streams, "stream")}: "
                + $"{(verified.IsIntact ? "every link of the chain is intact" : $"{verified.Broken.Count:N0} broken")}"));
        if (root is not null)
            Screen.Print(string.Create(CultureInfo.InvariantCulture, $"position {root.Position}, root {root.Root}"));
    }
}
