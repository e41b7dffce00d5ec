namespace LdcLedger.Web.Views;

/// <summary>Too much is asked for at once: later it is answered.</summary>
public sealed class TooBusy() : Exception(
    "So much is being drawn and compared for others that this would take too long; ask again in a few seconds.")
{
    public const string RetryAfterSeconds = "3";
}

/// <summary>
/// What takes a core for a second or more: reports, their verification, rules tried. Two at a time for all who ask, so that whatever trains
/// on this machine keeps its cores; a few more wait, the others are told to come back.
/// </summary>
public sealed class HeavyWork
{
    public const int AtATime = 2, MostWaiting = 8;

    private readonly SemaphoreSlim _turns = new(AtATime);
    private int _asked;

    /// <exception cref="TooBusy">Enough wait already.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _asked) > AtATime + MostWaiting)
        {
            Interlocked.Decrement(ref _asked);
            throw new TooBusy();
        }
        try
        {
            await _turns.WaitAsync(cancellation);
            try
            {
                return await work();
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _asked);
        }
    }

    /// <exception cref="TooBusy">Enough wait already.</exception>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation) =>
        RunAsync(() => Task.Run(work, cancellation), cancellation);
}
