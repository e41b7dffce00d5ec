using LdcLedger.Torch.Devices;
using Xunit;

namespace LdcLedger.Torch.Tests.Devices;

public class DeviceChecksTests
{
    [Fact]
    public void The_CPU_s_arithmetic_is_named_also_where_libtorch_does_not_load()
    {
        var (isFine, says) = DeviceChecks.Arithmetic(() => throw new InvalidInputException("LDC_LIBTORCH is /none, which is no folder."));
        Assert.True(isFine);
        Assert.Equal(DeviceArithmetic.NameOn("cpu"), says);
    }
}
