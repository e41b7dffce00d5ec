using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Ledger.Leases;
using Npgsql;
using Xunit;

namespace LdcLedger.Cluster.Tests.Leases;

public sealed class LeasesEndWithTheirHolder(ClusterServers servers)
{
    private static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(2);
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_holds_it_until_it_is_given_back()
    {
        var database = await (await servers.Postgres).FreshDatabase();
        await using var source = NpgsqlDataSource.Create(database);
        await using (var first = await TryTakeAsync(database, "leader"))
        {
            Assert.NotNull(first);
            Assert.Null(await TryTakeAsync(database, "leader"));
            Assert.Equal(["leader"], await SessionLease.HeldAsync(source, ["follower", "leader"], Cancellation));
            await using var other = await TryTakeAsync(database, "run 7");
            Assert.NotNull(other);
            Assert.Equal(["leader", "run 7"], (await SessionLease.HeldAsync(source, ["leader", "run 7"], Cancellation)).Order());
        }
        await using var second = await TryTakeAsync(database, "leader");
        Assert.NotNull(second);
    }

    [Fact]
    public async Task A_holder_that_speaks_up_keeps_it_longer_than_the_silence_that_ends_it()
    {
        var database = await (await servers.Postgres).FreshDatabase();
        await using var lease = await TryTakeAsync(database, "leader");
        await Task.WhenAny(Task.Delay(2 * SilenceTimeout, Cancellation), WhenCancelled(lease!.Lost));
        Assert.True(await lease.IsHeldAsync(Cancellation));
        Assert.Null(await TryTakeAsync(database, "leader"));
    }

    [Fact]
    public async Task It_is_lost_with_the_server_and_the_holder_learns_it()
    {
        var postgres = await servers.Postgres;
        await using var lease = await TryTakeAsync(await postgres.FreshDatabase(), "leader");
        var holding = lease!.HoldAsync(SilenceTimeout / 10, () => Task.CompletedTask, Cancellation);
        await postgres.Stop();
        try
        {
            await WhenCancelled(lease.Lost).WaitAsync(2 * SilenceTimeout, Cancellation);
            await holding.WaitAsync(SilenceTimeout, Cancellation);
        }
        finally
        {
            await postgres.Continue();
        }
    }

    private static Task<SessionLease?> TryTakeAsync(string database, string subject) =>
        SessionLease.TryTakeAsync(database, subject, SilenceTimeout, cancellation: Cancellation);

    private static Task WhenCancelled(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        token.Register(cancelled.SetResult);
        return cancelled.Task;
    }
}
