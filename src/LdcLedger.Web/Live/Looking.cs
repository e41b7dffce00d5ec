using System.Runtime.CompilerServices;
using System.Threading.Channels;
using LdcLedger.Web.Access;

namespace LdcLedger.Web.Live;

/// <summary>
/// What one viewer hears of the feed, for as long as their token is good: every movement, and null where nothing was heard for a while, so
/// that whoever waits for it knows that the line is alive.
/// </summary>
internal static class Looking
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SessionInterval = TimeSpan.FromMilliseconds(400);

    public static async IAsyncEnumerable<Movement?> AtAsync(
        PositionFeed feed, Channel<Movement> channel, Viewers viewers, Viewer viewer,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var time = TimeProvider.System;
        Task<bool>? next = null;
        try
        {
            for (var (heard, looked) = (time.GetTimestamp(), time.GetTimestamp()); ;)
            {
                next ??= channel.Reader.WaitToReadAsync(cancellation).AsTask();
                // Silence is no movement, but whoever listens may have been shut out meanwhile.
                var isHeard = await Task.WhenAny(next, Task.Delay(SessionInterval, time, cancellation)) == next;
                if (cancellation.IsCancellationRequested || isHeard && !await next)
                    yield break;
                if (time.GetElapsedTime(looked) >= SessionInterval)
                {
                    if (await viewers.ByIdAsync(viewer.Token, cancellation) is null)
                        yield break;
                    looked = time.GetTimestamp();
                }
                Movement? movement = null;
                if (isHeard)
                    (next, _) = (null, channel.Reader.TryRead(out movement));
                if (movement is null && time.GetElapsedTime(heard) < BeatInterval)
                    continue;
                heard = time.GetTimestamp();
                yield return movement;
            }
        }
        finally
        {
            feed.Leave(channel);
        }
    }
}
