namespace LdcLedger.Domain.Runs;

/// <summary>A run's read model from its events. Every fact sets, none adds, so one that is delivered again changes nothing.</summary>
public static class RunSummaryFold
{
    public static RunSummary? Evolve(RunSummary? run, ILedgerEvent fact, DateTimeOffset at)
    {
        var next = Next(run, fact, at);
        if (run is null || next is null)
            return next;
        var before = new RunTime(run.EarlierSeconds, run.ClaimedAt, run.AttemptSeconds);
        var time = RunTime.Evolve(before, fact, at, run.Attempt);
        return time == before ? next : next with
        {
            EarlierSeconds = time.Earlier, AttemptSeconds = time.Newest, Seconds = time.Seconds > 0 ? time.Seconds : null,
        };
    }

    private static RunSummary? Next(RunSummary? run, ILedgerEvent fact, DateTimeOffset at) => (run, fact) switch
    {
        (null, RunPlanned planned) => new(
            planned.RunId, planned.StudyId, planned.Stage, planned.Role, planned.Model, planned.Domain, planned.Tuning, planned.Seed,
            RunStatuses.Planned, 0, null, null, 0, planned.Stage == 0 ? 0 : planned.Training.Epochs, null, null, null, null, 0, 0, null,
            null, at, null, null),
        (null, _) => null,
        (_, RunClaimed claimed) when claimed.Attempt > run.Attempt => run with
        {
            Status = RunStatuses.Running, Attempt = claimed.Attempt, Worker = claimed.Worker, Environment = claimed.Environment,
            ClaimedAt = at,
        },
        (_, EpochCompleted epoch) when epoch.Epoch >= run.EpochsCompleted => run with
        {
            EpochsCompleted = epoch.Epoch, Steps = epoch.Step,
            TrainLossNats = epoch.ScoredTokens > 0 ? epoch.TotalNats / epoch.ScoredTokens : null,
        },
        (_, CheckpointSaved checkpoint) => run with
        {
            // Those from before tokens were recorded say 0.
            Steps = checkpoint.Step, TrainedTokens = checkpoint.TrainedTokens > 0 ? checkpoint.TrainedTokens : run.TrainedTokens,
        },
        (_, PerplexityEvaluated evaluated) => run with { Perplexity = PerplexityOf(evaluated) },
        (_, AdapterSaved adapter) => run with { AdapterWeightsSha256 = adapter.WeightsSha256, AdapterConfigSha256 = adapter.ConfigSha256 },
        (_, ProjectionsSaved projections) => run with { ProjectionsSha256 = projections.Sha256 },
        (_, RunCompleted completed) => run with
        {
            Status = RunStatuses.Completed, Steps = completed.Steps, TrainedTokens = completed.TrainedTokens,
            Reason = null, EndedAt = at,
        },
        (_, RunFailed failed) => run with { Status = RunStatuses.Failed, Reason = failed.Reason, EndedAt = at },
        (_, RunReleased released) when released.Attempt == run.Attempt && run.Status == RunStatuses.Running =>
            run with { Status = RunStatuses.Planned, Worker = null },
        (_, RunCancelRequested cancel) => run with { Reason = cancel.Reason },
        (_, RunCancelled) => run with { Status = RunStatuses.Cancelled, EndedAt = at },
        (_, RunAbandoned abandoned) => run with { Status = RunStatuses.Abandoned, Reason = abandoned.Reason, EndedAt = at },
        (_, RunRetryRequested) => run with { Status = RunStatuses.Planned, Worker = null, Reason = null, EndedAt = null },
        _ => run,
    };

    /// <summary>PPL of an evaluation; null where no token was scored.</summary>
    public static double? PerplexityOf(PerplexityEvaluated evaluated) =>
        evaluated.ScoredTokens > 0 ? new Perplexity(evaluated.TotalNats, evaluated.ScoredTokens, evaluated.Bytes).Value : null;
}
