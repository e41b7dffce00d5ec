using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Replay;

namespace LdcLedger.Cli.Studies;

/// <summary><c>ldc study list</c>: every study of the ledger, newest first.</summary>
internal static class StudyList
{
    private static readonly ListPart Part = new("studies", 200);
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new("list", "List the studies of the ledger, newest first.", Run,
        [AsOfOption.OfList, .. Part.Options, Json])
    {
        Examples = ["ldc study list", "ldc study list --json | jq '.[].name'"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var (limit, skip) = Part.Of(arguments);
        var at = AsOfOption.TimeOf(arguments);
        // Left open until the answer is printed: closing it stops a server.
        await using var ledger = OpenLedger.Exists ? await OpenLedger.OpenAsync(cancellation) : null;
        var (studies, all, moments) = ((IReadOnlyList<StudySummary>)[], 0L, new Dictionary<Guid, StudyMoment>());
        if (ledger is not null && at is { } time)
        {
            var past = await ledger.Past.StudiesAsync(time, limit, skip, cancellation);
            (studies, all) = ([.. past.Items.Select(s => s.Study)], past.Of);
            moments = past.Items.ToDictionary(s => s.Study.Id, s => s.Moment);
        }
        else if (ledger is not null)
            (studies, all) = await ledger.Queries.StudiesAsync(limit, skip, cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(at is null ? studies : studies.Select(s => new { moment = moments[s.Id], study = s }));
        else if (studies.Count == 0 && at is { } then)
            Screen.Say($"There was no study at {AsOf.Text(then)}.");
        else if (studies.Count == 0)
            Screen.Say("No studies yet: `ldc study init DIR` writes one to begin with, `ldc study run SPEC` runs it.");
        else
            Print(studies, moments);
        Part.SayRest(arguments, studies.Count, all, "");
        return ExitCodes.Done;
    }

    private static void Print(IReadOnlyList<StudySummary> studies, Dictionary<Guid, StudyMoment> moments)
    {
        string[] columns = ["id", "name", "status", ">runs", ">done", ">failed", "submitted (UTC)", "models", "domains"];
        var table = new TextTable(moments.Count > 0 ? [.. columns, "as of position"] : columns);
        foreach (var s in studies)
            table.Add([
                NameBasedGuid.Short(s.Id), s.Name, s.Status, Count(s.PlannedRuns), Count(s.SettledRuns),
                Count(s.FailedRuns + s.AbandonedRuns),
                s.SubmittedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                string.Join(' ', s.Models.Select(m => m.Name)), string.Join(' ', s.Domains.Select(d => d.Name)),
                .. moments.TryGetValue(s.Id, out var m)
                    ? [string.Create(CultureInfo.InvariantCulture, $"{m.Position} of {m.Of}, {AsOf.Text(m.Time)}")] : Array.Empty<string>(),
            ]);
        Screen.Print(table);
    }

    private static string Count(int n) => n.ToString(CultureInfo.InvariantCulture);
}
