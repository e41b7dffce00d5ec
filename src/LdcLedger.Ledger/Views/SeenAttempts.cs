using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Views;

/// <summary>Who had which of a study's runs when; of its events, only those after the last look are read.</summary>
internal sealed class SeenAttempts(LedgerStore store, Guid study)
{
    private static readonly IReadOnlyList<string> Types = [.. RunAttempt.Facts.Select(fact => EventKinds.Of(fact).Alias)];

    private readonly SemaphoreSlim _one = new(1);
    private readonly List<(long Sequence, ILedgerEvent Fact, DateTimeOffset At)> _seen = [];
    private long _upTo, _length;

    /// <summary>Letters of JSON that it was read from.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <param name="upTo">A place in the whole ledger.</param>
    public async Task<IReadOnlyList<RunAttempt>> OfAsync(long upTo, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (upTo > _upTo)
            {
                foreach (var e in await ListedEvents.OfStudyAsync(store, study, Types, _upTo, upTo, cancellation))
                    if (e.Fact is { } fact)
                    {
                        _seen.Add((e.Sequence, fact, e.Timestamp));
                        Interlocked.Add(ref _length, e.Data.Length);
                    }
                _upTo = upTo;
            }
            return RunAttempt.Of(_seen.TakeWhile(seen => seen.Sequence <= upTo).Select(seen => (seen.Fact, seen.At)));
        }
        finally
        {
            _one.Release();
        }
    }
}
