using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Processes;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Studies;
using LdcLedger.Ledger.Telemetry;
using LdcLedger.Specs;
using LdcLedger.Specs.Resolution;

namespace LdcLedger.Cli.Cluster;

/// <summary><c>ldc study submit SPEC</c>: asks for a study, and leaves it to the cluster.</summary>
internal static class StudySubmit
{
    private static readonly Option<bool> Fresh = new("--fresh")
    {
        Description = "Start over, even if the same study is already in the ledger.",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "submit",
        """
        Submit a study to the cluster, and return at once.
        Models and corpora must lie at the same paths on the workers; a study that no living worker can see is refused.
        """,
        Run, StudyValidate.Spec, Fresh, Json)
    {
        Examples = ["ldc study submit study.yaml", "ldc study submit study.yaml --json | jq -r .study_id"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        ClusterSettings.Servers("study submit");
        using var telemetry = new TelemetryExport("submit");
        var spec = SpecFile.Read(arguments.GetValue(StudyValidate.Spec)!);
        await using var ledger = await OpenLedger.OpenAsync(cancellation);
        if (spec.KnownRule is null)
            spec = SpecFile.Read(spec.Path, await ledger.Rules.BookAsync(cancellation));
        var study = StudyResolution.Of(spec, cancellation);
        Screen.Say([.. study.Notes, .. study.CorpusNotes]);
        if (await new InputSightings(ledger.Store, TimeProvider.System).CheckAsync(study.Models, study.Domains, cancellation) is { } note)
            Screen.Say(note);
        var submission = await new StudySubmission(ledger.Store, new(ledger.Store, TimeProvider.System))
            .SubmitAsync(study.File.Spec, study.Models, study.Domains, study.File.Rule, arguments.GetValue(Fresh), cancellation);
        StudyTrace.Start("submit", submission.StudyId)?.Dispose();
        if (arguments.GetValue(Json))
            Screen.PrintJson(new { study_id = submission.StudyId, is_new = submission.IsNew, says = submission.Describe() });
        else
        {
            Screen.Print(submission.StudyId.ToString("D"));
            Screen.Say(submission.Describe());
            Screen.Say($"`ldc study watch {study.File.Spec.Name}` shows its progress.");
        }
        return ExitCodes.Done;
    }
}
