using System.Collections.Concurrent;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Torch;
using LdcLedger.Torch.Devices;
using LdcLedger.Worker.Artifacts;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Progress;
using LdcLedger.Worker.Runs;

namespace LdcLedger.Worker.Reproductions;

/// <summary>A run as the ledger has it.</summary>
/// <param name="Model">As the study resolved it.</param>
/// <param name="Domain">Likewise.</param>
/// <param name="Facts">Of the run's own stream, in order.</param>
public sealed record RecordedRun(RunPlanned Planned, ResolvedModel Model, ResolvedDomain Domain, IReadOnlyList<ILedgerEvent> Facts)
{
    /// <summary>What computed it: the arithmetic of every attempt, each once.</summary>
    public IReadOnlyList<string> Arithmetics => [.. Facts.OfType<RunClaimed>().Select(claim => claim.Environment.Libtorch).Distinct()];
}

/// <summary>
/// Trains a recorded run again from the ledger's own plan and the same inputs, whose hashes are checked, and compares every value that it
/// measured. Nothing is recorded, and nothing is left behind.
/// </summary>
public static class RunReproduction
{
    /// <exception cref="InvalidInputException">Model or corpus are gone or have changed, or a newer arithmetic made the run.</exception>
    public static async Task<RunComparison> OfAsync(
        RecordedRun run, InputPlaces places, TrainingDevices devices, ProgressFeed feed, CancellationToken cancellation)
    {
        using var share = await devices.TakeAsync(run.Model.Parameters, cancellation);
        var tolerance = Tolerance.Between(
            run.Arithmetics, DeviceArithmetic.NameOn(share.Inputs.Device), run.Planned.Training.Dtype);
        var scratch = ScratchFolder.New("ldc-reproduce-");
        var found = new ConcurrentQueue<ILedgerEvent>();
        try
        {
            await TrainingThread.Run(() => new RunExecution
            {
                Run = run.Planned,
                Model = places.Of(run.Model),
                Domain = places.Of(run.Domain),
                BaseName = run.Model.Path,
                Attempt = 1,
                CheckpointInterval = TimeSpan.MaxValue,
                Threads = share.Threads,
                Inputs = share.Inputs,
                Artifacts = new ArtifactFolder(scratch),
                Feed = feed,
                Record = facts =>
                {
                    foreach (var fact in facts)
                        found.Enqueue(fact);
                },
            }.Execute(cancellation));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
        // A run that was written down by hand may have no losses and no adapter: what it has is compared.
        var kinds = run.Facts.Select(fact => fact.GetType()).ToHashSet();
        return RunComparison.Of(MeasuredValues.Of(run.Facts), MeasuredValues.Of(found.Where(f => kinds.Contains(f.GetType()))), tolerance);
    }
}
