using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Ledger.Views;

/// <summary>
/// Studies at earlier moments. A fold is kept every so many events, and a moment is folded on from the nearest one before it: whoever goes
/// back and forth in a study reads it once.
/// </summary>
/// <param name="eventsBetween">From one kept fold to the next; more in a study of very many events.</param>
internal sealed class FoldedStudies(LedgerStore store, int eventsBetween = 500)
{
    // A copy shares what it can with the others; what it has for itself is some hundred kilobytes of a large study.
    private const int MostOfOne = 50, MostStudies = 4, MostRankings = 2_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (Folds Folds, long Used)> _studies = [];
    private long _uses;

    /// <param name="rules">Those it is ranked under; none: its own.</param>
    public async Task<StudyFacts> FactsAsync(StudyMoment moment, IReadOnlyList<AggregationRule> rules)
    {
        var folds = Of(moment.StudyId);
        var fold = folds.Before(moment.Sequence) ?? new(moment.StudyId, epochs: null);
        var between = Math.Max(eventsBetween, moment.Of / MostOfOne);
        await foreach (var (fact, at, sequence) in StudyEvents.ReadAsync(
            store, moment.StudyId, moment.Sequence, CancellationToken.None, fold.Sequence))
        {
            fold.Add(fact, at, sequence);
            if (fold.Count % between == 0)
                folds.Keep(fold.Copy());
        }
        var facts = fold.Facts(rules, folds.Ranked());
        folds.Keep(facts.Rankings);
        var root = await StudyRoot.OfAsync(store, moment.StudyId, moment.Sequence);
        return facts with { Position = root.Position, Root = root.Root, AsOf = root.AsOf };
    }

    private Folds Of(Guid study)
    {
        lock (_lock)
        {
            if (!_studies.TryGetValue(study, out var known))
            {
                known.Folds = new();
                if (_studies.Count >= MostStudies)
                    _studies.Remove(_studies.MinBy(s => s.Value.Used).Key);
            }
            _studies[study] = (known.Folds, ++_uses);
            return known.Folds;
        }
    }

    /// <summary>What is kept of one study.</summary>
    private sealed class Folds
    {
        private readonly Lock _lock = new();
        private readonly SortedList<long, StudyFold> _folds = [];
        private readonly Dictionary<(string Id, string Runs), DomainRankings> _rankings = [];

        /// <summary>The last that has come no further than a place in the whole ledger, to go on from; null: there is none.</summary>
        public StudyFold? Before(long sequence)
        {
            lock (_lock)
                return _folds.Values.LastOrDefault(fold => fold.Sequence <= sequence)?.Copy();
        }

        public void Keep(StudyFold fold)
        {
            lock (_lock)
            {
                _folds[fold.Count] = fold;
                if (_folds.Count <= 2 * MostOfOne)
                    return;
                // It has grown since: every second one is enough.
                foreach (var count in _folds.Keys.Where((_, i) => i % 2 == 0).ToList())
                    _folds.Remove(count);
            }
        }

        /// <summary>Rankings that were made, of whichever moment.</summary>
        public IReadOnlyList<DomainRankings> Ranked()
        {
            lock (_lock)
                return [.. _rankings.Values];
        }

        public void Keep(IReadOnlyList<DomainRankings> rankings)
        {
            lock (_lock)
            {
                if (_rankings.Count > MostRankings)
                    _rankings.Clear();
                foreach (var ranking in rankings)
                    _rankings[(ranking.Id, string.Join(' ', ranking.Runs))] = ranking;
            }
        }
    }
}
