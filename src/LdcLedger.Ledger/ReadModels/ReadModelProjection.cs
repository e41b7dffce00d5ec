using JasperFx.Events;
using JasperFx.Events.Projections;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Store;
using Marten;
using Marten.Events.Projections;

namespace LdcLedger.Ledger.ReadModels;

/// <summary>
/// All read models, folded from the events by the Domain's pure folds. One projection, so that all of them always stand at one position of
/// the ledger, and a report read from them is of one moment.
/// </summary>
public sealed class ReadModelProjection : IProjection
{
    public const string Name = ReadModelTables.Projection;

    private readonly ProjectedStudies _studies = new();

    internal const string Progress = ReadModelTables.Progress;

    internal static void AddTo(StoreOptions options) =>
        options.Projections.Add(new ReadModelProjection(), ProjectionLifecycle.Async, Name, async =>
        {
            async.BatchSize = 2_000;
            foreach (var document in ReadModelTables.Documents)
                async.DeleteViewTypeOnTeardown(document);
        });

    public async Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        var runIds = events.Select(e => EventIds.StreamOf(e.Fact)).Distinct().ToArray();
        var studyIds = events.Select(e => EventIds.StudyOf(e.Fact)).OfType<Guid>().Distinct();
        var studies = new Dictionary<Guid, StudyProgress?>();
        foreach (var id in studyIds)
            studies[id] = await _studies.BeforeAsync(operations, id, events, cancellation);
        var runs = new Fold<RunSummary>(await operations.LoadManyAsync<RunSummary>(cancellation, runIds), r => r.Id);
        var norms = new Fold<RunNorms>(await operations.LoadManyAsync<RunNorms>(cancellation, runIds), n => n.Id);
        var perplexities = new Fold<RunPerplexity>(await operations.LoadManyAsync<RunPerplexity>(cancellation, runIds), p => p.Id);
        var touched = new HashSet<Guid>();
        var ranked = new HashSet<(Guid Study, string Model, string Domain)>();

        foreach (var e in events)
        {
            var stream = EventIds.StreamOf(e.Fact);
            if (EventIds.StudyOf(e.Fact) == stream)
            {
                studies[stream] = StudyProgress.Evolve(studies.GetValueOrDefault(stream), e.Fact, e.Timestamp);
                touched.Add(stream);
            }
            runs.Apply(stream, run => RunSummaryFold.Evolve(run, e.Fact, e.Timestamp));
            norms.Apply(stream, n => RunNormsFold.Evolve(n, e.Fact));
            perplexities.Apply(stream, p => RunPerplexityFold.Evolve(p, e.Fact));

            if (e.Data is RunCompleted && runs[stream] is { Role: Regimes.All } all)
                ranked.Add((all.StudyId, all.Model, all.Domain));
        }

        _studies.Keep(studies, events);
        operations.Store(touched.Select(id => studies[id]?.Summary).OfType<StudySummary>());
        operations.Store(runs.Changed);
        operations.Store(norms.Changed);
        operations.Store(perplexities.Changed);
        if (ranked.Count > 0)
            operations.Store(await RankAsync(operations, ranked, studies, runs, norms, cancellation));
    }

    // Under each study's own rule, by which everybody looks at it, and under what else somebody has asked for. Over the completed runs so
    // far: while seeds are missing, a ranking is provisional, and the saga does not act on it.
    private static async Task<IEnumerable<DomainRankings>> RankAsync(
        IDocumentOperations operations, HashSet<(Guid Study, string Model, string Domain)> ranked,
        Dictionary<Guid, StudyProgress?> studies, Fold<RunSummary> runs, Fold<RunNorms> norms, CancellationToken cancellation)
    {
        var ids = ranked.Where(cell => studies.GetValueOrDefault(cell.Study) is not null)
            .ToDictionary(cell => cell, cell => AllRuns(studies[cell.Study]!.Submitted, cell.Model, cell.Domain));
        var of = ids.Keys.Select(cell => cell.Study).Distinct().ToArray();
        var kept = await operations.Query<DomainRankings>().Where(r => r.StudyId.IsOneOf(of)).ToListAsync(cancellation);
        var asked = ids.Keys.Select(cell => (Cell: cell, studies[cell.Study]!.Summary.Rule))
            .Concat(kept.Select(r => (Cell: (Study: r.StudyId, r.Model, r.Domain), r.Rule)).Where(r => ids.ContainsKey(r.Cell)))
            .DistinctBy(r => (r.Cell, r.Rule.Hash)).ToList();
        var wanted = ids.Values.SelectMany(all => all).Distinct().ToList();
        runs.Know(await operations.LoadManyAsync<RunSummary>(cancellation, [.. wanted.Where(id => !runs.Knows(id))]));
        norms.Know(await operations.LoadManyAsync<RunNorms>(cancellation, [.. wanted.Where(id => !norms.Knows(id))]));
        return asked.Select(r => DomainRankings.Of(
            r.Cell.Study, r.Cell.Model, r.Cell.Domain, r.Rule,
            [.. ids[r.Cell].Where(id => runs[id]?.Status == RunStatuses.Completed).Select(id => (id, runs[id]!.Seed, norms[id]))]));
    }

    private static IReadOnlyList<Guid> AllRuns(StudySubmitted study, string model, string domain) =>
        StudyPlan.AllRuns(study, study.Models.First(m => m.Name == model), domain);

    /// <summary>Documents of a page of events: loaded, folded, and those that changed.</summary>
    private sealed class Fold<T>(IEnumerable<T> loaded, Func<T, Guid> id) where T : class
    {
        private readonly Dictionary<Guid, T> _documents = loaded.ToDictionary(id);
        private readonly HashSet<Guid> _changed = [];

        public T? this[Guid key] => _documents.GetValueOrDefault(key);

        public IEnumerable<T> Changed => _changed.Select(key => _documents[key]);

        public bool Knows(Guid key) => _documents.ContainsKey(key);

        public void Know(IEnumerable<T> more)
        {
            foreach (var document in more)
                _documents[id(document)] = document;
        }

        public void Apply(Guid key, Func<T?, T?> evolve)
        {
            var before = this[key];
            if (evolve(before) is not { } after || ReferenceEquals(before, after))
                return;
            _documents[key] = after;
            _changed.Add(key);
        }
    }
}
