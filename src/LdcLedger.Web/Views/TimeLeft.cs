using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;

namespace LdcLedger.Web.Views;

/// <summary>How long the runs that have not ended would train on, told by those that have.</summary>
/// <param name="ByRun">Of each, what it has done already taken off; null where no run of the study is like it.</param>
public sealed record TimeLeft(IReadOnlyDictionary<Guid, double?> ByRun)
{
    /// <param name="runs">Their statuses told.</param>
    public static TimeLeft Of(StudyFacts facts, IReadOnlyList<RunSummary> runs)
    {
        var open = runs.Where(run => run is { Stage: > 0, Seed: not null } && !RunStatuses.Rows[run.Status].IsEnded).ToList();
        var costs = RunCost.Of(facts, [.. open.Select(run =>
            new MissingRun(run.Id, run.Model, run.Domain, run.Role, Tuning.Parse(run.Tuning), run.Seed!.Value))]);
        return new(open.Zip(costs).ToDictionary(
            pair => pair.First.Id,
            pair => pair.Second.Seconds is { } seconds ? Math.Max(0, seconds - (pair.First.Seconds ?? 0)) : (double?)null));
    }

    /// <summary>One after another; null where there are none, or one is unknown.</summary>
    public double? Sum(IEnumerable<RunSummary> runs)
    {
        var open = runs.Where(run => ByRun.ContainsKey(run.Id)).Select(run => ByRun[run.Id]).ToList();
        return open.Count == 0 || open.Contains(null) ? null : open.Sum();
    }
}
