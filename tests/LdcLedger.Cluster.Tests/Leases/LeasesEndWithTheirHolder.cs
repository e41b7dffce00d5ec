using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Ledger.Leases;
using Npgsql;
using Xunit;

namespace LdcLedger.Cluster.Tests.Leases;

public sealed class LeasesEndWithTheirHolder(ClusterServers servers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_holds_it_until_it_is_given_back()
    {
        var database = await (await servers.Postgres).FreshDatabase();
        await using var source = NpgsqlDataSource.Create(database);
        await using (var first = await SessionLease.TryTakeAsync(database, "leader", Patience, Cancellation))
        {
            Assert.NotNull(first);
            Assert.Null(await SessionLease.TryTakeAsync(database, "leader", Patience, Cancellation));
            Assert.Equal(["leader"], await SessionLease.HeldAsync(source, ["follower", "leader"], Cancellation));
            await using var other = await SessionLease.TryTakeAsync(database, "run 7", Patience, Cancellation);
            Assert.NotNull(other);
            Assert.Equal(["leader", "run 7"], (await SessionLease.HeldAsync(source, ["leader", "run 7"], Cancellation)).Order());
        }
        await using var second = await SessionLease.TryTakeAsync(database, "leader", Patience, Cancellation);
        Assert.NotNull(second);
    }

    [Fact]
    public async Task A_holder_that_speaks_up_keeps_it_longer_than_the_servers_patience()
    {
        var database = await (await servers.Postgres).FreshDatabase();
        await using var lease = await SessionLease.TryTakeAsync(database, "leader", Patience, Cancellation);
        await Task.WhenAny(Task.Delay(2 * Patience, Cancellation), WhenCancelled(lease!.Lost));
        Assert.False(lease.Lost.IsCancellationRequested);
        Assert.Null(await SessionLease.TryTakeAsync(database, "leader", Patience, Cancellation));
    }

    [Fact]
    public async Task It_is_lost_with_the_server_and_the_holder_learns_it()
    {
        var postgres = await servers.Postgres;
        await using var lease = await SessionLease.TryTakeAsync(await postgres.FreshDatabase(), "leader", Patience, Cancellation);
        await postgres.Stop();
        try
        {
            await WhenCancelled(lease!.Lost).WaitAsync(2 * Patience, Cancellation);
        }
        finally
        {
            await postgres.Continue();
        }
    }

    private static Task WhenCancelled(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        token.Register(cancelled.SetResult);
        return cancelled.Task;
    }
}
