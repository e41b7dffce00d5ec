namespace LdcLedger.Domain.Runs;

/// <summary>One worker's time with a run, told by its events alone.</summary>
/// <param name="Began">When the worker took it.</param>
/// <param name="Seconds">From there to the last fact that it recorded: by its own clock where it says so, as <see cref="RunTime"/>.</param>
/// <param name="How">How it ended: one of <see cref="Outcomes"/>, released, lost; <see cref="RunStatuses.Running"/> where nothing says that
/// it has ended.</param>
/// <param name="SilentSeconds">Of an attempt that was lost: from its last fact until another took the run. What it trained meanwhile is
/// lost, too. Else null.</param>
public sealed record RunAttempt(
    Guid RunId, int Attempt, string Worker, string Host, string Device, DateTimeOffset Began, double Seconds, string How,
    double? SilentSeconds)
{
    public const string Released = "released", Lost = "lost";

    /// <summary>What the attempts of runs are told by.</summary>
    public static readonly IReadOnlyList<Type> Facts =
    [
        typeof(RunClaimed), typeof(CheckpointSaved), typeof(RunCompleted), typeof(RunFailed), typeof(RunReleased), typeof(RunCancelled),
        typeof(RunAbandoned),
    ];

    /// <summary>Of any number of runs, in the order in which they began.</summary>
    /// <param name="facts">Those of <see cref="Facts"/> in ledger order, with the time at which each was recorded; others tell
    /// nothing.</param>
    public static IReadOnlyList<RunAttempt> Of(IEnumerable<(ILedgerEvent Fact, DateTimeOffset At)> facts)
    {
        var (attempts, newest) = (new List<RunAttempt>(), new Dictionary<Guid, int>());
        var places = new Dictionary<(Guid, int), int>();
        foreach (var (fact, at) in facts)
            switch (fact)
            {
                case RunClaimed claimed:
                    Claim(claimed, at);
                    break;
                case CheckpointSaved checkpoint:
                    Reach(checkpoint.RunId, checkpoint.Attempt, checkpoint.Seconds, at, RunStatuses.Running);
                    break;
                case RunCompleted completed:
                    Reach(completed.RunId, completed.Attempt, completed.Seconds, at, Outcomes.Completed);
                    break;
                case RunFailed failed:
                    Reach(failed.RunId, failed.Attempt, 0, at, Outcomes.Failed);
                    break;
                case RunReleased released:
                    // A journal that is brought in after its worker's death ends with a release, too, hours late.
                    Reach(released.RunId, released.Attempt, null, at, Released);
                    break;
                case RunCancelled { Attempt: { } attempt } cancelled:
                    Reach(cancelled.RunId, attempt, null, at, Outcomes.Cancelled);
                    break;
                case RunAbandoned abandoned when newest.ContainsKey(abandoned.RunId):
                    Lose(abandoned.RunId, at, Outcomes.Abandoned);
                    break;
            }
        return attempts;

        void Claim(RunClaimed claimed, DateTimeOffset at)
        {
            // One that is delivered again is of no newer attempt.
            if (newest.TryGetValue(claimed.RunId, out var before) && before >= claimed.Attempt)
                return;
            if (before > 0)
                Lose(claimed.RunId, at, Lost);
            newest[claimed.RunId] = claimed.Attempt;
            places[(claimed.RunId, claimed.Attempt)] = attempts.Count;
            attempts.Add(new(
                claimed.RunId, claimed.Attempt, claimed.Worker, claimed.Environment.Host, claimed.Environment.Device, at, 0,
                RunStatuses.Running, null));
        }

        void Lose(Guid run, DateTimeOffset at, string how)
        {
            var place = places[(run, newest[run])];
            if (attempts[place] is { How: RunStatuses.Running } open)
                attempts[place] = open with
                {
                    How = how, SilentSeconds = Math.Max(0, (at - open.Began).TotalSeconds - open.Seconds),
                };
        }

        // Null: it says nothing of when the work ended, unless nothing else does. What comes of one that was lost comes too late.
        void Reach(Guid run, int attempt, double? stated, DateTimeOffset at, string how)
        {
            if (!places.TryGetValue((run, attempt), out var place) || attempts[place] is not { How: RunStatuses.Running } open)
                return;
            attempts[place] = open with
            {
                Seconds = stated is > 0 ? stated.Value : stated is null && open.Seconds > 0 ? open.Seconds
                    : Math.Max(open.Seconds, (at - open.Began).TotalSeconds),
                How = how,
            };
        }
    }
}
