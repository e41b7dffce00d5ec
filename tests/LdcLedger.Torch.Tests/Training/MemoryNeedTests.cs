using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Training;

[Collection(nameof(MemoryTests))]
public sealed class MemoryNeedTests
{
    [Theory]
    [InlineData("llama", 0)]
    [InlineData("gemma3", 5)]
    public void A_run_takes_what_was_reckoned(string family, int from)
    {
        using var model = SmallModel.Load(family);
        var lora = SmallModel.Adapt(model, from: from);
        var before = Matrix.LiveBytes;
        using var training = new LoraTraining(model, SmallModel.Text(4, 128), lora, new TrainingOptions(BatchRows: 4));
        var made = Matrix.LiveBytes - before;

        // Products with A are made when they are first needed.
        training.Run();
        Assert.InRange(MemoryNeed.Of(model.Config, lora, 4, 128).RunBytes, made - 1000, made + 1000);
        Assert.InRange((Matrix.LiveBytes - before) / (double)made, 1, 1.1);
    }

    [Fact]
    public void A_run_in_full_takes_what_was_reckoned()
    {
        using var model = SmallModel.Llama();
        var targets = SmallModel.Adapt(model).Targets;
        var before = Matrix.LiveBytes;
        using var training = new FullTraining(model, SmallModel.Text(4, 128), targets, new TrainingOptions(BatchRows: 4));
        var made = Matrix.LiveBytes - before;

        Assert.InRange(MemoryNeed.OfFull(model.Config, targets, 4, 128).RunBytes, made - 1000, made + 1000);
        // Weights, gradients, two moments of 4 bytes; a second thread has gradients of its own.
        Assert.True(made > 16 * training.TrainableParameters);
        Assert.True(MemoryNeed.OfFull(model.Config, targets, 8, 256, threads: 2).RunBytes > 20 * training.TrainableParameters);
    }

    [Fact]
    public void The_published_shapes_need_what_their_parameters_say()
    {
        var config = PublishedShapes.Of("llama-3.2-1b");
        var lora = new LoraOptions(16, 32, 0, [new LoraTarget(0, "q_proj")]);
        MemoryNeed whole = MemoryNeed.Of(config, lora, 2, 512), brief = MemoryNeed.Of(config, lora, 2, 512, dtype: "bfloat16");

        Assert.InRange(whole.BaseBytes, 4 * config.TextParameters - 1_000_000, 4.4 * config.TextParameters);
        Assert.InRange(brief.BaseBytes, 2 * config.TextParameters - 1_000_000, 2.01 * config.TextParameters);
        Assert.True(MemoryNeed.Of(config, lora, 2, 1024).RunBytes > 1.8 * whole.RunBytes);
    }

    [Fact]
    public void Rows_too_long_for_this_machine_are_refused_with_what_would_fit()
    {
        using var model = SmallModel.Llama();
        const int Length = 20_000_000;
        var layout = AdapterLayout.For(model.Config, SmallModel.Adapt(model));

        var refusal = Assert.Throws<InvalidInputException>(() => MemoryNeed.Check(model, 1, 1, Length, layout, train: true));

        Assert.StartsWith($"Out of memory: training with rows of {Length} tokens on 1 thread needs", refusal.Message,
            StringComparison.Ordinal);
        Assert.EndsWith("tokens would fit.", refusal.Message, StringComparison.Ordinal);
    }
}
