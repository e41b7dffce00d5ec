using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Tests.Postgres;
using Xunit;

namespace LdcLedger.Ledger.Tests.Leases;

/// <summary>Over the private server's Unix socket; over TCP, and with a server that goes away, in the tests of the cluster.</summary>
public sealed class SessionLeaseTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_holder_that_is_frozen_loses_it_to_the_next_one_and_learns_it_when_it_thaws()
    {
        var frozen = new FrozenTime();
        await using var lease = await TryTakeAsync("frozen", frozen);
        Assert.Null(await TryTakeAsync("frozen"));
        await using var next = await TakeAsync("frozen");
        frozen.Thaw();
        var lost = new TaskCompletionSource();
        await using (lease!.Lost.Register(lost.SetResult))
            await lost.Task.WaitAsync(10 * SilenceTimeout, Cancellation);
        Assert.False(await lease.IsHeldAsync(Cancellation));
        Assert.True(await next.IsHeldAsync(Cancellation));
    }

    [Fact]
    public async Task A_holder_speaks_up_by_itself()
    {
        await using var lease = await TryTakeAsync("speaks up");
        await Task.Delay(2.5 * SilenceTimeout, Cancellation);
        Assert.False(lease!.Lost.IsCancellationRequested);
        Assert.True(await lease.IsHeldAsync(Cancellation));
    }

    [Fact]
    public async Task A_lease_that_is_given_back_is_free_at_once()
    {
        for (var round = 0; round < 50; round++)
        {
            var lease = await TryTakeAsync("free at once");
            Assert.NotNull(lease);
            await lease.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_shared_lease_is_held_until_the_last_of_its_holders_gives_it_back()
    {
        var first = await SessionLease.TryShareAsync(
            ledger.Store.ConnectionString, "shared", SilenceTimeout, cancellation: Cancellation);
        var second = await SessionLease.TryShareAsync(
            ledger.Store.ConnectionString, "shared", SilenceTimeout, cancellation: Cancellation);
        await first!.DisposeAsync();
        Assert.Equal(["shared"], await SessionLease.HeldAsync(ledger.Store.DataSource, ["shared", "another"], Cancellation));
        await second!.DisposeAsync();
        Assert.Empty(await SessionLease.HeldAsync(ledger.Store.DataSource, ["shared", "another"], Cancellation));
    }

    [Fact]
    public async Task Two_subjects_are_taken_together_or_not_at_all()
    {
        Task<SessionLease?> TryTakeBothAsync() => SessionLease.TryTakeBothAsync(
            ledger.Store.ConnectionString, "one", "two", SilenceTimeout, cancellation: Cancellation);
        await using (await TryTakeAsync("two"))
        {
            Assert.Null(await TryTakeBothAsync());
            await using var free = await TakeAsync("one");   // it was given back
        }
        await using var both = await TryTakeBothAsync();
        Assert.Equal(["one", "two"], (await SessionLease.HeldAsync(ledger.Store.DataSource, ["one", "two"], Cancellation)).Order());
    }

    [Fact]
    public async Task A_driver_gives_its_sign_again_when_it_was_lost()
    {
        await using var sign = await DriverSign.GivenAsync(ledger.Store, null, TimeProvider.System, Cancellation);
        var subject = DriverSign.Subject(ledger.Store, null);
        await using (var cut = ledger.Store.DataSource.CreateCommand(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'ldc lease'"))
            await cut.ExecuteScalarAsync(Cancellation);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while ((await SessionLease.HeldAsync(ledger.Store.DataSource, [subject], limit.Token)).Count > 0)
            await Task.Delay(10, limit.Token);   // until the server has let it go
        while ((await SessionLease.HeldAsync(ledger.Store.DataSource, [subject], limit.Token)).Count == 0)
            await Task.Delay(50, limit.Token);
    }

    private Task<SessionLease?> TryTakeAsync(string subject, TimeProvider? time = null) =>
        SessionLease.TryTakeAsync(ledger.Store.ConnectionString, subject, SilenceTimeout, time, Cancellation);

    private async Task<SessionLease> TakeAsync(string subject)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(10 * SilenceTimeout);
        while (true)
        {
            if (await TryTakeAsync(subject) is { } taken)
                return taken;
            await Task.Delay(100, limit.Token);
        }
    }

    /// <summary>The clock of a stopped process: no timer fires until it goes on.</summary>
    private sealed class FrozenTime : TimeProvider
    {
        private readonly List<Action> _held = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _held.Add(() => timer.Change(TimeSpan.Zero, period));
            return timer;
        }

        public void Thaw() => _held.ForEach(go => go());
    }
}
