using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Training;

/// <summary>
/// Floating-point operations of a token: 2 per weight on the way forward, 2 more where gradients pass back through it; a frozen weight
/// needs no gradient of its own, and below the lowest adapted layer nothing goes back. Attention over the row's length and the adapters
/// themselves are counted, too.
/// </summary>
public static class TrainingCost
{
    /// <param name="length">Tokens of a row; packed documents are shorter, so attention is an upper bound.</param>
    public static double FlopsPerTrainedToken(ModelConfig config, LoraOptions lora, int length)
    {
        var lowest = lora.Targets.Min(target => target.Layer);
        double head = (double)config.Vocab * config.Hidden,
            adapters = lora.Targets.Sum(target => (double)config.LoraParameters(lora.Rank, [target.Projection]));
        double flops = 4 * head + 6 * adapters;
        for (var layer = 0; layer < config.Layers; layer++)
            flops += (layer >= lowest ? 2 : 1) * 2 * Projections(config) + (layer >= lowest ? 3 : 1) * Attention(config, layer, length);
        return flops;
    }

    /// <summary>Of a run that trains projections themselves: their gradients take 2 more for each of their weights.</summary>
    public static double FlopsPerFullyTrainedToken(ModelConfig config, IReadOnlyCollection<LoraTarget> targets, int length)
    {
        double trained = targets.Sum(target => (double)config.ShapeOf(target.Projection).Out * config.ShapeOf(target.Projection).In);
        return 2 * trained + FlopsPerTrainedToken(config, new LoraOptions(0, 1, 0, [.. targets]), length);
    }

    /// <summary>Forward and score only.</summary>
    public static double FlopsPerEvaluatedToken(ModelConfig config, int length) =>
        2.0 * config.Vocab * config.Hidden + Enumerable.Range(0, config.Layers)
            .Sum(layer => 2 * Projections(config) + Attention(config, layer, length));

    private static double Projections(ModelConfig config) =>
        ModelConfig.ProjectionNames.Sum(name => (double)config.ShapeOf(name).Out * config.ShapeOf(name).In);

    /// <summary>Scores and their sum over values, forward; half of the square is masked, and a window cuts the rest.</summary>
    private static double Attention(ModelConfig config, int layer, int length)
    {
        return 4 * Math.Min(length / 2.0, config.WindowOf(layer)) * config.Heads * config.HeadDim;
    }
}
