using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Specs;
using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Training;

namespace LdcLedger.Specs.Plans;

/// <summary>One kind of run on one model: the baseline, a regime of stage 1, or a targeted tuning of stage 2.</summary>
/// <param name="Role">As in the study's tables: pretrained, all, top-3-mlp.</param>
/// <param name="Stage">0 baseline, 1, 2.</param>
/// <param name="Layers">Adapted; of a targeted run the ranking decides which, so its costs are those of the lowest, the most that it can
/// come to.</param>
/// <param name="Trainable">Parameters.</param>
/// <param name="Memory">Null for the baseline, which keeps nothing for a way back.</param>
/// <param name="TokensPerSecond">Null where the device is not on this machine.</param>
public sealed record PlannedTuning(string Role, int Stage, int Layers, long Trainable, MemoryNeed? Memory, double FlopsPerToken,
    double? TokensPerSecond)
{
    /// <summary>The base's weights and one run on it.</summary>
    public long? PeakBytes => Memory?.BaseBytes + Memory?.RunBytes;

    /// <summary>The file of what was trained: an adapter, or the projections themselves.</summary>
    public long TrainedBytes => Trainable * sizeof(float);

    /// <summary>What is trained and both moments; it is gone when its run has ended.</summary>
    public long CheckpointBytes => 3 * Trainable * sizeof(float);

    public static IReadOnlyList<PlannedTuning> Of(StudySpec study, ModelConfig config, RunSpeed speed)
    {
        var flops = speed.FlopsPerSecond(config);
        var evaluated = TrainingCost.FlopsPerEvaluatedToken(config, study.Evaluation.Length);
        return
        [
            new(Roles.Pretrained, 0, 0, 0, null, evaluated, flops / evaluated),
            .. Lowest(study, config.Layers).Select(kind => Of(study, config, speed, kind.Role, kind.Stage, kind.Tuning)),
        ];
    }

    /// <summary>
    /// What a study trains, but for the baselines: of a targeted kind the lowest layers, since the ranking decides which.
    /// </summary>
    public static IReadOnlyList<(string Role, int Stage, Tuning Tuning)> Lowest(StudySpec study, int layers)
    {
        List<(string, int, Tuning)> kinds = [.. study.Regimes.Select(regime => (regime, 1, Of(regime, layers)))];
        if (study.Regimes.Contains(Regimes.All))
            kinds.AddRange(from k in study.Stage2.Top
                           where k <= layers
                           from @group in study.Stage2.Groups
                           select (Roles.Top(k, @group), 2, Of(@group, k)));
        return kinds;

        static Tuning Of(string regime, int count) => Tuning.Of(regime, Enumerable.Range(0, count));
    }

    /// <summary>A run that trains exactly this.</summary>
    public static PlannedTuning Of(StudySpec study, ModelConfig config, RunSpeed speed, string role, int stage, Tuning tuning)
    {
        IReadOnlyList<LoraTarget> targets = [.. tuning.Adapted.Select(a => new LoraTarget(a.Layer, a.Projection))];
        var threads = DeviceArithmetic.IsCpu(speed.Device) ? speed.ThreadsFor(config) : 1;
        var (data, training) = (study.Data, study.Training);
        LoraOptions lora = new(study.Lora.Rank, study.Lora.Alpha, study.Lora.Dropout, targets);
        var (memory, cost) = tuning.Method switch
        {
            TuningMethod.Lora => (
                MemoryNeed.Of(config, lora, training.Batch, data.Length, threads, training.Dtype, training.Base, speed.Device),
                TrainingCost.FlopsPerTrainedToken(config, lora, data.Length)),
            TuningMethod.Full => (
                MemoryNeed.OfFull(config, targets, training.Batch, data.Length, threads, training.Dtype, training.Base, speed.Device),
                TrainingCost.FlopsPerFullyTrainedToken(config, targets, data.Length)),
            _ => throw new InvalidOperationException($"What a tuning by the method {tuning.Method} takes is not known."),
        };
        return new(role, stage, tuning.Layers.Count, TrainableOf(study, config, tuning), memory, cost, speed.FlopsPerSecond(config) / cost);
    }

    /// <summary>Parameters that a tuning trains.</summary>
    public static long TrainableOf(StudySpec study, ModelConfig config, Tuning tuning) => tuning.Method switch
    {
        TuningMethod.Lora =>
            tuning.Adapted.GroupBy(a => a.Layer, a => a.Projection).Sum(layer => config.LoraParameters(study.Lora.Rank, [.. layer])),
        TuningMethod.Full => tuning.Adapted.Sum(a => (long)config.ShapeOf(a.Projection).Out * config.ShapeOf(a.Projection).In),
        _ => throw new InvalidOperationException($"What a tuning by the method {tuning.Method} trains is not known."),
    };

    /// <summary>Seconds of one run on a domain, its evaluation included; null where the device is not on this machine.</summary>
    public double? Seconds(StudySpec study, ModelConfig config, RunSpeed speed, DomainTokens tokens)
    {
        var evaluation = tokens.HeldOutRows * study.Evaluation.Length * TrainingCost.FlopsPerEvaluatedToken(config,
            study.Evaluation.Length) / speed.FlopsPerSecond(config);
        return evaluation + (Stage == 0 ? 0 : study.Training.Epochs * tokens.Rows * study.Data.Length / TokensPerSecond);
    }
}
