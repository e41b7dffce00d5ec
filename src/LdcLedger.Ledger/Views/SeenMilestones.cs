using LdcLedger.Domain.Events;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Views;

/// <summary>
/// What a study's own stream states, but for how each run ended, with the position of each: what was read before stays.
/// </summary>
internal sealed class SeenMilestones(LedgerStore store, Guid study)
{
    private static readonly IReadOnlyList<string> Types =
    [
        .. EventKinds.All.Where(kind => kind.Stream == EventStream.Study && kind.Record != typeof(RunSettled)).Select(kind => kind.Alias),
    ];

    private readonly SemaphoreSlim _one = new(1);
    private IReadOnlyList<(long Position, LedgerEvent Event)> _seen = [];
    private long _upTo, _length;

    /// <summary>Letters of JSON that they hold.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <param name="upTo">A place in the whole ledger.</param>
    public async Task<IReadOnlyList<(long Position, LedgerEvent Event)>> OfAsync(long upTo, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (upTo > _upTo)
            {
                var last = _seen.Count == 0 ? ((long, long)?)null : (_seen[^1].Position, _seen[^1].Event.Sequence);
                var later = await ListedEvents.MilestonesAsync(store, study, Types, last, upTo, cancellation);
                (_seen, _upTo) = ([.. _seen, .. later], upTo);
                Interlocked.Add(ref _length, later.Sum(m => (long)m.Event.Data.Length));
            }
            return _seen.Count == 0 || _seen[^1].Event.Sequence <= upTo ? _seen : [.. _seen.TakeWhile(m => m.Event.Sequence <= upTo)];
        }
        finally
        {
            _one.Release();
        }
    }
}
