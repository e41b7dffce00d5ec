using LdcLedger.Torch.Models;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Bench;

public sealed class TrainingRateTests
{
    [Fact]
    public void A_small_shape_is_measured_whole()
    {
        var rate = TrainingRate.Measure(PublishedShapes.Of("tiny"), "cpu", "bfloat16", threads: 1, length: 128, batchRows: 2);

        Assert.Equal((8, 256), (rate.Layers, rate.Tokens));
        Assert.True(double.IsFinite(rate.FlopsPerSecond) && rate.FlopsPerSecond > 1e6);
    }

    [Theory]
    [InlineData("tpu")]
    [InlineData("cuda:x")]
    public void A_device_that_is_none_is_refused(string device) =>
        Assert.Contains($"device is {device}; cpu, cpu:torch, cuda and cuda:N are allowed",
            Assert.Throws<InvalidInputException>(() =>
            TrainingRate.Measure(PublishedShapes.Of("tiny"), device, "float32", 1, 64, 1)).Message, StringComparison.Ordinal);
}
