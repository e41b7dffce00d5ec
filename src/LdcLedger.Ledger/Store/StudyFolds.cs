using LdcLedger.Domain.Studies;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// Studies as this process read them last. A ledger only grows, so what was read once stays true, and the next look reads no more than what
/// was appended since: following a study to its end costs as many reads as it has events, however often somebody looks.
/// </summary>
internal sealed class StudyFolds
{
    private const int Kept = 32;   // the largest, of thousands of runs, take a few megabytes

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (StreamState<StudyProgress> Study, long Used)> _studies = [];
    private long _uses;

    /// <summary>Before the first read: the empty stream.</summary>
    public StreamState<StudyProgress> Last(Guid study)
    {
        lock (_lock)
        {
            if (!_studies.TryGetValue(study, out var kept))
                return new(null, default);
            _studies[study] = (kept.Study, ++_uses);
            return kept.Study;
        }
    }

    /// <summary>Keeps what was read, unless somebody has read further meanwhile; what was not used for longest goes.</summary>
    public void Keep(Guid study, StreamState<StudyProgress> read)
    {
        lock (_lock)
        {
            if (read.Head.Version <= (_studies.TryGetValue(study, out var kept) ? kept.Study.Head.Version : 0))
                return;
            _studies[study] = (read, ++_uses);
            if (_studies.Count > Kept)
                _studies.Remove(_studies.MinBy(s => s.Value.Used).Key);
        }
    }
}
