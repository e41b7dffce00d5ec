using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Runs;

namespace LdcLedger.Cli.Cluster;

/// <summary><c>ldc workers</c>: who is alive, what each does, how fast.</summary>
internal static class WorkersVerb
{
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new("workers", "List the workers of the cluster: who is alive, what each does, tokens/s.", Run, Json)
    {
        Examples = ["ldc workers", "ldc workers --json | jq '.[] | select(.is_alive) | .sign.name'"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        // Left open until the answer is printed: closing it stops a server.
        await using var ledger = OpenLedger.Exists ? await OpenLedger.OpenAsync(cancellation) : null;
        IReadOnlyList<WorkerSeen> workers = ledger is null ? [] : await new WorkerRegister(ledger.Store).AllAsync(cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(workers);
        else if (workers.Count == 0)
            Screen.Say("No worker was seen in the last day; `ldc worker` starts one.");
        else
            Print(workers);
        return ExitCodes.Done;
    }

    private static void Print(IReadOnlyList<WorkerSeen> workers)
    {
        var table = new TextTable("worker", "alive", "device", "labels", "doing", "run", ">step", ">tokens/s", ">left", "note");
        foreach (var (sign, ago) in workers)
        {
            var alive = ago < WorkerRegister.SignTimeout.TotalSeconds;
            table.Add(
                sign.Name, alive ? "yes" : $"gone for {StudyBoard.Span(TimeSpan.FromSeconds(ago))}", sign.Device,
                string.Join(' ', sign.Labels), alive ? sign.Doing : "",
                sign.Run is { } run ? $"{NameBasedGuid.Short(run)} {sign.Title}" : "",
                sign.Steps > 0 ? string.Create(CultureInfo.InvariantCulture, $"{sign.Step}/{sign.Steps}") : "",
                sign.TokensPerSecond?.ToString("N0", CultureInfo.InvariantCulture) ?? "",
                sign.SecondsLeft is { } left ? StudyBoard.Span(TimeSpan.FromSeconds(left)) : "",
                string.Join("; ", new[]
                {
                    sign.Note,
                    sign.Journalled > 0 ? $"{Plural.Of(sign.Journalled, "transaction")} in the journal, until the ledger is back" : null,
                }.OfType<string>()));
        }
        Screen.Print(table);
    }
}
