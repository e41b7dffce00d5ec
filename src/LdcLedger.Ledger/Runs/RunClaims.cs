using System.Diagnostics;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Runs;

/// <summary>What came of asking for a run.</summary>
public enum Claim
{
    /// <summary>It is the caller's, until it ends, is released, or a newer attempt takes it.</summary>
    Granted,

    /// <summary>Another living worker has it: nothing is to be done.</summary>
    Taken,

    /// <summary>It has ended, was cancelled or abandoned just now, or its study is at rest: nothing is to be done.</summary>
    Ended,
}

/// <summary>Gives runs to workers.</summary>
public sealed class RunClaims(LedgerStore store, LedgerWriter writer)
{
    private static readonly TimeSpan HolderPollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>After so many attempts in a row without a new checkpoint a run is given up.</summary>
    public int MaxFruitlessAttempts { get; init; } = UsualMaxFruitlessAttempts;

    public const int UsualMaxFruitlessAttempts = 3;

    /// <summary>
    /// How long a run without a living holder is left alone when nothing says that its worker is gone: after the ledger was away, the
    /// worker that trains it takes its sign of life again at its next look.
    /// </summary>
    public TimeSpan Grace { get; init; }

    /// <summary>
    /// How long a run is waited for that somebody holds who has neither claimed nor ended it: longer than a frozen process can hold it, so
    /// that whoever has it then lives.
    /// </summary>
    public TimeSpan HolderTimeout { get; init; } = 1.5 * RunLock.SilenceTimeout;

    /// <param name="worker">Name of the worker, for people.</param>
    /// <param name="redelivered">
    /// Whether the broker took the message back from a worker whose connection broke. Then the run is taken over even from a process that
    /// seems to live: it may be frozen, and when it comes back its attempt is no longer the newest.
    /// </param>
    /// <returns>A lease where granted, to be disposed of; else null.</returns>
    /// <exception cref="RuleViolation">There is no such run.</exception>
    public async Task<(Claim Claim, RunLease? Lease)> ClaimAsync(
        Guid run, string worker, WorkerEnvironment environment, bool redelivered = false, CancellationToken cancellation = default)
    {
        var asked = Stopwatch.GetTimestamp();
        var alive = await RunLock.TryTakeAsync(store, run, cancellation);
        while (alive is null && !redelivered)
        {
            var held = (await store.RunAsync(run, cancellation)).State;
            if (held is { IsEnded: true })
                return (Claim.Ended, null);
            if (held is { IsClaimed: true } || Stopwatch.GetElapsedTime(asked) > HolderTimeout)
                return (Claim.Taken, null);
            // Its holder is just about to claim it, or to leave.
            await Task.Delay(HolderPollInterval, cancellation);
            alive = await RunLock.TryTakeAsync(store, run, cancellation);
        }
        if (alive is not null && !redelivered && Grace > TimeSpan.Zero
            && (await store.RunAsync(run, cancellation)).State is { IsClaimed: true })
        {
            // Nobody says that its worker is gone: it may only have lost its connection, together with everybody else's.
            await alive.DisposeAsync();
            await Task.Delay(Grace, cancellation);
            if ((alive = await RunLock.TryTakeAsync(store, run, cancellation)) is null)
                return (Claim.Taken, null);
        }
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var seen = await store.RunAsync(run, cancellation);
                var state = seen.State ?? throw new RuleViolation($"There is no run {run}; ldc run list shows them.");
                if (await store.IsAtRestAsync(state.Planned.StudyId, cancellation))
                    break;
                var study = (await store.StudyAsync(state.Planned.StudyId, cancellation)).State!;
                var next = Next(state, study, worker, environment);
                if (next.Count == 0)
                    break;
                try
                {
                    await writer.AppendAsync(
                        next, new Dictionary<Guid, StreamHead> { [run] = seen.Head }, EventIds.Of(state.Planned), cancellation);
                }
                catch (LedgerConflict) when (attempt < LedgerConflict.MostTries)
                {
                    continue;   // somebody was faster: look again
                }
                if (next is not [RunClaimed])
                    break;
                var lease = new RunLease(store, writer, study.Submitted, await store.RunAsync(run, seen, cancellation), seen.Known, alive);
                alive = null;   // the lease keeps it
                return (Claim.Granted, lease);
            }
            return (Claim.Ended, null);
        }
        finally
        {
            if (alive is not null)
                await alive.DisposeAsync();
        }
    }

    /// <summary>The lease of an attempt whose process has ended, for the facts that it could not record any more.</summary>
    /// <returns>Null where a newer attempt has the run, it was released or has ended, or its process lives.</returns>
    public async Task<RunLease?> ResumeAsync(Guid run, int attempt, CancellationToken cancellation = default)
    {
        if (await RunLock.TryTakeAsync(store, run, cancellation) is not { } alive)
            return null;
        var seen = await store.RunAsync(run, cancellation);
        if (seen.State is { IsClaimed: true } state && state.Attempt == attempt)
            return new(
                store, writer, (await store.StudyAsync(state.Planned.StudyId, cancellation)).State!.Submitted, seen, seen.Known, alive);
        await alive.DisposeAsync();
        return null;
    }

    private IReadOnlyList<ILedgerEvent> Next(RunProgress run, StudyProgress study, string worker, WorkerEnvironment environment)
    {
        var planned = run.Planned;
        if (run.IsEnded)
            return [];
        var cancelled = new RunCancelled(planned.StudyId, planned.RunId, run.Attempt == 0 ? null : run.Attempt, run.Retry);
        if (run.CancelRequested is not null)
            return [cancelled];
        // The saga cancels every open run; until it comes to this one, nothing more of a cancelled study starts.
        if (study.CancelRequested is { } cancel)
            return [new RunCancelRequested(planned.StudyId, planned.RunId, run.Retry, RunRequests.Because(cancel)), cancelled];
        if (run.Fruitless >= MaxFruitlessAttempts)
            return [new RunAbandoned(
                planned.StudyId, planned.RunId, run.Attempt, $"{run.Fruitless} attempts in a row ended without a new checkpoint")];
        return [new RunClaimed(planned.StudyId, planned.RunId, run.Attempt + 1, worker, environment)];
    }
}
