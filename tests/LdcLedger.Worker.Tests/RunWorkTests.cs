using System.Runtime.InteropServices;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Worker.Runs;
using Xunit;

namespace LdcLedger.Worker.Tests;

public sealed class RunWorkTests
{
    private const string OutOfMemory = "out of memory with rows of 64 tokens, 2 in a batch, on cuda:0; training.dtype bfloat16 or a "
        + "smaller training.batch (with more accumulation) needs less, and `ldc study plan` says how much";

    [Theory]
    [InlineData("Expected false to be true, but got false.  (Could this error message be improved?)\nframe #0: c10::Error",
        "libtorch: Expected false to be true, but got false.")]
    [InlineData("CUDA out of memory. Tried to allocate 20.00 MiB.\nframe #0: c10::Error",
        OutOfMemory)]
    [InlineData("[enforce fail at alloc_cpu.cpp:119] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to "
        + "allocate 8 bytes. Error code 12 (Cannot allocate memory)\nframe #0: c10::Error", OutOfMemory)]
    public void A_run_that_libtorch_fails_says_so_in_a_sentence(string message, string reason)
    {
        var planned = TinyRun.Planned("all");
        var run = planned with { Data = planned.Data with { Length = 64 }, Training = planned.Training with { Batch = 2 } };

        Assert.Equal(reason, RunWork.ReasonOf(LibtorchException.Of(new ExternalException(message)), run, "cuda:0"));
    }
}
