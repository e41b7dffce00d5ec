using System.Threading.RateLimiting;

namespace LdcLedger.Web.Access;

/// <summary>
/// How many requests a token may make: so many a second, and three times as many at once. A page that follows a study makes two a second; a
/// script that goes round without a pause is told to wait, and leaves the machine to training.
/// </summary>
public sealed class RequestRate(int perSecond) : IDisposable
{
    public const int UsualPerSecond = 20;

    private static readonly TimeSpan RefillInterval = TimeSpan.FromMilliseconds(100);

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(token =>
        RateLimitPartition.GetTokenBucketLimiter(token, _ => new()
        {
            TokenLimit = 3 * perSecond, ReplenishmentPeriod = RefillInterval, QueueLimit = 0,
            TokensPerPeriod = Math.Max(1, (int)(perSecond * RefillInterval.TotalSeconds)),
        }));

    /// <summary>Whether one more is taken now.</summary>
    public bool Takes(Viewer viewer)
    {
        using var lease = _limiter.AttemptAcquire(viewer.Token);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
