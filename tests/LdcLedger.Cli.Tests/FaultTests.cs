using System.Runtime.InteropServices;
using LdcLedger.Cli.Terminal;
using LdcLedger.Torch.Libtorch;
using Xunit;

namespace LdcLedger.Cli.Tests;

public sealed class FaultTests
{
    [Fact]
    public void An_error_of_libtorch_s_is_one_sentence_and_the_frames_stay_in_the_exception()
    {
        var failure = LibtorchException.Of(new ExternalException("CUDA error: device-side assert triggered\nframe #0: c10::Error"));

        Assert.Equal("libtorch: CUDA error: device-side assert triggered", Fault.Sentence(failure));
        Assert.Equal("there is not enough memory for this.",
            Fault.Sentence(LibtorchException.Of(new ExternalException("CUDA out of memory. Tried to allocate 20.00 MiB."))));
        Assert.Contains("frame #0", failure.ToString(), StringComparison.Ordinal);
    }
}
