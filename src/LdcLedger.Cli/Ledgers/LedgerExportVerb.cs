using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Exchange;

namespace LdcLedger.Cli.Ledgers;

/// <summary><c>ldc ledger export FILE</c>: studies with all their events as JSON lines, for another ledger or for anybody's eyes.</summary>
internal static class LedgerExportVerb
{
    private static readonly Argument<string> FileArgument = new("FILE")
    {
        Description = "The file to write, whole or not at all; - is stdout.",
    };
    private static readonly Option<string?> Study = new("--study")
    {
        Description = "Only this study (id, prefix or name); without it every study, by time of submission.",
        HelpName = "STUDY",
    };

    public static Verb Verb() => new(
        "export",
        """
        Write studies with all their events as JSON lines, hash chain and root included.
        The same study at the same position gives the same bytes in every ledger. Rules, seals and notes of imports belong to their ledger
        and are left out; a study's events carry whole rules.
        """,
        Run, FileArgument, Study, AsOfOption.OfStudy)
    {
        Examples =
        [
            "ldc ledger export demo.jsonl --study demo", "ldc ledger export - | gzip > all-studies.jsonl.gz",
            "ldc ledger export demo.jsonl --study demo --as-of 41",
        ],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var path = arguments.GetValue(FileArgument)!;
        if (path != "-")
            OutFile.Check(path);
        var asOf = AsOfOption.Of(arguments);
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        Guid? study = arguments.GetValue(Study) is not { } named ? null
            : asOf is null ? (await ledger.Queries.FindStudyAsync(named, cancellation)).Id
            : (await ledger.Past.FindStudyAsync(named, asOf, cancellation)).Study.Id;
        var export = new LedgerExport(ledger.Store, TimeProvider.System);
        IReadOnlyList<ExportedPart> parts = [];
        if (path == "-")
        {
            await using var output = Console.OpenStandardOutput();
            parts = await export.WriteAsync(output, study, asOf, cancellation);
        }
        else
            await OutFile.WriteAsync(path, async file => parts = await export.WriteAsync(file, study, asOf, cancellation));
        foreach (var part in parts)
            Screen.Say(string.Create(
                CultureInfo.InvariantCulture, $"study {part.Study}: position {part.Position}, root {part.Root}"));
        return ExitCodes.Done;
    }
}
