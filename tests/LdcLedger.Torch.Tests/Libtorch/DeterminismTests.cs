using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Tests.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Libtorch;

/// <summary>A setting of the whole process, so nothing may run beside it.</summary>
[Collection(nameof(MemoryTests))]
public sealed class DeterminismTests
{
    [Fact]
    public void The_same_bits_every_time_can_be_demanded_of_libtorch()
    {
        var cpu = Device.Named(Device.Cpu);
        using Tensor all = Tensor.zeros(4, 4, Dtype.Float32, cpu), index = Tensor.Of([0L, 1], cpu), some = Tensor.zeros(2, 4,
            Dtype.Float32, cpu);
        Determinism.Set(on: true);
        try
        {
            all.index_copy_(0, index, some);                       // one that we use
            Assert.True(Determinism.IsOn);
        }
        finally
        {
            Determinism.Set(on: false);
        }
        Assert.False(Determinism.IsOn);
    }
}
