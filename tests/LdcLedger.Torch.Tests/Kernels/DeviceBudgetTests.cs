using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Kernels;

/// <summary>
/// What a GPU is asked to do, counted without one: every operation is called, with shapes and types, on a device without numbers. There an
/// operation is a launch, and a read makes the host wait for all of them.
/// </summary>
public sealed class DeviceBudgetTests
{
    private const int Length = 64;

    [Theory]
    [InlineData("llama-3.2-1b", "bfloat16", 70, 20)]
    [InlineData("llama-3.2-1b", "float32", 70, 20)]
    [InlineData("gemma-3-1b", "bfloat16", 93, 20)]
    [InlineData("gemma-3-1b", "float32", 85, 20)]
    public void A_layer_has_few_operations_and_with_dropout_few_more(string shape, string dtype, int most, int more)
    {
        var dry = LayerOf(shape, dtype, dropout: 0);
        var wet = LayerOf(shape, dtype, dropout: 0.1);

        Assert.InRange(dry, 40, most);
        Assert.InRange(wet - dry, 1, more);
    }

    [Theory]
    [InlineData("llama-3.2-1b")]
    [InlineData("gemma-3-1b")]
    public void Nothing_is_done_document_by_document(string shape)
    {
        var one = StepOf(shape, layers: 3, documents: 1);
        var many = StepOf(shape, layers: 3, documents: 16);

        Assert.Equal((one.Operations, one.Uploads, one.Reads), (many.Operations, many.Uploads, many.Reads));
    }

    [Theory]
    [InlineData("llama-3.2-1b", "bfloat16")]
    [InlineData("gemma-3-1b", "float32")]
    public void A_micro_batch_goes_to_the_device_in_a_few_pieces_and_a_step_is_read_once(string shape, string dtype)
    {
        // The first step also brings the tables of angles, which stay.
        var (first, second) = (StepOf(shape, dtype: dtype), StepOf(shape, dtype: dtype, steps: 2));

        Assert.InRange(second.Uploads - first.Uploads, 1, 3);
        Assert.Equal(1, second.Reads - first.Reads);
        Assert.Equal(1, first.Reads);
        Assert.Equal(sizeof(double) * 2, first.ReadBytes);
    }

    /// <summary>Keys and values are not repeated for the queries that share them, nor are scores written out.</summary>
    [Fact]
    public void Attention_takes_no_memory_that_grows_with_the_square_of_a_document()
    {
        long Peak(int length) => MemoryNeed.Of(PublishedShapes.Of("llama-3.2-1b"), Adapt("llama-3.2-1b", 16, 0), 1, length,
            dtype: "bfloat16", device: "cuda").RunBytes;

        Assert.InRange((Peak(4096) - Peak(2048)) / (double)(Peak(2048) - Peak(1024)), 1.5, 2.5);
    }

    private static int LayerOf(string shape, string dtype, double dropout) =>
        (StepOf(shape, layers: 5, dtype: dtype, dropout: dropout).Operations
            - StepOf(shape, layers: 3, dtype: dtype, dropout: dropout).Operations) / 2;

    /// <summary>Counts of one step, or two, of a micro-batch of two rows each.</summary>
    private static OperationCount StepOf(string shape, int layers = 2, string dtype = "bfloat16", double dropout = 0, int documents = 2,
        int steps = 1)
    {
        var whole = PublishedShapes.Of(shape);
        var config = whole with { LayerKinds = [.. whole.LayerKinds.Take(layers)] };
        using var model = BaseModel.Rehearsed(config, dtype, BaseForms.AsIs, "cuda", () => DeviceArithmetic.Planned("cuda", dtype));
        // Trained norms of Gemma's are no numbers of bf16, as those of a made-up one are: then they take an operation more.
        foreach (var block in model.Model.Blocks.OfType<Gemma3Block>())
            foreach (var norm in (Matrix[])[block.InputNorm, block.PostAttentionNorm, block.PreMlpNorm, block.PostMlpNorm, block.QueryNorm,
                block.KeyNorm])
                norm.Brief = null;
        var data = Documents(2, documents, config.Vocab);
        var layout = AdapterLayout.For(config, Adapt(shape, layers, dropout));
        using var arithmetic = model.NewArithmetic();
        using FlatRows parameters = Row(), gradients = Row(), first = Row(), second = Row();
        using var pass = new Pass(model, 2, Length, Length, layout, parameters, train: true, dropout);
        using var nats = arithmetic.NewSum();
        using var count = OperationCount.Begin();
        for (var step = 0; step < steps; step++)
        {
            using var scope = arithmetic.StepScope();
            nats.Zero();
            gradients.Zero(arithmetic);
            pass.Gradients.Zero(arithmetic);
            pass.LossAndGradients(TokenBatch.Of(data, [0, 1], 2), 1, new DropoutKey(true, 1, step, 0));
            pass.Gradients.AddTo(gradients, arithmetic);
            nats.Add(pass.Nats);
            arithmetic.Read(nats, gradients.Rows);
            arithmetic.AdamW(parameters.Rows[0], gradients.Rows[0], first.Rows[0], second.Rows[0],
                new AdamWStep(step + 1, 1e-3, 0.9, 0.999, 1e-8, 0.01, 0.5f));
        }
        return count;

        FlatRows Row() => new(arithmetic, layout.RowSizes);
    }

    private static LoraOptions Adapt(string shape, int layers, double dropout) => new(16, 32, dropout,
        [.. Enumerable.Range(0, Math.Min(layers, PublishedShapes.Of(shape).Layers))
            .SelectMany(layer => Projection.NamesIn("all").Select(name => new LoraTarget(layer, name)))]);

    private static PackedRows Documents(int rows, int documents, int vocabulary)
    {
        var each = Length / documents;
        int[] ids = [.. Enumerable.Range(0, rows * Length).Select(i => i % vocabulary)];
        // As many scored tokens whatever the documents are.
        int[] labels = [.. ids.Select((id, i) => i % each % 4 == 1 ? id : PackedRows.NotScored)];
        return new PackedRows(Length, ids, labels, [.. ids.Select((_, i) => i % each)]);
    }
}
