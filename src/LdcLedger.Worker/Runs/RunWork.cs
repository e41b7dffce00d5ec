using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Telemetry;
using LdcLedger.Torch;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Worker.Artifacts;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Journal;
using LdcLedger.Worker.Progress;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LdcLedger.Worker.Runs;

/// <summary>How this process came off with a run.</summary>
public enum RunEnd
{
    /// <summary>Its end is in the ledger: completed, failed or cancelled.</summary>
    Settled,

    /// <summary>Another worker has it, or it had ended before.</summary>
    NotOurs,

    /// <summary>Given back in good order, to go on later from its checkpoint.</summary>
    Released,
}

/// <summary>
/// Takes a run from the ledger and sees it to an end: claims it, has it executed on a thread of its own, records what comes of it. One
/// per process, for any number of runs.
/// </summary>
/// <param name="places">Where models and corpora lie on this machine.</param>
/// <param name="checkpointInterval">What a killed run loses at most.</param>
public sealed class RunWork(
    LedgerStore ledger, RunClaims claims, TrainingDevices devices, ArtifactFolder artifacts, JournalFolder journals, WorkerIdentity worker,
    ProgressFeed feed, TimeProvider time, ILogger<RunWork> log, InputPlaces places, TimeSpan checkpointInterval)
{
    /// <summary>How often a run looks whether somebody asked to cancel it.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    /// <param name="redelivered">Whether the broker took the message back from a worker whose connection broke.</param>
    /// <param name="cancellation">Asks to give the run back after the step it is at.</param>
    /// <exception cref="IOException">The disk is full or out of reach: no fault of the run's, so it was given back.</exception>
    /// <exception cref="LedgerUnavailable">The ledger is out of reach.</exception>
    public async Task<RunEnd> DoAsync(Guid run, bool redelivered, CancellationToken cancellation)
    {
        if ((await ledger.RunAsync(run, cancellation)).State is not { IsEnded: false } seen)
            return RunEnd.NotOurs;
        var study = (await ledger.StudyAsync(seen.Planned.StudyId, cancellation)).State!.Submitted;
        // Before the claim: a run that waits for a device is still anybody's.
        using var share = await devices.TakeAsync(study.Models.First(m => m.Name == seen.Planned.Model).Parameters, cancellation);
        var (_, lease) = await claims.ClaimAsync(
            run, worker.Name, worker.EnvironmentOn(share.Inputs.Device, share.Threads), redelivered, cancellation);
        if (lease is null)
            return RunEnd.NotOurs;
        await using (lease)
            return await SeeToItsEndAsync(lease, study, share, cancellation);
    }

    private async Task<RunEnd> SeeToItsEndAsync(RunLease lease, StudySubmitted study, DeviceShare share, CancellationToken cancellation)
    {
        using var span = StudyTrace.Start("train", lease.Run.StudyId, lease.Run.RunId);
        await using var recorder = new RunRecorder(lease, journals, LookInterval, time, feed.Say);
        using var halt = CancellationTokenSource.CreateLinkedTokenSource(cancellation, recorder.Stop);
        try
        {
            await TrainingThread.Run(() => Execute(lease, study, share, recorder, halt.Token));
            return await EndAsync(recorder, cancellation);
        }
        catch (LeaseEndedException)
        {
            feed.Report(new(lease.Run, RunPhase.Ended, 0, 0, Outcome: RunNews.Released));
            feed.Say($"run {lease.Run.RunId}: a newer attempt has it; attempt {lease.Attempt} stops, "
                + "and nothing it computes from now on is recorded");
            return RunEnd.NotOurs;
        }
        catch (OperationCanceledException)
        {
            // Whoever asks for the run itself to end comes before whoever asks this worker to.
            var cancelled = recorder.Standing is LeaseState.CancelRequested;
            recorder.Record(cancelled
                ? [new RunCancelled(lease.Run.StudyId, lease.Run.RunId, lease.Attempt, lease.Retry)]
                : [new RunReleased(lease.Run.StudyId, lease.Run.RunId, lease.Attempt, "the worker was asked to stop")]);
            feed.Report(new(lease.Run, RunPhase.Ended, 0, 0, Outcome: cancelled ? RunStatuses.Cancelled : RunNews.Released));
            return cancelled ? await EndAsync(recorder, cancellation) : RunEnd.Released;
        }
        catch (Exception outside) when (IsOutside(outside))
        {
            feed.Report(new(lease.Run, RunPhase.Ended, 0, 0, Outcome: RunNews.Released));
            await TryRelease(lease, outside.Message);
            throw;
        }
        catch (Exception cause)
        {
            log.LogDebug(cause, "run {Run} failed", lease.Run.RunId);   // its stack trace is for --verbose
            var reason = ReasonOf(cause, lease.Run, share.Inputs.Device);
            recorder.Record([new RunFailed(lease.Run.StudyId, lease.Run.RunId, lease.Attempt, reason, null, null)]);
            feed.Report(new(lease.Run, RunPhase.Ended, 0, 0, Outcome: $"{RunStatuses.Failed}: {reason}"));
            return await EndAsync(recorder, cancellation);
        }
    }

    /// <summary>The run is over; its facts may still wait for the ledger to come back.</summary>
    private static async Task<RunEnd> EndAsync(RunRecorder recorder, CancellationToken cancellation)
    {
        try
        {
            return await recorder.SettleAsync(cancellation) is LeaseState.Lost ? RunEnd.NotOurs : RunEnd.Settled;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return RunEnd.Released;   // the journal stays, and the next worker on this machine brings it in
        }
    }

    private void Execute(
        RunLease lease, StudySubmitted study, DeviceShare share, RunRecorder recorder, CancellationToken cancellation) => new RunExecution
    {
        Run = lease.Run,
        Model = places.Of(study.Models.First(m => m.Name == lease.Run.Model)),
        Domain = places.Of(study.Domains.First(d => d.Name == lease.Run.Domain)),
        // What is recorded is what any other machine would record: the adapter of a run is the same file wherever it was trained.
        BaseName = study.Models.First(m => m.Name == lease.Run.Model).Path,
        Attempt = lease.Attempt,
        ResumeFrom = lease.Checkpoint,
        EarlierSeconds = lease.EarlierSeconds,
        CheckpointInterval = checkpointInterval,
        Time = time,
        Threads = share.Threads,
        Inputs = share.Inputs,
        Artifacts = artifacts,
        Feed = feed,
        IsInLedger = () => recorder.Waiting == 0,
        Record = facts =>
        {
            if (recorder.Record(facts) is LeaseState.Lost)
                throw new LeaseEndedException();
        },
    }.Execute(cancellation);

    /// <summary>A sentence for the ledger and the terminal; of libtorch's errors the first, without its C++ frames.</summary>
    internal static string ReasonOf(Exception cause, RunPlanned run, string device) => cause switch
    {
        InvalidInputException or RuleViolation => cause.Message,
        // While it trains it is told what would fit. This is the base, or what is done between two steps.
        OutOfMemoryException or LibtorchException { IsOutOfMemory: true } =>
            $"out of memory with rows of {run.Data.Length} tokens, {run.Training.Batch} in a batch, on {device}; training.dtype bfloat16 "
                + "or a smaller training.batch (with more accumulation) needs less, and `ldc study plan` says how much",
        LibtorchException => $"libtorch: {cause.Message}",
        _ => $"{cause.GetType().Name}: {cause.Message}",
    };

    // Disk or ledger, whatever it is wrapped in: a full disk of PostgreSQL's may come as the disposed transaction that it broke.
    private static bool IsOutside(Exception? cause) =>
        cause.WithCauses().Any(c => c is IOException or UnauthorizedAccessException or NpgsqlException or LedgerUnavailable);

    private static async Task TryRelease(RunLease lease, string reason)
    {
        try
        {
            await lease.ReleaseAsync(reason);
        }
        catch (Exception away) when (away is IOException or NpgsqlException or InvalidOperationException or LedgerUnavailable)
        {
            // Then its lock goes with this process, and the next attempt takes over.
        }
    }

    /// <summary>A newer attempt has the run, or somebody ended it: nothing of this one counts any more.</summary>
    private sealed class LeaseEndedException() : Exception("The run is no longer this worker's.");
}
