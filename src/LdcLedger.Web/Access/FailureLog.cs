using Microsoft.Extensions.Logging;

namespace LdcLedger.Web.Access;

/// <summary>
/// Tokens and sessions that were none: counted, and told in one line a minute at most, so that whoever tries many fills no disk. What was
/// tried is written nowhere.
/// </summary>
public sealed class FailureLog : IAsyncDisposable
{
    private static readonly TimeSpan TellInterval = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _ended = new();
    private readonly Task _telling;

    public FailureLog(Viewers viewers, TimeProvider time, ILogger<FailureLog> log) => _telling = TellAsync(viewers, time, log);

    private async Task TellAsync(Viewers viewers, TimeProvider time, ILogger log)
    {
        using var rhythm = new PeriodicTimer(TellInterval, time);
        try
        {
            while (await rhythm.WaitForNextTickAsync(_ended.Token))
                if (viewers.TakeFailures() is > 0 and var count)
                    log.LogWarning("{Count} requests in the last minute showed a token or a session that is none", count);
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _telling;
        _ended.Dispose();
    }
}
