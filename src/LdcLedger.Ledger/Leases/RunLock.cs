using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Leases;

/// <summary>
/// A sign that a living process has a run. It keeps a message that is delivered twice from taking the run away from the worker that trains
/// it. It is no fence (a connection can break unnoticed); the fence is the attempt in the ledger.
/// </summary>
internal static class RunLock
{
    /// <summary>A process that was frozen, or whose machine is gone, has lost its runs after this.</summary>
    public static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(30);

    public static string Subject(LedgerStore store, Guid run) => $"ldc run of {store.Schema} {run:N}";

    /// <summary>Null where a living process has the run.</summary>
    public static Task<SessionLease?> TryTakeAsync(LedgerStore store, Guid run, CancellationToken cancellation) =>
        SessionLease.TryTakeAsync(store.ConnectionString, Subject(store, run), SilenceTimeout, cancellation: cancellation);
}
