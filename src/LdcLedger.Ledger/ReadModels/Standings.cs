using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.ReadModels;

/// <summary>A study with its status told by the leases of the moment.</summary>
/// <param name="Why">Why it is not the stored one, as a sentence without its full stop; null where it is.</param>
public sealed record ToldStudy(StudySummary Study, string? Why);

/// <summary>
/// Where runs and studies stand right now: what is stored says that somebody took them up, the leases of living processes whether anybody
/// still has them. Nothing of this is ever stored, and no report asks.
/// </summary>
internal sealed class Standings(LedgerStore store, ReadModelProgress progress)
{
    /// <summary>The same runs, in the same order.</summary>
    public async Task<IReadOnlyList<RunSummary>> OfAsync(IReadOnlyList<RunSummary> runs, CancellationToken cancellation)
    {
        var left = await LeftAsync(runs, cancellation);
        if (left.Count == 0)
            return runs;
        // Leases were asked after the read models, so that a run which has ended or was taken up again meanwhile looks left: only what
        // still stands as it did then was left when they were asked.
        var now = await AgainAsync<RunSummary>(left, cancellation);
        return [.. runs.Select(run => !left.Contains(run.Id) ? run
            : now.FirstOrDefault(r => r.Id == run.Id) is { } again && (again.Status, again.Attempt) != (run.Status, run.Attempt) ? again
            : run with { Status = RunStatuses.Told(run.Status, isHeld: false) })];
    }

    /// <summary>The same studies, in the same order.</summary>
    public async Task<IReadOnlyList<ToldStudy>> OfAsync(IReadOnlyList<StudySummary> studies, CancellationToken cancellation)
    {
        var told = await ToldAsync(studies, cancellation);
        var odd = told.Where(t => t.Why is not null).Select(t => t.Study.Id).ToList();
        if (odd.Count == 0)
            return told;
        var now = await AgainAsync<StudySummary>(odd, cancellation);
        return [.. told.Zip(studies, (said, stored) =>
            now.FirstOrDefault(s => s.Id == stored.Id) is { } again && again.Status != stored.Status ? new(again, null) : said)];
    }

    private async Task<IReadOnlyList<ToldStudy>> ToldAsync(IReadOnlyList<StudySummary> studies, CancellationToken cancellation)
    {
        var open = studies.Where(s => s.Status == StudyStatuses.Running).Select(s => s.Id).ToList();
        if (open.Count == 0)
            return [.. studies.Select(s => new ToldStudy(s, null))];
        var claimed = (await ClaimedAsync(open, cancellation)).ToLookup(r => r.Study, r => RunLock.Subject(store, r.Run));
        var (all, driver) = (LeaderLock.Subject(store, null), DriverSign.Subject(store, null));
        var held = await SessionLease.HeldAsync(store.DataSource,
            [
                LeaderLock.Subject(store), all, driver, .. open.Select(id => LeaderLock.Subject(store, id)),
                .. open.Select(id => DriverSign.Subject(store, id)), .. claimed.SelectMany(runs => runs),
            ], cancellation);
        var notes = await store.ImportNotesAsync(cancellation);
        return [.. studies.Select(study =>
        {
            var (status, why) = StudyStatuses.Told(study.Status, new(
                notes.GetValueOrDefault(study.Id) is { AdoptedAt: null },
                held.Contains(LeaderLock.Subject(store, study.Id)), held.Contains(all), held.Contains(DriverSign.Subject(store, study.Id)),
                held.Contains(driver), held.Contains(LeaderLock.Subject(store)), claimed[study.Id].Any(held.Contains)));
            return new ToldStudy(study with { Status = status }, why);
        })];
    }

    /// <summary>Runs of these studies that an attempt has, by what is stored.</summary>
    private async Task<IReadOnlyList<(Guid Run, Guid Study)>> ClaimedAsync(IEnumerable<Guid> studies, CancellationToken cancellation)
    {
        await using var command = store.DataSource.CreateCommand($"""
            select id, (data ->> 'studyId')::uuid from {store.Tables.Documents<RunSummary>()}
            where {LedgerGuards.RunStatus} = '{RunStatuses.Running}' and (data ->> 'studyId')::uuid = any($1)
            """);
        command.Parameters.Add(new() { Value = studies.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var claimed = new List<(Guid Run, Guid Study)>();
        while (await reader.ReadAsync(cancellation))
            claimed.Add((reader.GetGuid(0), reader.GetGuid(1)));
        return claimed;
    }

    /// <summary>Runs that an attempt has, by what is stored, and nobody by the leases.</summary>
    private async Task<IReadOnlySet<Guid>> LeftAsync(IReadOnlyList<RunSummary> runs, CancellationToken cancellation)
    {
        var claimed = runs.Where(r => r.Status == RunStatuses.Running).Select(r => r.Id).ToList();
        if (claimed.Count == 0)
            return new HashSet<Guid>();
        var held = await SessionLease.HeldAsync(store.DataSource, [.. claimed.Select(run => RunLock.Subject(store, run))], cancellation);
        return claimed.Where(run => !held.Contains(RunLock.Subject(store, run))).ToHashSet();
    }

    private async Task<IReadOnlyList<T>> AgainAsync<T>(IEnumerable<Guid> ids, CancellationToken cancellation) where T : class
    {
        await progress.CatchUpAsync(cancellation);
        return await store.DocumentsAsync<T>("where id = any($1)", [ids.ToArray()], cancellation);
    }
}
