using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Training;

/// <summary>
/// How fast a shape trains here, measured in seconds: some of its layers with random weights and a part of its vocabulary, all projections
/// adapted. The operations per second that this reaches hold for the whole model to a good approximation; <c>ldc bench train</c> measures
/// it in full.
/// </summary>
/// <param name="FlopsPerSecond">By <see cref="TrainingCost"/>'s count.</param>
/// <param name="Layers">That were measured.</param>
/// <param name="Tokens">Of a step.</param>
/// <param name="Steps">That were timed, after one to warm up; the median counts.</param>
public sealed record TrainingRate(double FlopsPerSecond, int Layers, int Tokens, int Steps)
{
    // Weights and tokens that make a step of a second or so on a few cores; on a GPU it takes more to keep it busy.
    private const long CpuWeights = 40_000_000, GpuWeights = 400_000_000;
    private const int CpuTokens = 512, TimedSteps = 3, Words = 8192;

    /// <param name="length">Tokens of a row.</param>
    /// <param name="form">One of <see cref="BaseForms"/>.</param>
    /// <exception cref="InvalidInputException">There is no such device.</exception>
    public static TrainingRate Measure(ModelConfig config, string device, string dtype, int threads, int length, int batchRows,
        string form = BaseForms.AsIs)
    {
        var gpu = !DeviceArithmetic.IsCpu(device);
        var layer = ModelConfig.ProjectionNames.Sum(name => (long)config.ShapeOf(name).Out * config.ShapeOf(name).In);
        var layers = (int)Math.Clamp((gpu ? GpuWeights : CpuWeights) / layer, 1, config.Layers);
        var cut = config with { LayerKinds = [.. config.LayerKinds.Take(layers)], Vocab = Math.Min(config.Vocab, Words), TiedHead = true };
        var tokens = gpu ? length : Math.Min(length, CpuTokens);
        var rows = gpu ? batchRows : Math.Clamp(CpuTokens / tokens, 1, batchRows);

        using var model = BaseModel.Random(cut, dtype, device, form);
        var rank = Math.Min(16, ModelConfig.ProjectionNames.Min(name => Math.Min(cut.ShapeOf(name).Out, cut.ShapeOf(name).In)));
        var lora = new LoraOptions(rank, 2 * rank, 0,
            [.. Enumerable.Range(0, layers).SelectMany(l => ModelConfig.ProjectionNames.Select(name => new LoraTarget(l, name)))]);
        using var training = new LoraTraining(model, Text(cut, rows * (1 + TimedSteps), tokens), lora,
            new TrainingOptions(BatchRows: rows, Threads: threads));
        List<TimeSpan> ends = [];
        training.Run(step => ends.Add(step.Elapsed));
        var median = ends.Skip(1).Zip(ends, (end, begin) => (end - begin).TotalSeconds).Order().ElementAt(TimedSteps / 2);
        return new(TrainingCost.FlopsPerTrainedToken(cut, lora, tokens) * rows * tokens / median, layers, rows * tokens, TimedSteps);
    }

    private static PackedRows Text(ModelConfig config, int rows, int length)
    {
        var random = new SplitMix(7);
        int[] ids = [.. Enumerable.Range(0, rows * length).Select(_ => random.NextInt(config.Vocab))];
        return new PackedRows(length, ids, ids, [.. Enumerable.Range(0, ids.Length).Select(i => i % length)]);
    }
}
