using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Ledger.Replay;

/// <summary>
/// Folds a study's stored events again, in one pass, under any number of rules at once. Nothing that is kept is read or changed; at the
/// same position the result is that of the read models, bit for bit.
/// </summary>
public sealed class StudyReplay(LedgerStore store)
{
    /// <summary>
    /// Everything that tables and figures under these rules state. Of norms only the epochs that the rules ask for: a rule's own, and every
    /// run's last.
    /// </summary>
    /// <param name="rules">None: the study's own.</param>
    /// <param name="upTo">The place in the whole ledger after which events do not count.</param>
    /// <param name="everyEpoch">Whether the norms of every epoch are wanted.</param>
    /// <exception cref="RuleViolation">There is no such study.</exception>
    /// <exception cref="LedgerDamaged">Its events are not what was recorded, and make no study.</exception>
    public async Task<StudyFacts> FactsAsync(
        Guid study, IReadOnlyList<AggregationRule> rules, long upTo, CancellationToken cancellation = default, bool everyEpoch = false)
    {
        var facts = await FoldAsync(study, rules, upTo, cancellation, everyEpoch);
        var root = await StudyRoot.OfAsync(store, study, upTo, cancellation);
        return facts with { Position = root.Position, Root = root.Root, AsOf = root.AsOf };
    }

    /// <summary>The same, but for position, root and time.</summary>
    internal async Task<StudyFacts> FoldAsync(
        Guid study, IReadOnlyList<AggregationRule> rules, long upTo, CancellationToken cancellation, bool everyEpoch = false)
    {
        var epochs = everyEpoch ? null : rules.Select(r => r.Epoch).OfType<int>().ToHashSet();
        var progress = (StudyProgress?)null;
        var runs = new Dictionary<Guid, RunSummary>();
        var norms = new Dictionary<Guid, RunNormsBuilder>();
        var perplexities = new Dictionary<Guid, RunPerplexity>();
        var losses = new RunLossesBuilder();
        IReadOnlyList<RuleExtension> extensions = [];
        await foreach (var (fact, at) in StudyEvents.ReadAsync(store, study, upTo, cancellation))
        {
            // By far the most: no other fold has use for them.
            if (fact is LayerNormMeasured measured)
            {
                if (!norms.TryGetValue(measured.RunId, out var gathered))
                    norms[measured.RunId] = gathered = new(epochs);
                gathered.Add(measured);
                continue;
            }
            if (fact is not IRunEvent run)
            {
                progress = StudyProgress.Evolve(progress, fact, at);
                extensions = RuleExtension.Evolve(extensions, fact, at);
                continue;
            }
            if (fact is EpochCompleted epoch)
                losses.Add(epoch);
            if (RunSummaryFold.Evolve(runs.GetValueOrDefault(run.RunId), fact, at) is { } summary)
                runs[run.RunId] = summary;
            if (RunPerplexityFold.Evolve(perplexities.GetValueOrDefault(run.RunId), fact) is { } perplexity)
                perplexities[run.RunId] = perplexity;
        }
        if (progress is null)
            throw runs.Count == 0 ? new RuleViolation($"There is no study {study}; ldc study list shows them.")
                : LedgerDamaged.Because($"Study {study} has runs, and no event submits it");
        foreach (var run in norms.Keys.Concat(perplexities.Keys).Where(id => !runs.ContainsKey(id)))
            throw LedgerDamaged.Because($"Run {run} has measurements, and no event plans it");
        var facts = StudyFacts.InOrder(
            progress.Summary, runs.Values, norms.Values.Select(n => n.Norms()).OfType<RunNorms>(), perplexities.Values,
            losses.Losses(), extensions, 0, "", progress.SubmittedAt);
        return facts with { Rankings = KeptRankings.Of(facts, rules.Count == 0 ? [facts.Study.Rule] : rules, []).All };
    }
}
