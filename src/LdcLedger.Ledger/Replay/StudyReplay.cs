using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
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
        var fold = new StudyFold(study, everyEpoch ? null : rules.Select(r => r.Epoch).OfType<int>().ToHashSet());
        await foreach (var (fact, at, sequence) in StudyEvents.ReadAsync(store, study, upTo, cancellation))
            fold.Add(fact, at, sequence);
        return fold.Facts(rules, []);
    }
}
