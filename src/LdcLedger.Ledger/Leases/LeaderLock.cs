using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Leases;

/// <summary>The right to run projections and relay, which only one process of a ledger has at a time.</summary>
public static class LeaderLock
{
    private static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>Takes the lock; null where another process has it.</summary>
    public static Task<SessionLease?> TryTakeAsync(LedgerStore store, TimeProvider time, CancellationToken cancellation) =>
        SessionLease.TryTakeAsync(store.ConnectionString, $"ldc leader of {store.Schema}", SilenceTimeout, time, cancellation);

    /// <summary>Waits until this process is the leader.</summary>
    /// <param name="standingBy">Called each time that another process was seen to lead.</param>
    public static async Task<SessionLease> TakeAsync(
        LedgerStore store, TimeProvider time, CancellationToken cancellation, Action? standingBy = null)
    {
        while (true)
        {
            if (await TryTakeAsync(store, time, cancellation) is { } taken)
                return taken;
            standingBy?.Invoke();
            await Task.Delay(PollInterval, time, cancellation);
        }
    }
}
