using LdcLedger.Domain;
using LdcLedger.Domain.Specs;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Runs;

/// <summary>Whether somebody who could train sees the models and corpora that runs need.</summary>
public sealed class InputSightings(LedgerStore store, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Asks the living workers.</summary>
    /// <returns>What to tell whoever asked for the runs; null: nothing.</returns>
    /// <exception cref="RuleViolation">No living worker sees one of them.</exception>
    public async Task<string?> CheckAsync(
        IReadOnlyList<ResolvedModel> models, IReadOnlyList<ResolvedDomain> domains, CancellationToken cancellation = default)
    {
        var things = models
            .Select(m => (What: $"model {m.Name}", m.Path)).Concat(domains.Select(d => (What: $"domain {d.Name}", d.Path))).ToList();
        var (answered, unseen) = await new WorkerRegister(store).AskAsync(
            [.. things.Select(t => t.Path).Distinct()], AnswerTimeout, time, cancellation);
        return unseen.Count == 0
            ? answered == 0 ? "No worker is running; the runs wait until one starts (`ldc worker`)." : null
            : throw new RuleViolation($"none of {Plural.Of(answered, "living worker")} can see "
                + $"{string.Join(", ", things.Where(t => unseen.Contains(t.Path)).Select(t => $"{t.What} at {t.Path}"))}: put it "
                + "there on the workers, or name a path that they share.");
    }
}
