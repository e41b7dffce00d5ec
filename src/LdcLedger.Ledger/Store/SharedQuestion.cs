namespace LdcLedger.Ledger.Store;

/// <summary>
/// A question that many ask at once and that is asked once for all of them: whoever comes while it is being answered shares the next answer
/// with everybody who comes meanwhile. No answer is older than whoever gets it has been asking.
/// </summary>
/// <param name="ask">It goes on whether or not those who wait for it stay.</param>
internal sealed class SharedQuestion<T>(Func<Task<T>> ask)
{
    private readonly Lock _lock = new();
    private Task<T>? _asked, _next;

    public Task<T> AskAsync(CancellationToken cancellation)
    {
        Task<T> mine;
        lock (_lock)
            mine = _next ?? (_asked is { IsCompleted: false } before ? _next = AfterAsync(before) : _asked = ask());
        return mine.WaitAsync(cancellation);
    }

    private async Task<T> AfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        Task<T> now;
        lock (_lock)
            (_asked, _next) = (now = ask(), null);
        return await now;
    }
}
