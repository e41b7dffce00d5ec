using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Runs;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Cli.Reproductions;

/// <summary><c>ldc run reproduce RUN</c>: trains a recorded run again and compares every value; code 1 where one differs.</summary>
internal static class RunReproduce
{
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "reproduce",
        """
        Train a run again and compare what it measures with what the ledger has.
        Loss points, norms of every epoch, held-out perplexity and the adapter's files are compared; nothing is recorded.
        Device cpu computes the same bits on every machine, so a run that was trained there must agree in every bit;
        elsewhere the values must lie within a stated tolerance. Exit code 1: a value differs, and the first is shown.
        """,
        Run, RunShow.RunArgument, StudyRun.Device, Places.Models, Places.Domains, Json)
    {
        Examples = ["ldc run reproduce 9c1d04ab", "ldc run reproduce 9c1d04ab --model llama=/models/Llama-3.2-1B --device cuda"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var run = await ledger.Queries.FindRunAsync(arguments.GetValue(RunShow.RunArgument)!, cancellation);
        if (run.Status != RunStatuses.Completed)
            throw new BadInputException($"run {run.Id} is {run.Status}; only a run that completed can be reproduced.");
        var study = (await ledger.Store.StudyAsync(run.StudyId, cancellation)).State!;
        var device = arguments.GetValue(StudyRun.Device)!;
        var again = (await RunsAgain.OfAsync(ledger, study, [run.Id], arguments, device, cancellation))[0];
        if (arguments.GetValue(Json))
            Screen.PrintJson(ReproductionStatement.Json(again));
        else
        {
            Screen.Print($"run {run.Id} ({again.Title}): {again.Outcome}");
            foreach (var difference in again.Comparison.Differences.Take(ReproductionStatement.MostShown))
                Screen.Print($"  {difference.Place}: recorded {difference.Recorded ?? "nothing"}, found {difference.Found ?? "nothing"}");
        }
        return again.Comparison.IsReproduced ? ExitCodes.Done : ExitCodes.Failed;
    }
}
