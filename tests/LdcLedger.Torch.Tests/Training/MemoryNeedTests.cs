using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Kernels.Simd;
using LdcLedger.Torch.Libtorch;
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

    /// <summary>Reckoned with shapes alone, as a GPU computes it; the CPU computes norms and attention in other steps.</summary>
    [Theory]
    [InlineData("llama", "float32", 0.0)]
    [InlineData("gemma3", "float32", 0.1)]
    public void A_run_on_libtorch_takes_about_what_was_reckoned(string family, string dtype, double dropout)
    {
        using var exact = SmallModel.Load(family);
        using var model = BaseModel.Load(exact.Directory, dtype, "cpu:torch");
        var lora = SmallModel.Adapt(model, dropout);
        using var count = OperationCount.Begin();
        using var training = new LoraTraining(model, SmallModel.Text(8, 128), lora, new TrainingOptions(BatchRows: 4));

        training.Run();

        var reckoned = MemoryNeed.Of(model.Config, lora, 4, 128, dtype: dtype, device: "cpu:torch");
        Assert.InRange(reckoned.RunBytes / (double)count.PeakBytes, 0.8, 1.25);
        Assert.InRange(reckoned.BaseBytes / (4.0 * model.Config.TextParameters), 1, 1.1);
    }

    [Fact]
    public void A_run_on_a_GPU_takes_half_of_one_in_float32_and_more_of_more_tokens()
    {
        var config = PublishedShapes.Of("llama-3.2-1b");
        var lora = new LoraOptions(16, 32, 0, [.. Enumerable.Range(0, config.Layers).Select(layer => new LoraTarget(layer, "q_proj"))]);
        MemoryNeed Of(int rows, string dtype) => MemoryNeed.Of(config, lora, rows, 1024, dtype: dtype, device: "cuda");
        MemoryNeed four = Of(4, "bfloat16"), eight = Of(8, "bfloat16"), whole = Of(8, "float32"), more = Of(16, "bfloat16");

        Assert.InRange(four.BaseBytes, 2 * config.TextParameters, 2.01 * config.TextParameters);
        Assert.InRange(eight.RunBytes / (double)four.RunBytes, 1.4, 2);
        Assert.InRange(whole.RunBytes / (double)eight.RunBytes, 1.4, 2.2);
        Assert.Equal(eight, more);                                 // a pass takes no more than 8,192 tokens
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

        var refusal = Assert.Throws<InvalidInputException>(() => new MemoryRoom(model, 1, 1, Length, layout, train: true));

        Assert.StartsWith($"Out of memory: training with rows of {Length} tokens on 1 thread needs", refusal.Message,
            StringComparison.Ordinal);
        // And what is said to fit does.
        var fits = int.Parse(Regex.Match(refusal.Message, @"rows of (\d+) tokens would fit\.$").Groups[1].Value, null);
        Assert.InRange(fits, 32, Length - 1);
        _ = new MemoryRoom(model, 1, 1, fits / 2, layout, train: true);
    }

    /// <summary>Weights, gradients and moments of what is trained in full do not get fewer with shorter rows.</summary>
    [Fact]
    public void Of_projections_too_large_to_train_no_shorter_rows_are_said_to_fit()
    {
        var shape = PublishedShapes.Of("llama-3.2-3b");
        var large = shape with { LayerKinds = [.. Enumerable.Range(0, 30).SelectMany(_ => shape.LayerKinds)] };
        using var rehearsal = new Rehearsal();
        using var model = BaseModel.Rehearsed(large, "bfloat16", BaseForms.AsIs, "cpu", () => rehearsal);
        var layout = new FullLayout(large, Enumerable.Range(0, large.Layers).Select(layer => new LoraTarget(layer, "down_proj")));

        var refusal = Assert.Throws<InvalidInputException>(() => new MemoryRoom(model, 1, 2, 256, layout, train: true));

        Assert.EndsWith("free; a machine with more memory, or dtype bfloat16 for the base, is needed.", refusal.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, @"batches of 2 need \d\.\d GB \(with more accumulation the steps are the same\)\.$")]
    [InlineData(1, @"rows of 32 tokens need \d\.\d GB\.$")]
    public void Memory_that_runs_out_while_training_is_told_with_what_needs_less(int rows, string fits)
    {
        using var shape = SmallModel.Llama();
        using var model = BaseModel.Rehearsed(shape.Config, "float32", BaseForms.AsIs, "cpu:torch", () => new Starving());
        using var training = new LoraTraining(model, SmallModel.Text(4, 64), SmallModel.Adapt(model),
            new TrainingOptions(BatchRows: rows));

        var refusal = Assert.Throws<InvalidInputException>(() => training.Run());

        Assert.Matches(@"^Out of memory: training with rows of 64 tokens on 1 thread needs \d\.\d GB beside the base, "
            + "which were not to be had; " + fits, refusal.Message);
        Assert.True(Assert.IsType<LibtorchException>(refusal.InnerException).IsOutOfMemory);
    }

    /// <summary>Another process takes the device's memory during the first backward pass.</summary>
    private sealed class Starving : SimdArithmetic
    {
        public override void GateBackward(Activation act, Matrix gateUp, Matrix dh, Matrix dGateUp, Matrix h) =>
            throw LibtorchException.Of(new ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity"));
    }
}
