using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Runs;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Runs;

namespace LdcLedger.Cli.Cluster;

/// <summary><c>ldc run retry RUN</c>: another try for a run that failed, was cancelled or abandoned.</summary>
internal static class RunRetry
{
    private static readonly Option<string> Reason = new("--reason")
    {
        Description = "Why; it is recorded.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "asked for by a person",
    };

    public static Verb Verb() =>
        new("retry", "Try a run again that failed, was cancelled or abandoned; it goes on from its last checkpoint.", Run,
            RunShow.RunArgument, Reason)
    {
        Examples = ["ldc run retry 9c1d04ab --reason 'more memory'"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancelled)
    {
        await using var ledger = await OpenLedger.OpenAsync(cancelled);
        var run = await ledger.Queries.FindRunAsync(arguments.GetValue(RunShow.RunArgument)!, cancelled);
        await new RunRequests(ledger.Store, new(ledger.Store, TimeProvider.System))
            .RetryAsync(run.Id, arguments.GetValue(Reason)!, cancelled);
        Screen.Say($"run {run.Id} ({run.Model} / {run.Domain} / {run.Role}) is wanted again");
        return ExitCodes.Done;
    }
}
