using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Ledger.Exchange;
using LdcLedger.Torch;

namespace LdcLedger.Cli.Ledgers;

/// <summary><c>ldc ledger import FILE</c>: studies from another ledger, or written by hand or by script.</summary>
internal static class LedgerImportVerb
{
    private static readonly Argument<string> FileArgument = new("FILE") { Description = "The file to read; - is stdin." };
    private static readonly Option<bool> Unchained = new("--unchained")
    {
        Description = "The file was written by hand or by script: version, id, causation and chain may be absent and are filled in.",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "import",
        """
        Bring studies from a file of `ldc ledger export` into this ledger, all of the file or nothing.
        Hash chain, ids and root are verified, and stay what they were. An imported study is at rest: it can be looked at, reported and
        exported, and nothing of it runs here until somebody asks for it by `study run`, `run retry` or `study extend`.
        infra/study-files.md describes the form, for those who write such files.
        """,
        Run, FileArgument, Unchained, Json)
    {
        Examples =
        [
            "ldc ledger import demo.jsonl", "gunzip -c all-studies.jsonl.gz | ldc ledger import -",
            "ldc ledger import --unchained by-hand.jsonl",
        ],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var path = arguments.GetValue(FileArgument)!;
        var unchained = arguments.GetValue(Unchained);
        await using var file = path == "-" ? Console.OpenStandardInput()
            : InputFile.Plain(path).Open(FileOptions.Asynchronous | FileOptions.SequentialScan, 1 << 16);
        await using var ledger = await OpenLedger.OpenAsync(cancellation);
        var parts = await new LedgerImport(ledger.Store, TimeProvider.System)
            .ReadAsync(file, path == "-" ? "stdin" : path, unchained, cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(parts);
        else
            foreach (var part in parts)
                Print(part);
        return ExitCodes.Done;
    }

    private static void Print(ImportedPart part)
    {
        Screen.Print(string.Create(CultureInfo.InvariantCulture, $"study {part.Name} ({part.Study}): ")
            + (part.IsNew ? "imported" : "was here already, with these very events")
            + string.Create(CultureInfo.InvariantCulture, $"; position {part.Position}, root {part.Root}"));
        if (part.Backward > 0)
            Screen.Say($"Times that go back: {Plural.Of(part.Backward, "event")}; the order of lines counts, whatever clocks said.");
    }
}
