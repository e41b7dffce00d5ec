using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;
using Marten;
using Npgsql;

namespace LdcLedger.Ledger.ReadModels;

/// <summary>
/// The rankings of a study under its own rule, which the projection keeps, and under others that somebody has asked for: made when they
/// are first asked for, then kept up to date by the projection. One names the runs that it ranks by, so that whoever reads it sees whether
/// it is of the present: where the projection passed while it was being made, it is made again.
/// </summary>
internal static class KeptRankings
{
    /// <summary>The rankings under these rules of every cell: those that are kept and of the present, and the others made now.</summary>
    /// <param name="kept">Of this moment or others: those count that rank by the very runs that have completed.</param>
    public static (IReadOnlyList<DomainRankings> All, IReadOnlyList<DomainRankings> Made) Of(
        StudyFacts facts, IEnumerable<AggregationRule> rules, IEnumerable<DomainRankings> kept)
    {
        var byId = kept.ToLookup(r => r.Id);
        var runs = facts.Runs.ToDictionary(r => r.Id);
        var norms = facts.Norms.ToDictionary(n => n.Id);
        var (all, made) = (new List<DomainRankings>(), new List<DomainRankings>());
        foreach (var (hash, rule) in rules.Select(r => (r.Hash, r)).DistinctBy(r => r.Hash))
            foreach (var (model, domain, completed) in Cells(facts.Study, id => runs.GetValueOrDefault(id)))
            {
                var there = byId[DomainRankings.IdOf(facts.Study.Id, model, domain, hash)]
                    .FirstOrDefault(ranking => ranking.Runs.SequenceEqual(completed.Select(r => r.Id)));
                if (there is null)
                    made.Add(there = DomainRankings.Of(
                        facts.Study.Id, model, domain, rule, [.. completed.Select(r => (r.Id, r.Seed, norms.GetValueOrDefault(r.Id)))]));
                all.Add(there);
            }
        return (all, made);
    }

    /// <summary>Keeps what was made; a user who may only read does without.</summary>
    public static async Task KeepAsync(LedgerStore store, IReadOnlyList<DomainRankings> made, CancellationToken cancellation)
    {
        if (made.Count == 0)
            return;
        try
        {
            await using var session = store.Marten.LightweightSession();
            session.Store(made.AsEnumerable());
            await session.SaveChangesAsync(cancellation);
        }
        catch (Exception refused) when (refused.WithCauses().Any(
            cause => cause is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege }))
        {
            // It was asked, and is answered all the same.
        }
    }

    // In the order of the spec; the completed runs in the order of seeds.
    private static IEnumerable<(string Model, string Domain, IReadOnlyList<RunSummary> Completed)> Cells(
        StudySummary study, Func<Guid, RunSummary?> runs)
    {
        foreach (var model in study.Models)
            foreach (var domain in study.Domains)
                yield return (model.Name, domain.Name,
                    [.. StudyPlan.AllRuns(study.Id, study.Spec.Seeds, model, domain.Name).Select(runs).OfType<RunSummary>()
                        .Where(r => r.Status == RunStatuses.Completed).OrderBy(r => r.Seed)]);
    }
}
