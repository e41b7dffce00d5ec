using LdcLedger.Domain.Studies;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// Studies as this process read them last. A ledger only grows, so what was read once stays true, and the next look reads no more than what
/// was appended since: following a study to its end costs as many reads as it has events, however often somebody looks.
/// </summary>
internal sealed class StudyFolds(int mostRuns = KeptStudies.MostRuns)
{
    private readonly Lock _lock = new();
    private readonly KeptStudies<StreamState<StudyProgress>> _studies = new(read => read.State!, mostRuns);

    /// <summary>Before the first read: the empty stream.</summary>
    public StreamState<StudyProgress> Last(Guid study)
    {
        lock (_lock)
            return _studies.Find(study) ?? new(null, default);
    }

    /// <summary>Keeps what was read, unless it is nothing, or somebody has read further meanwhile.</summary>
    public void Keep(Guid study, StreamState<StudyProgress> read)
    {
        lock (_lock)
            if (read.State is not null && read.Head.Version > (_studies.Find(study)?.Head.Version ?? 0))
                _studies.Keep(study, read);
    }
}
