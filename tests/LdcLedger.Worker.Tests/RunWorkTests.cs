using System.Runtime.InteropServices;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Worker.Runs;
using Xunit;

namespace LdcLedger.Worker.Tests;

public sealed class RunWorkTests
{
    [Theory]
    [InlineData("Expected false to be true, but got false.  (Could this error message be improved?)\nframe #0: c10::Error",
        "libtorch: Expected false to be true, but got false.")]
    [InlineData("CUDA out of memory. Tried to allocate 20.00 MiB.\nframe #0: c10::Error",
        "out of memory with rows of 64 tokens, 2 in a batch, on cuda:0; a smaller training.batch (with more accumulation) needs less")]
    public void A_run_that_libtorch_fails_says_so_in_a_sentence(string message, string reason)
    {
        var planned = TinyRun.Planned("all");
        var run = planned with { Data = planned.Data with { Length = 64 }, Training = planned.Training with { Batch = 2 } };

        Assert.Equal(reason, RunWork.ReasonOf(LibtorchException.Of(new ExternalException(message)), run, "cuda:0"));
    }
}
