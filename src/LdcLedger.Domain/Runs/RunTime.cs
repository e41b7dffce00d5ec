namespace LdcLedger.Domain.Runs;

/// <summary>How long a run was worked on: the sum over its attempts, of each from its claim to its last recorded fact.</summary>
/// <param name="Earlier">Seconds of the attempts before the newest.</param>
/// <param name="ClaimedAt">When the newest attempt began; null before the first.</param>
/// <param name="Newest">Seconds of the newest attempt so far.</param>
public sealed record RunTime(double Earlier, DateTimeOffset? ClaimedAt, double Newest)
{
    public static readonly RunTime None = new(0, null, 0);

    public double Seconds => Earlier + Newest;

    /// <summary>The next state. Only what a worker records while it works counts: a request of somebody else's does not.</summary>
    /// <param name="attempt">The newest attempt before this fact; a claim of no newer one is delivered again, and changes nothing.</param>
    public static RunTime Evolve(RunTime time, ILedgerEvent fact, DateTimeOffset at, int attempt) => fact switch
    {
        RunClaimed claimed when claimed.Attempt > attempt => new(time.Seconds, at, 0),
        EpochCompleted epoch => time.Reached(epoch.Seconds, at),
        CheckpointSaved checkpoint => time.Reached(checkpoint.Seconds, at),
        RunCompleted completed => time.Reached(completed.Seconds, at),
        RunFailed => time.Reached(0, at),
        // Of an attempt that recorded nothing else. Of others the last checkpoint tells: a journal that is brought in after its worker's
        // death ends with a release, too, hours late.
        RunReleased when time.Newest == 0 => time.Reached(0, at),
        _ => time,
    };

    // What the worker's own clock says comes before the time of recording, which is late where the ledger was away.
    private RunTime Reached(double stated, DateTimeOffset at) =>
        stated > 0 ? this with { Newest = stated }
        : ClaimedAt is { } begun ? this with { Newest = Math.Max(Newest, (at - begun).TotalSeconds) }
        : this;
}
