using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Ledger.Replay;

/// <summary>A study as it stood at a moment.</summary>
public sealed record StudyThen(StudySummary Study, StudyMoment Moment);

/// <summary>A run as it stood at a moment of its study, and its events until then.</summary>
public sealed record RunThen(RunSummary Run, StudyMoment Moment, IReadOnlyList<LedgerEvent> History);

/// <summary>
/// What can be asked of a ledger about an earlier moment: folded from the events, by the same folds as the read models, never from the read
/// models or from leases. Events above the high-water mark do not count: one with a lower place may still be on its way.
/// </summary>
/// <param name="asTheyStand">Whether nothing is waited for: what the read models have not reached yet is not there yet.</param>
public sealed class PastQueries(LedgerStore store, TimeProvider time, bool asTheyStand = false)
{
    private readonly ReadModelProgress _progress = new(store, time, waits: !asTheyStand);
    private readonly LedgerQueries _now = asTheyStand ? LedgerQueries.AsTheyStand(store, time) : new(store, time);

    /// <summary>
    /// The place in the whole ledger up to which everything that was there when it was asked for has been read: the read models', which
    /// follow the high-water mark and never pass it, so that no event can appear before it any more.
    /// </summary>
    public async Task<long> PresentAsync(CancellationToken cancellation = default)
    {
        await _progress.CatchUpAsync(cancellation);
        return await _progress.PositionAsync(cancellation);
    }

    /// <summary>Finds a study by its id, its name (the newest of that name that was there), or a prefix of its id.</summary>
    /// <exception cref="RuleViolation">There is none, or it has no such moment.</exception>
    public async Task<StudyThen> FindStudyAsync(string study, AsOf asOf, CancellationToken cancellation = default)
    {
        var moment = await FindMomentAsync(study, asOf, cancellation);
        return new((await ProgressAsync(moment, cancellation)).Summary, moment);
    }

    /// <summary>The same for whoever folds the study anyway: the moment alone.</summary>
    /// <exception cref="RuleViolation">There is none, or it has no such moment.</exception>
    public async Task<StudyMoment> FindMomentAsync(string study, AsOf asOf, CancellationToken cancellation = default)
    {
        var found = await _now.FindStudyAsync(study, cancellation);
        if (asOf.Time is { } at && (found.Name == study || found.FormerNames.Contains(study)))
            // Whatever bears the name now, or bore it: the newest that was called so then.
            foreach (var named in await store.DocumentsAsync<StudySummary>(
                $"""
                where (data ->> 'name' = $1 or jsonb_exists(data -> 'formerNames', $1)) and {store.Tables.Time("submittedAt")} <= $2
                order by {store.Tables.Time("submittedAt")} desc
                """, [study, at.ToUniversalTime()], cancellation))
            {
                var then = await MomentAsync(named.Id, asOf, cancellation);
                if ((await ProgressAsync(then, cancellation)).Summary.Name == study)
                    return then;
            }
        return await MomentAsync(found.Id, asOf, cancellation);
    }

    /// <summary>Where a study stood at one of its positions, for whoever looks on.</summary>
    /// <exception cref="RuleViolation">The study has no such position.</exception>
    public async Task<StudyProgress> ProgressAsync(Guid study, long position, CancellationToken cancellation = default) =>
        await ProgressAsync(await MomentAsync(study, AsOf.At(position), cancellation), cancellation);

    private async Task<StudyProgress> ProgressAsync(StudyMoment moment, CancellationToken cancellation)
    {
        StudyProgress? progress = null;
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, "stream_id = $1 and seq_id <= $2", [moment.StudyId, moment.Sequence], cancellation))
            progress = StudyProgress.Evolve(progress, e.KnownFact, e.Timestamp);
        return progress ?? throw NotSubmitted(moment.StudyId);
    }

    /// <summary>Where in a study a moment is.</summary>
    /// <exception cref="RuleViolation">The study has no such position, or no event yet at that time.</exception>
    public async Task<StudyMoment> MomentAsync(Guid study, AsOf asOf, CancellationToken cancellation = default)
    {
        var mark = await PresentAsync(cancellation);
        await using var command = store.DataSource.CreateCommand($"""
            with study as (
                select seq_id, timestamp, row_number() over (order by seq_id) as position from {store.Tables.Events}
                where correlation_id = $1 and seq_id <= $2)
            select seq_id, timestamp, position, (select count(*) from study), (select min(timestamp) from study where position = 1)
            from study where {(asOf.Time is null ? "position <= $3" : "timestamp <= $3")} order by seq_id desc limit 1
            """);
        command.Parameters.Add(new() { Value = study.ToString("D") });
        command.Parameters.Add(new() { Value = mark });
        command.Parameters.Add(new() { Value = asOf.Time is { } t ? t.ToUniversalTime() : asOf.Position!.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var moment = await reader.ReadAsync(cancellation)
            ? new StudyMoment(study, reader.GetInt64(2), reader.GetInt64(3), reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt64(0))
            : null;
        if (moment is null)
            throw new RuleViolation($"Study {study} has no event yet at {asOf}; {await FirstEventAsync(study, cancellation)}.");
        return asOf.Position is { } wanted && wanted != moment.Position
            ? throw new RuleViolation($"Study {study} has no position {wanted}; its positions are 1 to {moment.Of}.")
            : moment;
    }

    /// <summary>Everything a report states of a moment: what <see cref="LedgerQueries"/> said then.</summary>
    /// <param name="rules">Those it is reported under; none: the study's own.</param>
    public Task<StudyFacts> FactsAsync(
        StudyMoment moment, IReadOnlyList<AggregationRule> rules, CancellationToken cancellation = default) =>
        new StudyReplay(store).FactsAsync(moment.StudyId, rules, moment.Sequence, cancellation, everyEpoch: true);

    /// <summary>A run, by its id or an unambiguous prefix of it, with its history, at a moment of its study.</summary>
    /// <exception cref="RuleViolation">There is none, or it was not planned yet.</exception>
    public async Task<RunThen> FindRunAsync(string run, AsOf asOf, CancellationToken cancellation = default)
    {
        var now = await _now.FindRunAsync(run, cancellation);
        var moment = await MomentAsync(now.StudyId, asOf, cancellation);
        var history = new List<LedgerEvent>();
        RunSummary? then = null;
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, "stream_id = $1 and seq_id <= $2", [now.Id, moment.Sequence], cancellation))
        {
            history.Add(e);
            then = RunSummaryFold.Evolve(then, e.KnownFact, e.Timestamp);
        }
        return then is null
            ? throw new RuleViolation($"Run {now.Id} was not planned yet at {moment} of its study.") : new(then, moment, history);
    }

    /// <summary>The newest studies that were there at a time, newest first, each at its own moment.</summary>
    /// <param name="skip">So many of the newest are left out.</param>
    public async Task<Page<StudyThen>> StudiesAsync(
        DateTimeOffset at, int limit = int.MaxValue, int skip = 0, CancellationToken cancellation = default)
    {
        // One mark for both: a study that appears in between would be in the one and not in the other.
        var mark = await PresentAsync(cancellation);
        var moments = await MomentsAsync(at, mark, cancellation);
        var studies = new Dictionary<Guid, StudyProgress?>();
        await foreach (var e in CutAsync("and e.stream_id = e.correlation_id::uuid", at, mark, cancellation))
            studies[e.Stream] = StudyProgress.Evolve(studies.GetValueOrDefault(e.Stream), e.KnownFact, e.Timestamp);
        foreach (var study in moments.Keys.Where(id => studies.GetValueOrDefault(id) is null))
            throw NotSubmitted(study);
        var all = studies.Values.OfType<StudyProgress>().Select(s => new StudyThen(s.Summary, moments[s.StudyId]))
            .OrderByDescending(s => s.Study.SubmittedAt).ThenBy(s => s.Study.Id).ToList();
        return new([.. all.Skip(skip).Take(limit)], all.Count);
    }

    /// <summary>The newest runs in the order of planning, of all studies, at a time; each study at its own moment.</summary>
    /// <exception cref="RuleViolation">There is no such status.</exception>
    public async Task<Page<RunSummary>> RunsAsync(
        DateTimeOffset at, string? status = null, int limit = int.MaxValue, int skip = 0, CancellationToken cancellation = default)
    {
        // Norms are most of a ledger, and a run's summary has no use for them.
        var runs = Summaries(CutAsync($"and e.type <> '{Norms}'", at, await PresentAsync(cancellation), cancellation));
        return PageOf(await runs, status, limit, skip);
    }

    /// <summary>The newest runs of a study in the order of planning, at a moment of it.</summary>
    /// <exception cref="RuleViolation">There is no such status.</exception>
    public async Task<Page<RunSummary>> RunsAsync(
        StudyMoment moment, string? status = null, int limit = int.MaxValue, int skip = 0, CancellationToken cancellation = default)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        var runs = await Summaries(LedgerEvents.ReadAsync(
            connection, store.Tables, $"correlation_id = $1 and seq_id <= $2 and type <> '{Norms}'",
            [moment.StudyId.ToString("D"), moment.Sequence], cancellation));
        return PageOf(runs, status, limit, skip);
    }

    private static readonly string Norms = EventKinds.Of(typeof(LayerNormMeasured)).Alias;

    private static async Task<IEnumerable<RunSummary>> Summaries(IAsyncEnumerable<LedgerEvent> events)
    {
        var runs = new Dictionary<Guid, RunSummary?>();
        await foreach (var e in events)
            runs[e.Stream] = RunSummaryFold.Evolve(runs.GetValueOrDefault(e.Stream), e.KnownFact, e.Timestamp);
        return runs.Values.OfType<RunSummary>();
    }

    private static Page<RunSummary> PageOf(IEnumerable<RunSummary> runs, string? status, int limit, int skip)
    {
        if (status is not null && !RunStatuses.All.Contains(status))
            throw new RuleViolation($"'{status}' is not a status of a run; the statuses are {string.Join(", ", RunStatuses.All)}.");
        var all = StudyFacts.OrderOfPlanning(runs.Where(r => status is null || r.Status == status));
        return new([.. all.SkipLast(skip).TakeLast(limit)], all.Count);
    }

    private static LedgerDamaged NotSubmitted(Guid study) => LedgerDamaged.Because($"Study {study} has events, and none submits it");

    // Where each study ends at a time: its last event in ledger order that is not later.
    private string Cut => $"""
        select correlation_id, max(seq_id) as last from {store.Tables.Events}
        where correlation_id is not null and timestamp <= $1 and seq_id <= $2 group by correlation_id
        """;

    private async IAsyncEnumerable<LedgerEvent> CutAsync(
        string which, DateTimeOffset at, long mark,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables,
            $"exists (select from ({Cut}) c where c.correlation_id = e.correlation_id and e.seq_id <= c.last) {which}",
            [at.ToUniversalTime(), mark], cancellation))
            yield return e;
    }

    private async Task<IReadOnlyDictionary<Guid, StudyMoment>> MomentsAsync(
        DateTimeOffset at, long mark, CancellationToken cancellation)
    {
        await using var command = store.DataSource.CreateCommand($"""
            select c.correlation_id::uuid, count(*) filter (where e.seq_id <= c.last), count(*), c.last,
                   max(e.timestamp) filter (where e.seq_id = c.last)
            from ({Cut}) c join {store.Tables.Events} e on e.correlation_id = c.correlation_id and e.seq_id <= $2
            group by c.correlation_id, c.last
            """);
        command.Parameters.Add(new() { Value = at.ToUniversalTime() });
        command.Parameters.Add(new() { Value = mark });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var moments = new Dictionary<Guid, StudyMoment>();
        while (await reader.ReadAsync(cancellation))
            moments[reader.GetGuid(0)] = new(
                reader.GetGuid(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(4), reader.GetInt64(3));
        return moments;
    }

    private async Task<string> FirstEventAsync(Guid study, CancellationToken cancellation)
    {
        await using var command = store.DataSource.CreateCommand(
            $"select timestamp from {store.Tables.Events} where correlation_id = $1 order by seq_id limit 1");
        command.Parameters.Add(new() { Value = study.ToString("D") });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? $"its first is of {AsOf.Text(reader.GetFieldValue<DateTimeOffset>(0))}" : "ldc study list shows what there is";
    }
}
