using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Cli.Ledgers;

/// <summary><c>ldc ledger verify</c>: recomputes everything that the ledger proves; code 1 where something differs.</summary>
internal static class LedgerVerify
{
    private const int Shown = 200;

    private static readonly Option<string?> Study = new("--study")
    {
        Description = "Only the events of this study (id, prefix or name).",
        HelpName = "STUDY",
    };
    private static readonly Option<string?> Against = new("--against")
    {
        Description = "A checkpoint that was kept elsewhere: finds also what was cut off or rewritten since.",
        HelpName = "CHECKPOINT",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "verify",
        """
        Recompute the hash of every event, the order, the trees and the seals (exit code 1: something differs).
        Names stream, version and field of everything that was edited, moved, added or removed. What came after the newest seal has no order
        yet that could be compared; --against, or the next seal, covers it.
        Without --key signatures are judged by this machine's own key (LDC_SEAL_KEY, or the one in LDC_DATA).
        """,
        Run, Study, Against, SealFiles.Key, Json)
    {
        Examples = ["ldc ledger verify", "ldc ledger verify --against checkpoint.txt --key public.pem", "ldc ledger verify --study demo"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var keys = SealFiles.KeysOf(arguments);
        var file = arguments.GetValue(Against);
        var against = file is null ? null : SealFiles.CheckpointIn(file);
        if (against is not null && arguments.GetValue(Study) is not null)
            throw new BadInputException("--against compares the whole ledger; leave out --study.");
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        if (against is not null && await ledger.Store.OriginAsync(cancellation) is var origin && against.Origin != origin)
            throw new BadInputException($"{file} is a checkpoint of {against.Origin}, and this ledger is {origin}.");
        if (against is not null && keys is not null && SealFiles.Problem(against, keys) is { } problem)
            throw new BadInputException($"{file} {problem}.");
        Guid? study = arguments.GetValue(Study) is { } named ? (await ledger.Queries.FindStudyAsync(named, cancellation)).Id : null;
        var verified = await ChainVerification.OfAsync(ledger.Store, new(study, against, keys), cancellation);
        var root = study is { } id ? await StudyRoot.OfAsync(ledger.Store, id, cancellation: cancellation) : null;
        if (arguments.GetValue(Json))
            Screen.PrintJson(new
            {
                verified.IsIntact, verified.Events, verified.Streams,
                differences = verified.Differences.Select(d => new { kind = d.Name, d.Stream, d.Version, d.Field, d.What, d.Type }),
                @sealed = verified.Sealed, root?.Position, root?.Root,
            });
        else
            Print(verified, root);
        return verified.IsIntact ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Print(ChainVerification verified, StudyRoot? root)
    {
        foreach (var difference in verified.Differences.Take(Shown))
            Screen.Print(difference.ToString());
        if (verified.Differences.Count > Shown)
            Screen.Print(string.Create(CultureInfo.InvariantCulture,
                $"... and {verified.Differences.Count - Shown:N0} more; --json lists all"));
        Screen.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"{verified.Events:N0} events in {verified.Streams:N0} streams: "
                + $"{(verified.IsIntact ? "everything is as it was recorded" : $"{verified.Differences.Count:N0} differences")}"));
        Screen.Print(verified.Sealed is not { } part
            ? "not sealed: events that were cut off from the end of a stream together with its row, or moved in the ledger's order, "
                + "would not be missed (`ldc ledger seal`)"
            : string.Create(CultureInfo.InvariantCulture,
                $"sealed up to event {part.Position:N0} of the ledger, root {part.Root}, {part.Seals:N0} "
                + $"{(part.Seals == 1 ? "seal" : "seals")}, signed with key {part.KeyId}")
                + (part.AreSignaturesJudged ? "" : "; signatures were not checked, for no key is known here (--key)"));
        if (root is not null)
            Screen.Print(string.Create(CultureInfo.InvariantCulture, $"position {root.Position}, root {root.Root}"));
    }
}
