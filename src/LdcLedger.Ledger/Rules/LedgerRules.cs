using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Rules;

/// <summary>The aggregation rules of this ledger: on a stream of its own, added to, never changed.</summary>
public sealed class LedgerRules(LedgerStore store, LedgerWriter writer)
{
    /// <summary>The built-in rules and those that were defined here.</summary>
    public async Task<RuleBook> BookAsync(CancellationToken cancellation = default) =>
        RuleBook.Of(await DefinedAsync(cancellation));

    /// <summary>Those that were defined here, in the order of their definition.</summary>
    public async Task<IReadOnlyList<DefinedRule>> DefinedAsync(CancellationToken cancellation = default) =>
        (await store.RulesAsync(cancellation)).State ?? [];

    /// <summary>Records a rule as the next version of its name, unless a version says the same already.</summary>
    /// <param name="rule">Its version does not count.</param>
    /// <param name="by">Whose token asked for it; null: the command line.</param>
    /// <returns>The rule with the version that it has here.</returns>
    /// <exception cref="RuleViolation">The name is that of a built-in rule, which says something else.</exception>
    public async Task<(AggregationRule Rule, bool IsNew)> DefineAsync(
        AggregationRule rule, CancellationToken cancellation = default, string? by = null)
    {
        while (true)
        {
            var seen = await store.RulesAsync(cancellation);
            var (defined, isNew) = RuleBook.Of(seen.State ?? []).Define(rule);
            if (!isNew)
                return (defined, false);
            try
            {
                await writer.AppendAsync(
                    [new AggregationRuleDefined(defined, by)], new Dictionary<Guid, StreamHead> { [LedgerIds.Rules] = seen.Head }, null,
                    cancellation);
                return (defined, true);
            }
            catch (LedgerConflict)
            {
                // Somebody defined one just now: look again.
            }
        }
    }
}
