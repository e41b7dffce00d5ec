using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports;
using LdcLedger.Reports.Studies;
using LdcLedger.Worker.Artifacts;

namespace LdcLedger.Cli.Studies;

/// <summary>
/// The folder that a study ends in: its report in every format, every adapter as a PEFT directory, and projections that were trained
/// themselves.
/// </summary>
internal static class StudyOutput
{
    /// <param name="rules">The report's; null: the study's own.</param>
    /// <returns>Runs whose adapter or projections are not on this machine.</returns>
    public static int Write(
        StudyFacts facts, string folder, ArtifactFolder artifacts, IReadOnlyList<AggregationRule>? rules, CancellationToken cancellation)
    {
        var document = StudyReport.Build(facts, rules ?? [facts.Study.Rule]);
        ReportNotice.Say(document, ReportFiles.Write(document, folder, cancellation: cancellation));
        var missing = 0;
        var taken = new HashSet<string>();
        foreach (var run in facts.Runs)
        {
            cancellation.ThrowIfCancellationRequested();
            var place = Path.Combine(folder, run.ProjectionsSha256 is null ? "adapters" : "projections", run.Model, run.Domain,
                NameOf(run, facts.Study.Spec));
            // Another rule gives the same role to other layers; the study's own rule came first.
            if (!taken.Add(place))
                place += "-layers-" + string.Join('-', Tuning.Parse(run.Tuning).Layers);
            if (run.Status == RunStatuses.Completed
                && (run is { AdapterWeightsSha256: { } weights, AdapterConfigSha256: { } config }
                        && !AdapterFiles.Export(artifacts, weights, config, place)
                    || run.ProjectionsSha256 is { } projections && !ProjectionFiles.Export(artifacts, projections, place)))
                missing++;
        }
        if (missing > 0)
            Screen.Say($"{Plural.Of(missing, "trained run")} not in {artifacts.Path}: trained elsewhere, or deleted.");
        return missing;
    }

    /// <summary>The run's role, with the seed where the study has several.</summary>
    private static string NameOf(RunSummary run, StudySpec spec) => spec.Seeds.Count > 1 ? $"{run.Role}-{run.Seed}" : run.Role;
}
