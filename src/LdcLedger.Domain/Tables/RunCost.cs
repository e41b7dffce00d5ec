using LdcLedger.Domain.Runs;

namespace LdcLedger.Domain.Tables;

/// <summary>How long a run that a study lacks would take, by those that it has.</summary>
/// <param name="Seconds">Wall time, evaluation included; null where the study has trained no run that is like it.</param>
/// <param name="TokensPerSecond">Of the runs that it is told by.</param>
/// <param name="By">How many those are, and what they share with it; null where there are none.</param>
public sealed record RunCost(MissingRun Run, double? Seconds, double? TokensPerSecond, string? By)
{
    /// <summary>In the order of the missing runs.</summary>
    public static IReadOnlyList<RunCost> Of(StudyFacts facts, IReadOnlyList<MissingRun> missing)
    {
        var trained = facts.Runs.Where(run => run is { Status: RunStatuses.Completed, TrainedTokens: > 0, Seconds: > 0 }).ToList();
        return [.. missing.Select(run => Of(trained.Where(other => other.Model == run.Model).ToList(), run))];
    }

    /// <summary>Of all of them, one after another; null where one is unknown.</summary>
    public static double? Total(IReadOnlyList<RunCost> costs) =>
        costs.Any(cost => cost.Seconds is null) ? null : costs.Sum(cost => cost.Seconds!.Value);

    // What is most like it tells most: which layers are adapted moves the speed, which domain the number of tokens.
    private static RunCost Of(List<RunSummary> ofModel, MissingRun run)
    {
        var (like, by) = ofModel.Where(other => other.Role == run.Role).ToList() is { Count: > 0 } role ? (role, $"as {run.Role}")
            : ofModel.Where(other => other.Stage == 2).ToList() is { Count: > 0 } targeted ? (targeted, "of stage 2")
            : (ofModel, "of stage 1");
        var onDomain = ofModel.Where(other => other.Domain == run.Domain).ToList();
        if (like.Count == 0 || onDomain.Count == 0)
            return new(run, null, null, null);
        var speed = like.Sum(other => other.TrainedTokens) / like.Sum(other => other.Seconds!.Value);
        return new(
            run, onDomain.Average(other => other.TrainedTokens) / speed, speed, $"{Plural.Of(like.Count, "run")} of {run.Model} {by}");
    }
}
