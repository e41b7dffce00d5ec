using JasperFx.Events.Daemon;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Ledger.ReadModels;

/// <summary>How far the read models have come in the ledger, and waiting for them.</summary>
/// <param name="waits">False: catching up is passed over, so that whoever asks gets the read models as they stand.</param>
public sealed class ReadModelProgress(LedgerStore store, TimeProvider time, bool waits = true)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StandstillTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LeadInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits until the read models contain everything that is in the ledger now.</summary>
    public async Task CatchUpAsync(CancellationToken cancellation = default)
    {
        if (waits)
            await WaitForAsync(await LongAsync($"select coalesce(max(seq_id), 0) from {store.Tables.Events}", cancellation), cancellation);
    }

    /// <summary>Place in the whole ledger up to which the read models contain every event.</summary>
    public Task<long> PositionAsync(CancellationToken cancellation = default) =>
        LongAsync($"select coalesce(max(last_seq_id), 0) from {store.Tables.Progress} where name = '{ReadModelProjection.Progress}'",
            cancellation);

    /// <summary>
    /// Waits for a place in the whole ledger. Where no process runs the projections, this one does, as far as needed.
    /// </summary>
    /// <exception cref="LedgerUnavailable">The process that runs the projections does not get on for a minute.</exception>
    public async Task WaitForAsync(long place, CancellationToken cancellation = default)
    {
        var (reached, since, asked) = (-1L, time.GetTimestamp(), (long?)null);
        for (var position = await PositionAsync(cancellation); position < place; position = await PositionAsync(cancellation))
        {
            if (position > reached)
                (reached, since) = (position, time.GetTimestamp());
            else if (time.GetElapsedTime(since) > StandstillTimeout)
                throw new LedgerUnavailable(
                    $"The read models stand at event {position} of {place} and have not moved for a minute: "
                    + "look at the log of the ldc that leads, or end it.");
            if (asked is { } last && time.GetElapsedTime(last) < LeadInterval)
            {
                await Task.Delay(PollInterval, time, cancellation);
                continue;
            }
            await using (var leader = await LeaderLock.TryTakeAsync(store, time, cancellation))
                if (leader is not null)
                    await ProjectAsync(cancellation);
            asked = time.GetTimestamp();
        }
    }

    /// <summary>Empties the read models and folds the whole ledger again.</summary>
    /// <exception cref="LedgerUnavailable">Another process leads: what it projects meanwhile would count twice.</exception>
    public async Task RebuildAsync(CancellationToken cancellation = default)
    {
        await using var leader = await LeaderLock.TryTakeAsync(store, time, cancellation)
            ?? throw new LedgerUnavailable("The read models cannot be rebuilt while an ldc leads this ledger: end it, then try again.");
        await using var projecting = store.Configure(ReadModelProjection.AddTo);
        using var daemon = await projecting.BuildProjectionDaemonAsync(logger: store.Loggers.CreateLogger<ReadModelProjection>());
        await daemon.RebuildProjectionAsync(ReadModelProjection.Name, TimeSpan.FromHours(1), cancellation);
    }

    private async Task ProjectAsync(CancellationToken cancellation)
    {
        await using var projecting = store.Configure(ReadModelProjection.AddTo);
        using IProjectionDaemon daemon =
            await projecting.BuildProjectionDaemonAsync(logger: store.Loggers.CreateLogger<ReadModelProjection>());
        await daemon.CatchUpAsync(cancellation);
    }

    private async Task<long> LongAsync(string sql, CancellationToken cancellation)
    {
        await using var command = store.DataSource.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
