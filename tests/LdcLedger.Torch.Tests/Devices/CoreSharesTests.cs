using LdcLedger.Torch.Devices;
using Xunit;

namespace LdcLedger.Torch.Tests.Devices;

public sealed class CoreSharesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void A_small_model_trains_on_one_thread_and_a_large_one_on_all_cores()
    {
        var cores = new CoreShares(8);

        Assert.Equal(1, cores.ThreadsFor(1_640_576));
        Assert.Equal(8, cores.ThreadsFor(1_235_814_400));
    }

    [Fact]
    public async Task As_many_small_runs_go_on_at_a_time_as_there_are_cores()
    {
        var cores = new CoreShares(2);
        var first = await cores.TakeAsync(1, Cancelled);
        var second = await cores.TakeAsync(1, Cancelled);

        var third = cores.TakeAsync(1, Cancelled);
        Assert.False(third.IsCompleted);
        first.Dispose();
        (await third).Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task A_large_run_waits_for_all_cores_and_is_not_overtaken()
    {
        var cores = new CoreShares(2);
        var small = await cores.TakeAsync(1, Cancelled);
        var large = cores.TakeAsync(2, Cancelled);
        var later = cores.TakeAsync(1, Cancelled);

        Assert.False(later.IsCompleted);
        small.Dispose();
        var taken = await large;
        Assert.False(later.IsCompleted);
        taken.Dispose();
        (await later).Dispose();
    }

    [Fact]
    public async Task Who_gives_up_waiting_lets_the_others_pass()
    {
        var cores = new CoreShares(2);
        using var small = await cores.TakeAsync(1, Cancelled);
        using var giveUp = new CancellationTokenSource();
        var large = cores.TakeAsync(2, giveUp.Token);
        var later = cores.TakeAsync(1, Cancelled);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        (await later).Dispose();
    }

    [Fact]
    public async Task Giving_back_twice_frees_once()
    {
        var cores = new CoreShares(1);
        var taken = await cores.TakeAsync(1, Cancelled);
        taken.Dispose();
        taken.Dispose();
        using var next = await cores.TakeAsync(1, Cancelled);

        Assert.False(cores.TakeAsync(1, Cancelled).IsCompleted);
    }
}
