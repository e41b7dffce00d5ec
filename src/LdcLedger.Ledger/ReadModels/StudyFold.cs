using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Ledger.ReadModels;

/// <summary>One study's read models in memory, folded from its events in ledger order by the folds of the projection.</summary>
internal sealed class StudyFold
{
    private readonly Dictionary<Guid, RunSummary> _runs = [];
    private readonly Dictionary<Guid, RunNorms> _norms = [];
    private readonly Dictionary<Guid, RunPerplexity> _perplexities = [];
    private StudyProgress? _study;

    public void Apply(ILedgerEvent fact, DateTimeOffset at)
    {
        var stream = EventIds.StreamOf(fact);
        if (EventIds.StudyOf(fact) == stream)
            _study = StudyProgress.Evolve(_study, fact, at);
        Keep(_runs, stream, run => RunSummaryFold.Evolve(run, fact, at));
        Keep(_norms, stream, norms => RunNormsFold.Evolve(norms, fact));
        Keep(_perplexities, stream, perplexity => RunPerplexityFold.Evolve(perplexity, fact));
    }

    /// <param name="root">Of the very events that were applied.</param>
    public StudyFacts Facts(StudyRoot root)
    {
        var runs = LedgerQueries.InOrder(_runs.Values);
        return new(
            _study!.Summary, runs, [.. runs.Select(r => _norms.GetValueOrDefault(r.Id)).OfType<RunNorms>()],
            [.. runs.Select(r => _perplexities.GetValueOrDefault(r.Id)).OfType<RunPerplexity>()], root.Position, root.Root, root.AsOf);
    }

    private static void Keep<T>(Dictionary<Guid, T> documents, Guid stream, Func<T?, T?> evolve) where T : class
    {
        if (evolve(documents.GetValueOrDefault(stream)) is { } after)
            documents[stream] = after;
    }
}
