using System.Threading.Channels;
using LdcLedger.Ledger.Views;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Web.Live;

/// <summary>What the feed tells those who look on.</summary>
/// <param name="Position">Place in the whole ledger that the read models have reached: what is fetched from now on contains it.</param>
/// <param name="Studies">The studies that have events since; empty where only a lease was taken or lost, which may change what is told of
/// any.</param>
/// <param name="Trouble">Why nothing can be told at the moment; null: all is well.</param>
public sealed record Movement(long Position, IReadOnlySet<Guid> Studies, string? Trouble)
{
    /// <summary>The last that a viewer hears whose place a newer one of the same token has taken.</summary>
    public static readonly Movement Bye = new(0, new HashSet<Guid>(), null);
}

/// <summary>
/// Looks how far the ledger has come, once for all who look on, and only while somebody does. A slow viewer gets the newest movement and
/// misses those before it, which say no more.
/// </summary>
public sealed class PositionFeed(LedgerViews ledger, TimeProvider time, ILogger<PositionFeed> log) : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly List<(Channel<Movement> Channel, string Token)> _viewers = [];
    private readonly CancellationTokenSource _ended = new();
    private Task _looking = Task.CompletedTask;
    private Movement? _last;

    /// <summary>How many look on.</summary>
    public int Viewers
    {
        get
        {
            lock (_lock)
                return _viewers.Count;
        }
    }

    /// <summary>
    /// A browser has six lines to one server: those of tabs must leave some, or the next tab waits for ever and says nothing.
    /// </summary>
    public const int MostOfOneToken = 4;

    public const int MostViewers = 200;

    /// <summary>
    /// Begins to look on; the first movement comes at once. Whoever is done gives the channel back. Of too many with one token the oldest
    /// is sent away.
    /// </summary>
    /// <returns>Null where there are too many in all.</returns>
    public Channel<Movement>? Join(string token)
    {
        var channel = Channel.CreateBounded<Movement>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            if (_viewers.Count(v => v.Token == token) >= MostOfOneToken)
            {
                var oldest = _viewers.First(v => v.Token == token);
                _viewers.Remove(oldest);
                oldest.Channel.Writer.TryWrite(Movement.Bye);
                oldest.Channel.Writer.TryComplete();
            }
            if (_viewers.Count >= MostViewers)
                return null;
            _viewers.Add((channel, token));
            if (_last is { } last && !_looking.IsCompleted)
                channel.Writer.TryWrite(last with { Studies = new HashSet<Guid>() });
            if (_looking.IsCompleted)
                (_last, _looking) = (null, Task.Run(LookAsync));
        }
        return channel;
    }

    public void Leave(Channel<Movement> viewer)
    {
        lock (_lock)
            _viewers.RemoveAll(v => v.Channel == viewer);
        viewer.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _looking;
        lock (_lock)
            foreach (var (viewer, _) in _viewers)
                viewer.Writer.TryComplete();
        _ended.Dispose();
    }

    private async Task LookAsync()
    {
        using var rhythm = new PeriodicTimer(LookInterval, time);
        var before = (LedgerState?)null;
        do
        {
            lock (_lock)
                if (_viewers.Count == 0)
                {
                    _looking = Task.CompletedTask;   // whoever joins from now on begins anew
                    return;
                }
            try
            {
                var now = await ledger.StateAsync(_ended.Token);
                if (before is null || _last is { Trouble: not null }
                    || (now.Position, now.Leases, now.Trouble) != (before.Position, before.Leases, before.Trouble)
                    || now.Trend.StillSince != before.Trend.StillSince)
                    Tell(new(now.Position, before is null || now.Position == before.Position ? new HashSet<Guid>()
                        : await ledger.MovedAsync(before.Position, now.Position, _ended.Token), null));
                before = now;
            }
            catch (OperationCanceledException) when (_ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception cause)
            {
                // Most often the database is away; whatever it is, who looks on is told, and the next look may be better.
                if (_last is not { Trouble: not null })
                {
                    log.LogInformation("the ledger cannot be asked: {Reason}", cause.Message);
                    Tell(new(before?.Position ?? 0, new HashSet<Guid>(), "the ledger cannot be reached at the moment"));
                }
            }
        }
        while (await TickAsync(rhythm));
    }

    private async Task<bool> TickAsync(PeriodicTimer rhythm)
    {
        try
        {
            return await rhythm.WaitForNextTickAsync(_ended.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Two movements of which a slow viewer sees but the second are told as one: whoever waits for a study may not miss it.
    private void Tell(Movement movement)
    {
        lock (_lock)
        {
            _last = movement;
            foreach (var (viewer, _) in _viewers)
                viewer.Writer.TryWrite(
                    viewer.Reader.TryRead(out var missed) ? movement with { Studies = Both(missed, movement) } : movement);
        }
    }

    private static IReadOnlySet<Guid> Both(Movement one, Movement other) =>
        one.Studies.Count == 0 || other.Studies.Count == 0 ? new HashSet<Guid>() : one.Studies.Union(other.Studies).ToHashSet();
}
