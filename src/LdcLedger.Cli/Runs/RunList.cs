using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;

namespace LdcLedger.Cli.Runs;

/// <summary><c>ldc run list</c>: the runs of one study or of all, in the order of planning.</summary>
internal static class RunList
{
    private static readonly Option<string?> Study = new("--study")
    {
        Description = "Only runs of this study (id, prefix or name).",
        HelpName = "STUDY",
    };
    private static readonly Option<string?> Status = new("--status")
    {
        Description = $"Only runs that are {string.Join(", ", RunStatuses.All.SkipLast(1))} or {RunStatuses.All[^1]}.",
        HelpName = "S",
    };
    private static readonly ListPart Part = new("runs", 1_000);
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() =>
        new("list", "List runs in the order of planning.\nA long list shows its newest entries and the total.", Run,
            [Study, Status, AsOfOption.OfStudy, .. Part.Options, Json])
    {
        Examples = ["ldc run list --study demo --status failed", "ldc run list --study demo --json | jq '.[].perplexity'",
            "ldc run list --limit 100 --skip 100  # the hundred before the newest hundred"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var status = arguments.GetValue(Status);
        if (status is not null && !RunStatuses.All.Contains(status))
            throw new BadInputException($"--status is '{status}'; allowed are {string.Join(", ", RunStatuses.All)}.");
        var (limit, skip) = Part.Of(arguments);
        var asOf = AsOfOption.Of(arguments);
        var named = arguments.GetValue(Study);
        // Left open until the answer is printed: closing it stops a server.
        await using var ledger = OpenLedger.Exists || named is not null ? await OpenLedger.OpenExistingAsync(cancellation) : null;
        var (runs, all) = new Page<RunSummary>([], 0);
        if (ledger is not null)
        {
            if (asOf is not null)
                (runs, all) = await ThenAsync(ledger, named, asOf, status, limit, skip, cancellation);
            else
            {
                Guid? study = named is null ? null : (await ledger.Queries.FindStudyAsync(named, cancellation)).Id;
                (runs, all) = await ledger.Queries.RunsAsync(study, status, limit, skip, cancellation);
            }
        }
        if (arguments.GetValue(Json))
            Screen.PrintJson(runs);
        else if (runs.Count == 0)
            Screen.Say("No such runs.");
        else
            Print(runs);
        Part.SayRest(arguments, runs.Count, all, "; --study and --status list fewer");
        return ExitCodes.Done;
    }

    private static async Task<Page<RunSummary>> ThenAsync(
        OpenLedger ledger, string? study, AsOf asOf, string? status, int limit, int skip, CancellationToken cancellation)
    {
        if (study is not null)
        {
            var moment = (await ledger.Past.FindStudyAsync(study, asOf, cancellation)).Moment;
            AsOfOption.Say(moment);
            return await ledger.Past.RunsAsync(moment, status, limit, skip, cancellation);
        }
        var at = asOf.Time ?? throw new BadInputException(
            $"--as-of is {asOf.Position}, a position, and those are of a single study; name it with --study, or give a time.");
        Screen.Say($"each study as of its last event not later than {AsOf.Text(at)}; `ldc study list --as-of` shows its position");
        return await ledger.Past.RunsAsync(at, status, limit, skip, cancellation);
    }

    private static void Print(IReadOnlyList<RunSummary> runs)
    {
        var table = new TextTable(
            "id", "model", "domain", "role", ">seed", "status", ">attempt", ">epochs", ">loss", ">PPL", ">seconds", "layers");
        foreach (var r in runs)
            table.Add(
                NameBasedGuid.Short(r.Id), r.Model, r.Domain, r.Role, Text(r.Seed), r.Status, Text(r.Attempt),
                r.Epochs == 0 ? "-" : $"{r.EpochsCompleted}/{r.Epochs}",
                Text(r.TrainLossNats, "0.000"), Text(r.Perplexity, "0.00"), Text(r.Seconds, "0.0"), LayersOf(r));
        Screen.Print(table);
    }

    /// <summary>The layers of a targeted run; nothing where all or none are adapted.</summary>
    internal static string LayersOf(RunSummary run) => run.Stage == 2 ? string.Join(' ', Tuning.Parse(run.Tuning).Layers) : "";

    private static string Text(int? n) => n?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Text(double? x, string format) => x?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
