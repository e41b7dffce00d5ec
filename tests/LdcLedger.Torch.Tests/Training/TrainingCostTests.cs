using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Training;

public sealed class TrainingCostTests
{
    private static LoraOptions All(ModelConfig config, int from = 0) => new(
        16, 32, 0,
        [.. Enumerable.Range(from, config.Layers - from)
        .SelectMany(layer => ModelConfig.ProjectionNames.Select(name => new LoraTarget(layer, name)))]);

    [Theory]
    [InlineData("llama-3.2-1b", 5.25e9)]
    [InlineData("llama-3.2-3b", 13.61e9)]
    [InlineData("gemma-3-1b", 4.23e9)]
    [InlineData("gemma-3-4b", 16.20e9)]
    public void A_trained_token_costs_four_operations_per_weight_and_a_little_for_attention_and_adapters(string shape, double flops)
    {
        var config = PublishedShapes.Of(shape);

        var cost = TrainingCost.FlopsPerTrainedToken(config, All(config), 1024);

        Assert.Equal(1, cost / flops, 0.03);
        Assert.True(cost > 4.0 * config.TextParameters);
    }

    [Fact]
    public void Nothing_goes_back_below_the_lowest_adapted_layer()
    {
        var config = PublishedShapes.Of("llama-3.2-1b");
        double whole = TrainingCost.FlopsPerTrainedToken(config, All(config), 1024),
            last = TrainingCost.FlopsPerTrainedToken(config, All(config, from: 15), 1024);
        var layer = ModelConfig.ProjectionNames.Sum(name => (double)config.ShapeOf(name).Out * config.ShapeOf(name).In);

        Assert.InRange(whole - last, 15 * 2 * layer, 15 * 2.3 * layer);
        Assert.InRange(TrainingCost.FlopsPerEvaluatedToken(config, 1024), 2.0 * config.TextParameters * 0.99, 2.2 * config.TextParameters);
    }
}
