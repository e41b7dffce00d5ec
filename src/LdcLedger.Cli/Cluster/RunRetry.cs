using System.CommandLine;
using LdcLedger.Domain.Runs;
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

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        await using var ledger = await OpenLedger.OpenAsync(cancellation);
        var run = await ledger.Queries.FindRunAsync(arguments.GetValue(RunShow.RunArgument)!, cancellation);
        await new RunRequests(ledger.Store, new(ledger.Store, TimeProvider.System))
            .RetryAsync(run.Id, arguments.GetValue(Reason)!, cancellation);
        Screen.Say($"run {run.Id} ({RunTitle.Of(run.Model, run.Domain, run.Role, run.Seed)}) is wanted again");
        return ExitCodes.Done;
    }
}
