using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;

namespace LdcLedger.Specs.Plans;

/// <summary>How long runs that a study lacks would take here.</summary>
/// <param name="Runs">With seconds each, the evaluation included; null where the model or the corpus is not on this machine.</param>
/// <param name="Seconds">Of all of them on this device, small ones side by side; null where one is unknown.</param>
public sealed record RunEstimates(
    IReadOnlyList<(MissingRun Run, double? Seconds)> Runs, double? Seconds, RunSpeed Speed, IReadOnlyList<Missing> Missing)
{
    /// <summary>Measures this machine and counts the corpora, as a plan of the study does; without runs it does neither.</summary>
    /// <exception cref="InvalidSpecException">What is there of models and corpora cannot be used.</exception>
    public static RunEstimates Of(StudySummary study, IReadOnlyList<MissingRun> runs, string device, CancellationToken cancellation)
    {
        var spec = study.Spec with
        {
            Models = [.. study.Spec.Models.Where(m => runs.Any(r => r.Model == m.Name))],
            Domains = [.. study.Spec.Domains.Where(d => runs.Any(r => r.Domain == d.Name))],
        };
        // Its findings stand in no file; they name models and corpora by their paths.
        var file = new SpecFile($"study {study.Name}", spec, study.Rule, new Dictionary<string, (int, int)>());
        var plan = StudyEstimate.Of(file, device, cancellation);
        var estimated = runs.Select(run => (run, SecondsOf(plan, spec, run))).ToList();
        var configs = plan.Models.ToDictionary(m => m.Name, m => m.Config);
        return new(
            estimated,
            estimated.Exists(e => e.Item2 is null) ? null
                : estimated.Sum(e => e.Item2!.Value / plan.Speed.RunsAtATime(configs[e.run.Model]!)),
            plan.Speed, [.. plan.Missing]);
    }

    private static double? SecondsOf(StudyEstimate plan, StudySpec spec, MissingRun run) =>
        plan.Models.First(m => m.Name == run.Model).Config is { } config
            && plan.Tokens.TryGetValue((run.Model, run.Domain), out var tokens)
            ? PlannedTuning.Of(spec, config, plan.Speed, run.Role, 2, run.Tuning).Seconds(spec, config, plan.Speed, tokens) : null;
}
