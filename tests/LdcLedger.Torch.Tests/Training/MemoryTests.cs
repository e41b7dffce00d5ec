using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Tokenizers;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Training;

[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class AloneInTheProcess;

/// <summary>Counts memory of the whole process, so nothing may run beside it.</summary>
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    [Theory]
    [InlineData("cpu")]
    [InlineData("cpu:torch")]
    public void Forty_steps_leave_no_memory_and_no_tensor_behind(string device)
    {
        // What tests before this one left to the garbage collector would go in the midst of it.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var model = BaseModel.Load(RepositoryFiles.Golden("logits", "llama-gqa-rope3-tied", "model"), "float32", device);
        using var training = new LoraTraining(model, SmallModel.Text(5, 64), SmallModel.Adapt(model, dropout: 0.1),
            new TrainingOptions(Epochs: 40, BatchRows: 5));
        List<(long Bytes, long Tensors)> seen = [];

        training.Run(step => seen.Add((Matrix.LiveBytes, Tensor.LiveCount)));

        Assert.Equal(40, seen.Count);
        Assert.Single(seen.Skip(10).Distinct());
    }

    [Fact]
    public void A_run_gives_back_what_it_took()
    {
        using var model = SmallModel.Gemma3();
        var before = Matrix.LiveBytes;
        for (var i = 0; i < 2; i++)
        {
            using var training = new LoraTraining(model, SmallModel.Text(5, 64), SmallModel.Adapt(model),
                new TrainingOptions(BatchRows: 5));
            var result = training.Run();
            Assert.True(Matrix.LiveBytes > before);
            Evaluation.Of(model, result.Adapter, SmallModel.Text(2, 64));
        }
        Assert.Equal(before, Matrix.LiveBytes);
    }
}
