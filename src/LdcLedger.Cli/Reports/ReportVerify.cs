using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Replay;
using LdcLedger.Reports;
using LdcLedger.Reports.Verification;
using LdcLedger.Torch;

namespace LdcLedger.Cli.Reports;

/// <summary><c>ldc report verify FILE</c>: a report built again of what it says of itself, and compared byte for byte.</summary>
internal static class ReportVerify
{
    private const long LargestFile = 1 << 30;

    private static readonly Argument<string> FileArgument = new("FILE") { Description = "A report, as PDF or HTML." };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "verify",
        """
        Build a report again from this ledger, and compare byte for byte (exit code 1: it differs).
        Study, position, root and rules are those that the file states in its metadata. Where it differs, what may be the reason is told (an
        event, a rule, another version of ldc, another font), and the first place that says something else. Exit code 2: the file is no
        report, or of a study that is not in this ledger.
        """,
        Run, FileArgument, Json)
    {
        Examples = ["ldc report verify demo-report/report.pdf", "ldc report verify report.html --json"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var path = arguments.GetValue(FileArgument)!;
        var file = ReportFile.Read(Bytes(path), path);
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var (name, moment, differences) = await new StatedStudy(
            path, file.Origin.Study, file.Origin.Position, file.Origin.Root, file.Origin.Rules).CompareAsync(
            ledger.Store, ledger.Queries, ledger.Past, ledger.Rules, (kind, what) => new ReportDifference(kind, what),
            (facts, isOfSameEvents) => ReportCheck.Of(file, facts, isOfSameEvents), cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(new
            {
                is_same = differences.Count == 0, study = file.Origin.Study, name, file.Origin.Position, file.Origin.Root,
                rules = file.Origin.Rules.Select(r => new { reference = r.Reference, hash = r.Hash }), ldc = file.Origin.LdcVersion,
                file.Engine, sha256 = Sha256(file),
                differences = differences.Select(d => new { d.Kind, d.What, d.Where?.Place, d.Where?.Found, d.Where?.Expected }),
            });
        else
            Print(path, file, name, moment, differences);
        return differences.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Print(
        string path, ReportFile file, string name, StudyMoment? moment, IReadOnlyList<ReportDifference> differences)
    {
        var origin = file.Origin;
        if (differences.Count == 0)
            Screen.Print($"{path} is what this ledger gives, byte for byte.");
        else
            Screen.Print($"{path} is not what this ledger gives:");
        foreach (var difference in differences)
            Screen.Print($"  {difference.Kind}: {difference.What}.");
        Screen.Print($"study     {name}, {origin.Study}");
        Screen.Print($"position  {moment?.ToString()["position ".Length..] ?? origin.Position.ToString(CultureInfo.InvariantCulture)}");
        Screen.Print($"root      {origin.Root}");
        foreach (var rule in origin.Rules)
            Screen.Print($"rule      {rule.Reference}, SHA-256 {rule.Hash}");
        Screen.Print($"made by   ldc {origin.LdcVersion}, {file.Engine}");
        Screen.Print($"sha256    {Sha256(file)}");
    }

    private static string Sha256(ReportFile file) => Convert.ToHexStringLower(SHA256.HashData(file.Bytes));

    private static byte[] Bytes(string path)
    {
        var file = InputFile.At(path);
        if (file.Length > LargestFile)
            throw new BadInputException($"\"{path}\" is larger than any report.");
        using var stream = file.Open();
        var bytes = new byte[file.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
