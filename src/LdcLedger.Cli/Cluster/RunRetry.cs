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
        Description = "The reason, which is recorded.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => RunRequests.UsualReason,
    };

    public static Verb Verb() =>
        new("retry", "Retry a run that failed, was cancelled or was abandoned; it continues from its last checkpoint.", Run,
            RunShow.RunArgument, Reason)
    {
        Examples = ["ldc run retry 9c1d04ab --reason 'more memory'"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        await using var ledger = await OpenLedger.OpenAsync(cancellation);
        var run = await ledger.Queries.FindRunAsync(arguments.GetValue(RunShow.RunArgument)!, cancellation);
        var retrying = await new RunRequests(ledger.Store, new(ledger.Store, TimeProvider.System))
            .RetryAsync(run.Id, arguments.GetValue(Reason)!, cancellation);
        Screen.Say(retrying.Describe());
        return ExitCodes.Done;
    }
}
