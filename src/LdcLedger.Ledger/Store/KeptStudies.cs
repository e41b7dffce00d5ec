using LdcLedger.Domain.Studies;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// What this process remembers of studies, up to so many runs in all: memory goes with runs, so that a thousand small studies are kept
/// where a few large ones are. Whichever was not used for longest goes first; the one that was just used stays.
/// </summary>
/// <param name="progress">The study in what is remembered of it.</param>
internal sealed class KeptStudies<T>(Func<T, StudyProgress> progress, int mostRuns = KeptStudies.MostRuns) where T : class
{
    private readonly Dictionary<Guid, (T Study, int Runs, long Used)> _kept = [];
    private int _runs;
    private long _uses;

    /// <summary>Null where nothing is remembered.</summary>
    public T? Find(Guid id)
    {
        if (!_kept.TryGetValue(id, out var kept))
            return null;
        _kept[id] = kept with { Used = ++_uses };
        return kept.Study;
    }

    public void Keep(Guid id, T study)
    {
        Remove(id);
        var runs = Math.Max(1, progress(study).Runs.Count);
        _kept[id] = (study, runs, ++_uses);
        _runs += runs;
        while (_runs > mostRuns && _kept.Count > 1)
            Remove(_kept.MinBy(s => s.Value.Used).Key);
    }

    private void Remove(Guid id)
    {
        if (_kept.Remove(id, out var gone))
            _runs -= gone.Runs;
    }
}

internal static class KeptStudies
{
    /// <summary>Each takes some 400 bytes.</summary>
    public const int MostRuns = 100_000;
}
