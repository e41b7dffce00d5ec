using LdcLedger.Torch;
using LdcLedger.Worker.Devices;
using Xunit;

namespace LdcLedger.Worker.Tests;

public sealed class TrainingDevicesTests
{
    private const long Small = 1_640_576, Large = 1_235_814_400;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_gpu_has_one_run_at_a_time_however_large_its_model()
    {
        using var devices = new TrainingDevices(["cuda:0", "cuda:1"], cores: 16);
        var first = await devices.TakeAsync(Small, Cancelled);
        var second = await devices.TakeAsync(Large, Cancelled);

        var third = devices.TakeAsync(Small, Cancelled);

        Assert.Equal(2, devices.RunsAtATime);
        Assert.Equal(["cuda:0", "cuda:1"], [first.Inputs.Device, second.Inputs.Device]);
        Assert.False(third.IsCompleted);
        second.Dispose();
        second.Dispose();
        Assert.Same(second.Inputs, (await third).Inputs);
        Assert.False(devices.TakeAsync(Small, Cancelled).IsCompleted, "a device that is given back twice is free once");
    }

    [Fact]
    public async Task Who_stops_waiting_for_a_gpu_takes_none()
    {
        using var devices = new TrainingDevices(["cuda:0"], cores: 2);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var first = await devices.TakeAsync(Small, Cancelled);
        var waiting = devices.TakeAsync(Small, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.Dispose();
        Assert.True(devices.TakeAsync(Small, Cancelled).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task On_the_cpu_runs_share_bases_and_divide_the_cores()
    {
        using var devices = new TrainingDevices(["cpu"], cores: 2);
        using var first = await devices.TakeAsync(Small, Cancelled);
        using var second = await devices.TakeAsync(Small, Cancelled);

        Assert.Same(first.Inputs, second.Inputs);
        Assert.Equal((1, 1), (first.Threads, second.Threads));
        Assert.False(devices.TakeAsync(Large, Cancelled).IsCompleted);
    }

    [Theory]
    [InlineData("tpu", "device is tpu; cpu, cpu:torch, cuda and cuda:N are allowed.")]
    [InlineData("cuda:0,cuda", "device is cuda:0,cuda, with cuda:0 more than once")]
    [InlineData("cpu,cuda:0", "cpu or cpu:torch stands alone")]
    [InlineData("cpu:0", "device is cpu:0; cpu, cpu:torch, cuda and cuda:N are allowed.")]
    public void A_list_that_names_no_devices_is_refused(string list, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidInputException>(() => TrainingDevices.Named(list)).Message, StringComparison.Ordinal);
}
