using LdcLedger.Domain;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Ledger.Replay;

/// <summary>
/// What the events of a study make of it, taken one after another. A copy goes on by itself and shares with its original whatever neither
/// of them adds to: of a study of hundreds of runs, all but a few.
/// </summary>
/// <param name="epochs">The epochs whose norms are kept beside every run's last one; null = all.</param>
internal sealed class StudyFold(Guid study, IReadOnlySet<int>? epochs)
{
    private StudyProgress? _progress;
    private Dictionary<Guid, RunSummary> _runs = [];
    private Dictionary<Guid, RunPerplexity> _perplexities = [];
    private PerRun<RunNormsBuilder> _norms = new(() => new(epochs), builder => builder.Copy());
    private PerRun<RunLossesBuilder> _losses = new(() => new(), builder => builder.Copy());
    private IReadOnlyList<RuleExtension> _extensions = [];

    /// <summary>How many events it has taken.</summary>
    public long Count { get; private set; }

    /// <summary>Place in the whole ledger of the last of them; 0: none yet.</summary>
    public long Sequence { get; private set; }

    public StudyFold Copy() => new(study, epochs)
    {
        _progress = _progress, _runs = new(_runs), _perplexities = new(_perplexities), _norms = _norms.Copy(), _losses = _losses.Copy(),
        _extensions = _extensions, Count = Count, Sequence = Sequence,
    };

    /// <summary>Takes the next event.</summary>
    /// <param name="sequence">Its place in the whole ledger.</param>
    public void Add(ILedgerEvent fact, DateTimeOffset at, long sequence)
    {
        (Count, Sequence) = (Count + 1, sequence);
        // By far the most: no other fold has use for them.
        if (fact is LayerNormMeasured measured)
        {
            _norms.Of(measured.RunId).Add(measured);
            return;
        }
        if (fact is not IRunEvent run)
        {
            _progress = StudyProgress.Evolve(_progress, fact, at);
            _extensions = RuleExtension.Evolve(_extensions, fact, at);
            return;
        }
        if (fact is EpochCompleted epoch)
            _losses.Of(run.RunId).Add(epoch);
        if (RunSummaryFold.Evolve(_runs.GetValueOrDefault(run.RunId), fact, at) is { } summary)
            _runs[run.RunId] = summary;
        if (RunPerplexityFold.Evolve(_perplexities.GetValueOrDefault(run.RunId), fact) is { } perplexity)
            _perplexities[run.RunId] = perplexity;
    }

    /// <summary>Everything that tables and figures under these rules state, but for position, root and time.</summary>
    /// <param name="rules">None: the study's own.</param>
    /// <param name="ranked">Rankings that were made of other moments; those of the same runs are taken over.</param>
    /// <exception cref="RuleViolation">There is no such study.</exception>
    /// <exception cref="LedgerDamaged">Its events are not what was recorded, and make no study.</exception>
    public StudyFacts Facts(IReadOnlyList<AggregationRule> rules, IEnumerable<DomainRankings> ranked)
    {
        if (_progress is null)
            throw _runs.Count == 0 ? new RuleViolation($"There is no study {study}; ldc study list shows them.")
                : LedgerDamaged.Because($"Study {study} has runs, and no event submits it");
        foreach (var run in _norms.Runs.Concat(_perplexities.Keys).Where(id => !_runs.ContainsKey(id)))
            throw LedgerDamaged.Because($"Run {run} has measurements, and no event plans it");
        var facts = StudyFacts.InOrder(
            _progress.Summary, _runs.Values, _norms.All.Select(n => n.Norms()).OfType<RunNorms>(), _perplexities.Values,
            _losses.All.SelectMany(l => l.Losses()), _extensions, 0, "", _progress.SubmittedAt);
        return facts with { Rankings = KeptRankings.Of(facts, rules.Count == 0 ? [facts.Study.Rule] : rules, ranked).All };
    }

    /// <summary>A builder for every run, copied when it is first added to after the fold was.</summary>
    private sealed class PerRun<T>(Func<T> make, Func<T, T> copy)
    {
        private readonly HashSet<Guid> _own = [];
        private Dictionary<Guid, T> _all = [];

        public IEnumerable<Guid> Runs => _all.Keys;

        public IEnumerable<T> All => _all.Values;

        public T Of(Guid run)
        {
            if (_own.Add(run))
                _all[run] = _all.TryGetValue(run, out var shared) ? copy(shared) : make();
            return _all[run];
        }

        public PerRun<T> Copy()
        {
            _own.Clear();
            return new(make, copy) { _all = new(_all) };
        }
    }
}
