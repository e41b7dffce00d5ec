using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Verification;
using LdcLedger.Reports;
using LdcLedger.Reports.Verification;
using LdcLedger.Torch;

namespace LdcLedger.Cli.Reports;

/// <summary><c>ldc report verify FILE</c>: a report built again of what it says of itself, and compared byte for byte.</summary>
internal static class ReportVerify
{
    private const long LargestFile = 1 << 30;
    private const int EventsShown = 3;

    private static readonly Argument<string> FileArgument = new("FILE") { Description = "A report, as PDF or HTML." };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "verify",
        """
        Build a report again from this ledger, and compare byte for byte (exit code 1: it differs; 2: it cannot be judged).
        Study, position, root and rules are those that the file states in its metadata. Where it differs, what may be the reason is told (an
        event, a rule, another version of ldc, another font), and the first place that says something else.
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
        var (name, moment, differences) = await CompareAsync(ledger, file, path, cancellation);
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

    private static async Task<(string Name, StudyMoment? Moment, IReadOnlyList<ReportDifference> Differences)> CompareAsync(
        OpenLedger ledger, ReportFile file, string path, CancellationToken cancellation)
    {
        var origin = file.Origin;
        var now = await StudyRoot.OfAsync(ledger.Store, origin.Study, cancellation: cancellation);
        if (now.Position == 0)
            throw new BadInputException(
                $"{path} is a report of study {origin.Study}, which is not in this ledger; `ldc ledger import FILE` brings a study from "
                + "the one that has it.");
        // Roots alone do not say that events are what was recorded: they are computed of the hashes that stand beside them.
        var audit = await ChainVerification.RunAsync(ledger.Store, origin.Study, cancellation);
        var differences = new List<ReportDifference>(
            audit.Differences.Take(EventsShown).Select(d => new ReportDifference("events", $"this ledger is not what was recorded: {d}")));
        if (audit.Differences.Count > EventsShown)
            differences.Add(new("events", $"and so in {Plural.Of(audit.Differences.Count - EventsShown, "more place")}, which "
                + $"`ldc ledger verify --study {origin.Study}` names"));
        var study = await ledger.Queries.FindStudyAsync(origin.Study.ToString(), cancellation);
        if (origin.Position > now.Position)
            return differences.Count > 0 ? (study.Name, null, differences) : throw new BadInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path} is of position {origin.Position} of study {study.Name}, which has {Plural.Of(now.Position, "event")} in this ")
                + "ledger: it is judged by a ledger that has the rest.");

        var moment = await ledger.Past.MomentAsync(origin.Study, AsOf.At(origin.Position), cancellation);
        var then = await StudyRoot.OfAsync(ledger.Store, origin.Study, moment.Sequence, cancellation);
        if (then.Root != origin.Root)
            differences.Add(new("root", string.Create(
                CultureInfo.InvariantCulture, $"the study's events up to position {origin.Position} are not those that it was made of: ")
                + $"their root is {then.Root}, and it states {origin.Root}"));
        var book = await ledger.Rules.BookAsync(cancellation);
        foreach (var rule in origin.Rules)
            if (book.Find(RuleReference.Parse(rule.Reference)) is { } here && here.Hash != rule.Hash)
                differences.Add(new("rule", $"rule {rule.Reference} says something else here (SHA-256 {here.Hash}) than in the report "
                    + $"({rule.Hash})"));
        try
        {
            differences.AddRange(ReportCheck.Of(file, await ledger.Past.FactsAsync(moment, origin.Rules, cancellation)));
        }
        catch (Exception broken) when (audit.Differences.Count > 0 && broken is JsonException or LedgerDamaged or RuleViolation)
        {
            differences.Add(new("events", $"and so no report can be built of it ({broken.Message.TrimEnd('.')})"));
        }
        return (study.Name, moment, differences);
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
