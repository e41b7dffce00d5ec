using LdcLedger.Torch.Kernels.Simd;
using Xunit;

namespace LdcLedger.Torch.Tests.Kernels;

/// <summary>What a test needs of the machine.</summary>
internal static class Processor
{
    /// <summary>Skips the test where the exact arithmetic does not run, so that libtorch is never compared with itself.</summary>
    public static void NeedsAvx512() => Assert.SkipUnless(SimdArithmetic.IsSupported, "The exact arithmetic needs a CPU with AVX-512.");
}
