namespace LdcLedger.Worker.Runs;

/// <summary>Asks everything that trains in this process to stop, and learns of what nobody here can mend.</summary>
public sealed class WorkerStop : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs stop at their next step, keep a checkpoint, and are given back.</summary>
    public CancellationToken Token => _asked.Token;

    /// <summary>Faults when a run met something that would stop the others as well: a full disk, a ledger that is away.</summary>
    public Task Broken => _broken.Task;

    public void Ask() => _asked.Cancel();

    /// <summary>Returns when somebody has asked.</summary>
    public async Task AskedAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (_asked.Token.Register(() => done.TrySetResult()))
            await done.Task;
    }

    internal void Break(Exception cause)
    {
        _broken.TrySetException(cause);
        _asked.Cancel();
    }

    public void Dispose() => _asked.Dispose();
}
