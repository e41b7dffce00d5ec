using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Studies;

namespace LdcLedger.Cli.Cluster;

/// <summary><c>ldc study cancel STUDY</c>: nothing more of it starts, what runs stops within a logging interval.</summary>
internal static class StudyCancel
{
    private static readonly Option<string> Reason = new("--reason")
    {
        Description = "The reason, which is recorded.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => RunRequests.UsualReason,
    };

    public static Verb Verb() =>
        new("cancel", "Cancel a study: no new runs start, and running ones stop within seconds. Everything recorded is kept.", Run,
            StudyShow.Study, Reason)
    {
        Examples = ["ldc study cancel demo --reason 'wrong corpus'"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        await using var ledger = await OpenLedger.OpenAsync(cancellation);
        var study = await ledger.Queries.FindStudyAsync(arguments.GetValue(StudyShow.Study)!, cancellation);
        var cancelling = await new StudySubmission(ledger.Store, new(ledger.Store, TimeProvider.System))
            .CancelAsync(study.Id, arguments.GetValue(Reason)!, cancellation);
        Screen.Say(cancelling.Describe());
        return ExitCodes.Done;
    }
}
