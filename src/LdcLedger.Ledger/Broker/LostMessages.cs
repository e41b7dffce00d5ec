using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Relay;
using LdcLedger.Ledger.Store;
using Marten;

namespace LdcLedger.Ledger.Broker;

/// <summary>
/// Notices what the broker has lost while a process leads, by a purge, a deleted queue, or a worker that let a message go: the ledger wants
/// something, nobody does it, and fewer messages wait than that. What two looks in a row find is published again; a message too many is
/// harmless.
/// </summary>
internal sealed class LostMessages(LedgerStore store, Refill refill, BrokerAddress broker, TimeProvider time)
{
    /// <summary>A message needs far less from the relay to a worker's claim.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    private IReadOnlySet<Guid> _before = new HashSet<Guid>();
    private long _looked = time.GetTimestamp();

    /// <returns>How many messages were published; most often it is not yet time to look.</returns>
    public async Task<int> MendAsync(CancellationToken cancellation)
    {
        if (time.GetElapsedTime(_looked) < LookInterval)
            return 0;
        _looked = time.GetTimestamp();
        var lost = await MissingAsync(cancellation);
        var again = lost.Where(open => _before.Contains(open.Cause)).ToList();
        _before = lost.Select(open => open.Cause).ToHashSet();
        await refill.PublishAsync(again, cancellation);
        return again.Count;
    }

    private async Task<IReadOnlyList<OpenWork>> MissingAsync(CancellationToken cancellation)
    {
        var open = new List<OpenWork>();
        foreach (var study in await OpenStudiesAsync(cancellation))
            open.AddRange(await refill.OpenAsync(study, cancellation));
        if (open.Count == 0)
            return [];
        var held = await SessionLease.HeldAsync(
            store.DataSource,
            [.. open.Select(o => o.Message).OfType<TrainRun>().Select(m => RunLock.Subject(store, m.RunId))], cancellation);
        var idle = open.Where(o => o.Message is TrainRun run && !held.Contains(RunLock.Subject(store, run.RunId))).ToList();
        var unsettled = open.Where(o => o.Message is not TrainRun).ToList();

        await using var connection = await broker.Factory().CreateConnectionAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(null, cancellation);
        var missing = new List<OpenWork>();
        if (idle.Count > 0 && await channel.MessageCountAsync(TrainQueue.Name, cancellation) < idle.Count)
            missing.AddRange(idle);
        if (unsettled.Count > 0 && await channel.MessageCountAsync(Stage2Queue.Name, cancellation) < unsettled.Count)
            missing.AddRange(unsettled);
        return missing;
    }

    // From the read models, which know it at once: looking through a ledger of years every few seconds would be dear.
    private async Task<IEnumerable<Guid>> OpenStudiesAsync(CancellationToken cancellation)
    {
        await using var session = store.Marten.QuerySession();
        var studies = await session.Query<StudySummary>().Where(s => s.Status == StudyStatuses.Running).Select(s => s.Id)
            .ToListAsync(cancellation);
        var retried = await session.Query<RunSummary>()
            .Where(r => r.Status == RunStatuses.Planned || r.Status == RunStatuses.Running)
            .Select(r => r.StudyId).Distinct().ToListAsync(cancellation);
        return studies.Union(retried);
    }
}
