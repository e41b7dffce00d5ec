namespace LdcLedger.Domain.Runs;

/// <summary>Where a run stands, for whoever decides about it: the fold of its stream.</summary>
/// <param name="Claimed">The newest attempt's claim; null until there is one.</param>
/// <param name="Attempt">The newest; 0 until it is claimed. It fences every older one.</param>
/// <param name="Fruitless">Attempts in a row, the present one included, without a new checkpoint; a released one does not count.</param>
/// <param name="IsClaimed">Whether the newest attempt has neither ended nor released the run.</param>
/// <param name="Retry">How many retries were asked for.</param>
/// <param name="Checkpoint">Where to go on; null = from the beginning.</param>
/// <param name="Outcome">How it ended, one of <see cref="Outcomes"/>; null while it has not.</param>
/// <param name="Ended">The fact that ended it; its id causes what follows.</param>
/// <param name="Time">How long it was worked on.</param>
public sealed record RunProgress(
    RunPlanned Planned, RunClaimed? Claimed, int Attempt, int Fruitless, bool IsClaimed, int Retry, RunCancelRequested? CancelRequested,
    CheckpointSaved? Checkpoint, PerplexityEvaluated? Perplexity, string? Outcome, string? Reason, ILedgerEvent? Ended, RunTime Time)
{
    public bool IsEnded => Outcome is not null;

    /// <param name="at">When the fact was recorded; it decides nothing but <see cref="Time"/>.</param>
    public static RunProgress? Evolve(RunProgress? run, ILedgerEvent fact, DateTimeOffset at) =>
        Next(run is null ? null : run with { Time = RunTime.Evolve(run.Time, fact, at, run.Attempt) }, fact);

    private static RunProgress? Next(RunProgress? run, ILedgerEvent fact) => (run, fact) switch
    {
        (null, RunPlanned planned) => new(planned, null, 0, 0, false, 0, null, null, null, null, null, null, RunTime.None),
        (null, _) => null,
        (_, RunClaimed claimed) =>
            run with { Claimed = claimed, Attempt = claimed.Attempt, Fruitless = run.Fruitless + 1, IsClaimed = true },
        (_, CheckpointSaved checkpoint) => run with { Checkpoint = checkpoint, Fruitless = 0 },
        (_, PerplexityEvaluated evaluated) => run with { Perplexity = evaluated },
        (_, RunReleased released) when released.Attempt == run.Attempt =>
            run with { IsClaimed = false, Fruitless = Math.Max(0, run.Fruitless - 1) },
        (_, RunCancelRequested cancel) => run with { CancelRequested = cancel },
        (_, RunCompleted) => run.End(Outcomes.Completed, null, fact),
        (_, RunFailed failed) => run.End(Outcomes.Failed, failed.Reason, fact),
        (_, RunCancelled) => run.End(Outcomes.Cancelled, run.CancelRequested?.Reason, fact),
        (_, RunAbandoned abandoned) => run.End(Outcomes.Abandoned, abandoned.Reason, fact),
        (_, RunRetryRequested retry) => run with
        {
            Retry = retry.Retry, Fruitless = 0, CancelRequested = null, Outcome = null, Reason = null, Ended = null,
        },
        _ => run,
    };

    private RunProgress End(string outcome, string? reason, ILedgerEvent fact) =>
        this with { Outcome = outcome, Reason = reason, Ended = fact, IsClaimed = false };
}
