using LdcLedger.Torch.Kernels.Aten;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Training;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Kernels;

/// <summary>
/// The types of a GPU on the CPU: activations, products and a pass's gradients in bf16, what is trained in fp32 with a shadow in bf16. The
/// same training in fp32 is what it must come to, within what bf16's 8 bits leave.
/// </summary>
public sealed class BrainFloatActivationsTests
{
    private static readonly TrainingOptions Options = new(Epochs: 3, BatchRows: 2, Accumulation: 2, LearningRate: 5e-3, Seed: 11);

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")]
    public void A_training_with_adapters_learns_the_same(string family)
    {
        using BaseModel brief = Brief(family), whole = Whole(family);
        using LoraTraining ours = new(brief, SmallModel.Text(8, 64), SmallModel.Adapt(brief), Options),
            reference = new(whole, SmallModel.Text(8, 64), SmallModel.Adapt(whole), Options);

        Same(reference, ours);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")]
    public void A_training_of_the_projections_themselves_learns_the_same(string family)
    {
        using BaseModel brief = Brief(family), whole = Whole(family);
        using FullTraining ours = new(brief, SmallModel.Text(8, 64), SmallModel.Adapt(brief).Targets, Options with { LearningRate = 3e-4 }),
            reference = new(whole, SmallModel.Text(8, 64), SmallModel.Adapt(whole).Targets, Options with { LearningRate = 3e-4 });

        Same(reference, ours);
    }

    private static void Same(TrainingLoop reference, TrainingLoop ours)
    {
        var (expected, actual) = (Losses(reference), Losses(ours));

        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 0.02 * pair.First));
        // What was learned is more than what bf16 blurs.
        Assert.True(expected[^1] < 0.97 * expected[0], $"{expected[0]} to {expected[^1]}");
        Assert.Equal(expected[0] - expected[^1], actual[0] - actual[^1], 0.2 * (expected[0] - expected[^1]));
        Assert.All(reference.Norms().Zip(ours.Norms()),
            pair => Assert.Equal(pair.First.DeltaFrobenius, pair.Second.DeltaFrobenius, 0.1 * pair.First.DeltaFrobenius));
        Assert.NotEqual(expected, actual);
    }

    private static List<double> Losses(TrainingLoop training)
    {
        List<double> losses = [];
        training.Train(step => losses.Add(step.MeanLossNats));
        return losses;
    }

    private static BaseModel Brief(string family) => BaseModel.Rehearsed(ConfigOf(family), "bfloat16", BaseForms.AsIs, Device.Cpu,
        () => new AtenArithmetic(Device.Named(Device.Cpu), brainFloats: true, asOnGpu: true));

    private static BaseModel Whole(string family) => BaseModel.Random(ConfigOf(family), "bfloat16", Device.Cpu, seed: 0);

    private static ModelConfig ConfigOf(string family)
    {
        using var model = SmallModel.Load(family);
        return model.Config;
    }
}
