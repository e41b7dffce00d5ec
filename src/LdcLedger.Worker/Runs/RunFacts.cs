using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Packing;
using LdcLedger.Torch.Training;

namespace LdcLedger.Worker.Runs;

/// <summary>What the engine measured, as events of the ledger.</summary>
internal static class RunFacts
{
    public const int MostLossPoints = 200;

    /// <summary>The end of an epoch: its losses, and the norm of every layer's update.</summary>
    /// <param name="seconds">Of the attempt so far.</param>
    /// <param name="trainedTokens">Of the run so far.</param>
    public static IReadOnlyList<ILedgerEvent> Of(RunPlanned run, TrainingEpoch epoch, double seconds, long trainedTokens) =>
    [
        new EpochCompleted(
            run.StudyId, run.RunId, epoch.Epoch, epoch.Step,
            epoch.Losses.Sum(l => l.Nats), epoch.Losses.Sum(l => (long)l.ScoredTokens), LossPoints(epoch.Losses),
            seconds, trainedTokens),
        .. epoch.Norms.GroupBy(n => n.Layer).OrderBy(layer => layer.Key).Select(layer => new LayerNormMeasured(
            run.StudyId, run.RunId, run.Model, run.Domain, run.Role, run.Seed, epoch.Epoch, layer.Key,
            [.. layer.Select(ProjectionNormOf)])),
    ];

    public static PerplexityEvaluated Of(RunPlanned run, Likelihood heldOut, DomainData data) => new(
        run.StudyId, run.RunId, run.Model, run.Domain, run.Role, run.Tuning, run.Seed, Pretrained: run.Tuning.Length == 0,
        heldOut.TotalNats, heldOut.ScoredTokens, data.HeldOutBytes, data.Counts.HeldOutRecords);

    /// <summary>
    /// At most <see cref="MostLossPoints"/>: where an epoch has more steps, neighbours are summed, so that nothing of it is lost.
    /// </summary>
    internal static IReadOnlyList<LossPoint> LossPoints(IReadOnlyList<StepLoss> losses)
    {
        var together = (losses.Count + MostLossPoints - 1) / MostLossPoints;
        return [.. losses.Chunk(Math.Max(1, together))
            .Select(some => new LossPoint(some[^1].Step, some.Sum(l => l.Nats), some.Sum(l => (long)l.ScoredTokens)))];
    }

    private static ProjectionNorm ProjectionNormOf(UpdateNorm norm) =>
        new(norm.Projection, norm.DeltaFrobenius, norm.BaseFrobenius, norm.OutFeatures, norm.InFeatures);
}
