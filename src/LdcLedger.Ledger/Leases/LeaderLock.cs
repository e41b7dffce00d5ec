using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Leases;

/// <summary>The right to run projections and relay, which only one process of a ledger has at a time.</summary>
public static class LeaderLock
{
    private static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>Held while somebody leads, whatever it is.</summary>
    public static string Subject(LedgerStore store) => $"ldc leader of {store.Schema}";

    /// <summary>Held while somebody leads a study, or every study: by the same process that holds the lock itself.</summary>
    /// <param name="study">Null: every study.</param>
    public static string Subject(LedgerStore store, Guid? study) =>
        study is { } one ? $"ldc leader of {store.Schema}, study {one:N}" : $"ldc leader of {store.Schema}, every study";

    /// <summary>Takes the lock for the read models alone; null where another process has it.</summary>
    public static Task<SessionLease?> TryTakeAsync(LedgerStore store, TimeProvider time, CancellationToken cancellation) =>
        SessionLease.TryTakeAsync(store.ConnectionString, Subject(store), SilenceTimeout, time, cancellation);

    /// <summary>Waits until this process may bring the read models up to date.</summary>
    public static Task<SessionLease> TakeAsync(LedgerStore store, TimeProvider time, CancellationToken cancellation) =>
        TakeAsync(() => TryTakeAsync(store, time, cancellation), time, cancellation, null);

    /// <summary>Waits until this process is the leader.</summary>
    /// <param name="study">Which study it leads; null: every study.</param>
    /// <param name="standingBy">Called each time that another process was seen to lead.</param>
    public static Task<SessionLease> LeadAsync(
        LedgerStore store, Guid? study, TimeProvider time, CancellationToken cancellation, Action? standingBy = null) =>
        TakeAsync(() => SessionLease.TryTakeBothAsync(
            store.ConnectionString, Subject(store), Subject(store, study), SilenceTimeout, time, cancellation),
            time, cancellation, standingBy);

    private static async Task<SessionLease> TakeAsync(
        Func<Task<SessionLease?>> attempt, TimeProvider time, CancellationToken cancellation, Action? standingBy)
    {
        while (true)
        {
            if (await attempt() is { } taken)
                return taken;
            standingBy?.Invoke();
            await Task.Delay(PollInterval, time, cancellation);
        }
    }
}
