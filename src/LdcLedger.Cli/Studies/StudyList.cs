using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.ReadModels;

namespace LdcLedger.Cli.Studies;

/// <summary><c>ldc study list</c>: every study of the ledger, newest first.</summary>
internal static class StudyList
{
    private static readonly ListPart Part = new("studies", 200);
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new("list", "List the studies of the ledger, newest first.", Run, [.. Part.Options, Json])
    {
        Examples = ["ldc study list", "ldc study list --json | jq '.[].name'"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var (limit, skip) = Part.Of(arguments);
        // Left open until the answer is printed: closing it stops a server.
        await using var ledger = OpenLedger.Exists ? await OpenLedger.OpenAsync(cancellation) : null;
        var (studies, all) = ledger is null ? new Page<StudySummary>([], 0) : await ledger.Queries.StudiesAsync(limit, skip, cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(studies);
        else if (studies.Count == 0)
            Screen.Say("No studies yet: `ldc study init DIR` writes one to begin with, `ldc study run SPEC` runs it.");
        else
            Print(studies);
        Part.SayRest(arguments, studies.Count, all, "");
        return ExitCodes.Done;
    }

    private static void Print(IReadOnlyList<StudySummary> studies)
    {
        var table = new TextTable("id", "name", "status", ">runs", ">done", ">failed", "submitted (UTC)", "models", "domains");
        foreach (var s in studies)
            table.Add(
                NameBasedGuid.Short(s.Id), s.Name, s.Status, Count(s.PlannedRuns), Count(s.SettledRuns),
                Count(s.FailedRuns + s.AbandonedRuns),
                s.SubmittedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                string.Join(' ', s.Models.Select(m => m.Name)), string.Join(' ', s.Domains.Select(d => d.Name)));
        Screen.Print(table);
    }

    private static string Count(int n) => n.ToString(CultureInfo.InvariantCulture);
}
