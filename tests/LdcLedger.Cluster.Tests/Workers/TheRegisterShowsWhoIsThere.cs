using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Runs;
using Xunit;

namespace LdcLedger.Cluster.Tests.Workers;

public sealed class TheRegisterShowsWhoIsThere(ClusterServers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static WorkerSign Sign(string name, string doing = "idle") => new(
        name, "host", "cpu", ["small"], "0.1.0", DateTimeOffset.UnixEpoch, doing, null, null, null, 0, 0, null, null, 0, null);

    [Fact]
    public async Task The_last_sign_of_each_worker_counts_and_one_that_left_is_gone()
    {
        await using var store = await LedgerStore.OpenAsync(await (await servers.Postgres).FreshDatabase(), cancellation: Cancellation);
        var register = new WorkerRegister(store);
        await register.SayAsync(Sign("a"), Cancellation);
        await register.SayAsync(Sign("b"), Cancellation);
        await register.SayAsync(Sign("a", "training"), Cancellation);
        var all = await register.AllAsync(Cancellation);
        Assert.Equal([("a", "training"), ("b", "idle")], all.Select(w => (w.Sign.Name, w.Sign.Doing)));
        Assert.Equal(["small"], all[0].Sign.Labels);
        Assert.All(all, w => Assert.True(w.IsAlive));
        await register.LeaveAsync("a", Cancellation);
        Assert.Equal(["b"], (await register.AllAsync(Cancellation)).Select(w => w.Sign.Name));
    }

    [Fact]
    public async Task Workers_answer_which_files_they_see()
    {
        await using var store = await LedgerStore.OpenAsync(await (await servers.Postgres).FreshDatabase(), cancellation: Cancellation);
        var register = new WorkerRegister(store);
        Assert.Equal((0, []), await register.AskAsync(["/"], TimeSpan.Zero, TimeProvider.System, Cancellation));
        await register.SayAsync(Sign("a"), Cancellation);
        var asking = register.AskAsync(["/", "/there/is/no/such/file"], TimeSpan.FromSeconds(20), TimeProvider.System, Cancellation);
        while (!asking.IsCompleted)
            await register.SayAsync(Sign("a"), Cancellation);
        var (answered, unseen) = await asking;
        Assert.Equal(1, answered);
        Assert.Equal(["/there/is/no/such/file"], unseen);
    }
}
