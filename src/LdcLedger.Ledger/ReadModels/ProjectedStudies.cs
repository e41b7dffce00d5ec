using JasperFx.Events;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Store;
using Marten;

namespace LdcLedger.Ledger.ReadModels;

/// <summary>
/// The studies of a projection, as they stood before the page of events that it is at. They are kept from page to page in memory; one
/// that is not there, after a start or a page that failed, is folded from its stream. Kept in the database, a study of thousands of runs
/// would be written whole for each of them.
/// </summary>
internal sealed class ProjectedStudies
{
    private readonly KeptStudies<Projected> _studies = new(projected => projected.Study);

    /// <param name="Version">Of the last event in it, in the study's stream.</param>
    /// <param name="Sequence">Of the same, in the whole ledger.</param>
    private sealed record Projected(StudyProgress Study, long Version, long Sequence);

    /// <summary>Null where the study begins in this page.</summary>
    public async Task<StudyProgress?> BeforeAsync(
        IQuerySession session, Guid study, IReadOnlyList<IEvent> page, CancellationToken cancellation)
    {
        var first = page.FirstOrDefault(e => e.StreamId == study)?.Version;
        if (_studies.Find(study) is { } kept && kept.Sequence < page[0].Sequence && (first ?? kept.Version + 1) == kept.Version + 1)
            return kept.Study;
        if (first == 1)
            return null;
        var stream = await session.Events.FetchStreamAsync(study, token: cancellation);
        var before = stream.Where(e => e.Sequence < page[0].Sequence).ToList();
        var progress = before.Aggregate((StudyProgress?)null, (state, e) => StudyProgress.Evolve(state, e.Fact, e.Timestamp));
        if (progress is not null)
            _studies.Keep(study, new(progress, before[^1].Version, before[^1].Sequence));
        return progress;
    }

    /// <summary>Keeps what a page made of its studies.</summary>
    public void Keep(IReadOnlyDictionary<Guid, StudyProgress?> studies, IReadOnlyList<IEvent> page)
    {
        var streams = page.Where(e => EventIds.StudyOf(e.Fact) == e.StreamId).GroupBy(e => e.StreamId);
        foreach (var last in streams.Select(stream => stream.Last()))
            if (studies[last.StreamId] is { } progress)
                _studies.Keep(last.StreamId, new(progress, last.Version, last.Sequence));
    }
}
