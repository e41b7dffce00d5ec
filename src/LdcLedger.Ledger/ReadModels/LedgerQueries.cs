using System.Data;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;
using Npgsql;

namespace LdcLedger.Ledger.ReadModels;

/// <summary>A part of a long list.</summary>
/// <param name="Of">How many there are in all.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, long Of);

/// <summary>
/// What can be asked of a ledger. The read models lag behind the events; every question here first waits until they have caught up, unless
/// they are asked <see cref="AsTheyStand"/>. Where runs and studies stand is told by the leases of the moment, except in
/// <see cref="FactsAsync(Guid, CancellationToken)"/>.
/// </summary>
public sealed class LedgerQueries
{
    private const string OfStudy = "where (data ->> 'studyId')::uuid = $1";

    private readonly LedgerStore _store;
    private readonly ReadModelProgress _progress;
    private readonly Standings _standings;
    private readonly bool _keeps;

    public LedgerQueries(LedgerStore store, TimeProvider time) : this(store, new(store, time), keeps: true)
    {
    }

    private LedgerQueries(LedgerStore store, ReadModelProgress progress, bool keeps) =>
        (_store, _progress, _standings, _keeps) = (store, progress, new(store, progress), keeps);

    /// <summary>
    /// The same questions, answered at once from what is there: nothing is waited for, projected or kept. For whoever looks on, and says
    /// how far the read models have come.
    /// </summary>
    public static LedgerQueries AsTheyStand(LedgerStore store, TimeProvider time) =>
        new(store, new(store, time, waits: false), keeps: false);

    /// <summary>The newest studies, newest first.</summary>
    /// <param name="skip">So many of the newest are left out.</param>
    public async Task<Page<StudySummary>> StudiesAsync(int limit = int.MaxValue, int skip = 0, CancellationToken cancellation = default)
    {
        await _progress.CatchUpAsync(cancellation);
        var studies = await _store.DocumentsAsync<StudySummary>(
            $"order by {_store.Tables.Time("submittedAt")} desc, id limit $1 offset $2", [limit, skip], cancellation);
        IReadOnlyList<StudySummary> told = [.. (await _standings.OfAsync(studies, cancellation)).Select(study => study.Study)];
        if (studies.Count < limit && skip == 0)
            return new(told, studies.Count);
        await using var count = Command($"select count(*) from {_store.Tables.Documents<StudySummary>()}", []);
        return new(told, (long)(await count.ExecuteScalarAsync(cancellation))!);
    }

    /// <summary>A study with its status told, and why it is not the stored one.</summary>
    public async Task<ToldStudy> StandingAsync(StudySummary stored, CancellationToken cancellation = default) =>
        (await _standings.OfAsync([stored], cancellation))[0];

    /// <summary>The same of several, in their order.</summary>
    public Task<IReadOnlyList<ToldStudy>> StandingsAsync(IReadOnlyList<StudySummary> stored, CancellationToken cancellation = default) =>
        _standings.OfAsync(stored, cancellation);

    /// <summary>Runs with their statuses told.</summary>
    public Task<IReadOnlyList<RunSummary>> StandingsAsync(IReadOnlyList<RunSummary> stored, CancellationToken cancellation = default) =>
        _standings.OfAsync(stored, cancellation);

    /// <summary>
    /// Finds a study by its id, by a name, or by an unambiguous prefix of its id. Of a name it is the newest study that is called so now,
    /// else the newest that was.
    /// </summary>
    /// <exception cref="RuleViolation">There is none, or the prefix is of several.</exception>
    public async Task<StudySummary> FindStudyAsync(string study, CancellationToken cancellation = default) =>
        (await FindToldStudyAsync(study, cancellation)).Study;

    /// <summary>The same, and why its status is not the stored one.</summary>
    /// <exception cref="RuleViolation">There is none, or the prefix is of several.</exception>
    public async Task<ToldStudy> FindToldStudyAsync(string study, CancellationToken cancellation = default)
    {
        await _progress.CatchUpAsync(cancellation);
        var found = Guid.TryParse(study, out var id) ? await _store.DocumentAsync<StudySummary>(id, cancellation) : null;
        found ??= (await _store.DocumentsAsync<StudySummary>(
            $"where data ->> 'name' = $1 order by {_store.Tables.Time("submittedAt")} desc limit 1", [study], cancellation))
            .FirstOrDefault();
        found ??= await _store.DocumentAsync<StudySummary>(
            await FormerlyAsync(study, cancellation) ?? await ByPrefixAsync<StudySummary>(study, "study", "ldc study list", cancellation),
            cancellation);
        return await StandingAsync(found!, cancellation);
    }

    /// <summary>The newest study that was called so before it was renamed; null where none was.</summary>
    private async Task<Guid?> FormerlyAsync(string name, CancellationToken cancellation)
    {
        await using var command = Command(
            $"""
            select id from {_store.Tables.Documents<StudySummary>()} where jsonb_exists(data -> 'formerNames', $1)
            order by {_store.Tables.Time("submittedAt")} desc limit 1
            """, [name]);
        return (Guid?)await command.ExecuteScalarAsync(cancellation);
    }

    /// <summary>Finds a run by its id or an unambiguous prefix of it.</summary>
    /// <exception cref="RuleViolation">There is none, or the prefix is of several.</exception>
    public async Task<RunSummary> FindRunAsync(string run, CancellationToken cancellation = default)
    {
        await _progress.CatchUpAsync(cancellation);
        var found = Guid.TryParse(run, out var id) ? await _store.DocumentAsync<RunSummary>(id, cancellation) : null;
        found ??= await _store.DocumentAsync<RunSummary>(
            await ByPrefixAsync<RunSummary>(run, "run", "ldc run list", cancellation), cancellation);
        return (await _standings.OfAsync([found!], cancellation))[0];
    }

    /// <summary>The newest runs in the order of planning, of one study or all, in one of <see cref="RunStatuses"/> or any.</summary>
    /// <param name="skip">So many of the newest are left out.</param>
    /// <exception cref="RuleViolation">There is no such status.</exception>
    public async Task<Page<RunSummary>> RunsAsync(
        Guid? study = null, string? status = null, int limit = int.MaxValue, int skip = 0, CancellationToken cancellation = default)
    {
        if (status is not null && !RunStatuses.All.Contains(status))
            throw new RuleViolation($"'{status}' is not a status of a run; the statuses are {string.Join(", ", RunStatuses.All)}.");
        await _progress.CatchUpAsync(cancellation);
        if (status is not (RunStatuses.Running or RunStatuses.Interrupted))
        {
            var (stored, of) = await StoredRunsAsync(study, status, limit, skip, cancellation);
            return new(await _standings.OfAsync(stored, cancellation), of);
        }
        // Leases tell the two apart: of what is stored as running, as many as there are workers, and what they left.
        var claimed = await StoredRunsAsync(study, RunStatuses.Running, int.MaxValue, 0, cancellation);
        var told = (await _standings.OfAsync(claimed.Items, cancellation)).Where(r => r.Status == status).ToList();
        return new([.. told.SkipLast(skip).TakeLast(limit)], told.Count);
    }

    private async Task<Page<RunSummary>> StoredRunsAsync(
        Guid? study, string? status, int limit, int skip, CancellationToken cancellation)
    {
        var ofStudy = study is null ? "true" : "(data ->> 'studyId')::uuid = $1";
        var ofStatus = status is null ? "true" : $"{LedgerGuards.RunStatus} = {(study is null ? "$1" : "$2")}";
        var of = $"where {ofStudy} and {ofStatus}";
        object[] wanted = [.. new object?[] { study, status }.OfType<object>()];
        await using var count = Command($"select count(*) from {_store.Tables.Documents<RunSummary>()} {of}", wanted);
        var all = (long)(await count.ExecuteScalarAsync(cancellation))!;
        var (shown, older) = (Math.Clamp(all - skip, 0, limit), Math.Max(0, all - skip - limit));
        // From the nearer end: what is left out before the page has to be read, too.
        var fromOldest = older < skip;
        var order = string.Join(", ", LedgerGuards.RunOrder.Select(key => key + (fromOldest ? " nulls first" : " desc nulls last")));
        var runs = await _store.DocumentsAsync<RunSummary>(
            $"{of} order by {order} limit {shown} offset {(fromOldest ? older : skip)}", wanted, cancellation);
        return new(fromOldest ? runs : [.. runs.Reverse()], all);
    }

    private NpgsqlCommand Command(string sql, object[] values)
    {
        var command = _store.DataSource.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    /// <summary>The events of a run, or of a study's own stream, as they are stored.</summary>
    public async Task<IReadOnlyList<LedgerEvent>> HistoryAsync(Guid stream, CancellationToken cancellation = default)
    {
        await using var connection = await _store.DataSource.OpenConnectionAsync(cancellation);
        var events = new List<LedgerEvent>();
        await foreach (var e in LedgerEvents.ReadAsync(connection, _store.Tables, "stream_id = $1", [stream], cancellation))
            events.Add(e);
        return events;
    }

    /// <summary>
    /// Everything a report states under the study's own rule, read at one moment: position and root are of the very events that the read
    /// models contain, and so are the statuses, which no lease has told.
    /// </summary>
    /// <exception cref="RuleViolation">There is no such study.</exception>
    public Task<StudyFacts> FactsAsync(Guid study, CancellationToken cancellation = default) => FactsAsync(study, [], cancellation);

    /// <summary>The same under any rules. Rankings that nobody has asked for before are made now, then kept and up to date.</summary>
    /// <param name="rules">Those it is reported under; none: the study's own.</param>
    /// <exception cref="RuleViolation">There is no such study.</exception>
    public async Task<StudyFacts> FactsAsync(
        Guid study, IReadOnlyList<AggregationRule> rules, CancellationToken cancellation = default)
    {
        var (facts, kept) = await MomentAsync(study, cancellation);
        var (all, made) = KeptRankings.Of(facts, rules.Count == 0 ? [facts.Study.Rule] : rules, kept);
        if (_keeps)
            await KeptRankings.KeepAsync(_store, made, cancellation);
        return facts with { Rankings = all };
    }

    private async Task<(StudyFacts Facts, IReadOnlyList<DomainRankings> Kept)> MomentAsync(Guid study, CancellationToken cancellation)
    {
        await _progress.CatchUpAsync(cancellation);
        await using var connection = await _store.DataSource.OpenConnectionAsync(cancellation);
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var summary = await _store.DocumentAsync<StudySummary>(study, cancellation, connection)
            ?? throw new RuleViolation($"There is no study {study}; ldc study list shows them.");
        var runs = await _store.DocumentsAsync<RunSummary>(OfStudy, [study], cancellation, connection);
        var norms = await _store.DocumentsAsync<RunNorms>(OfStudy, [study], cancellation, connection);
        var perplexities = await _store.DocumentsAsync<RunPerplexity>(OfStudy, [study], cancellation, connection);
        var kept = await _store.DocumentsAsync<DomainRankings>(OfStudy, [study], cancellation, connection);
        await using var progress = new NpgsqlCommand(
            $"select last_seq_id from {_store.Tables.Progress} where name = '{ReadModelProjection.Progress}'", connection);
        var upTo = (long)(await progress.ExecuteScalarAsync(cancellation))!;
        var root = await StudyRoot.OfAsync(connection, _store, study, upTo, cancellation);
        var (losses, extensions) = await EventsOnlyAsync(connection, _store, study, upTo, cancellation);
        return (
            StudyFacts.InOrder(summary, runs, norms, perplexities, losses, extensions, root.Position, root.Root, root.AsOf), kept);
    }

    private static readonly string[] ReadFromEvents =
        [EventKinds.Of(typeof(EpochCompleted)).Alias, EventKinds.Of(typeof(StudyExtended)).Alias];

    // What no read model keeps: reports alone ask for it.
    internal static async Task<(IReadOnlyList<RunLosses> Losses, IReadOnlyList<RuleExtension> Extensions)> EventsOnlyAsync(
        NpgsqlConnection connection, LedgerStore store, Guid study, long upTo, CancellationToken cancellation)
    {
        var losses = new RunLossesBuilder();
        IReadOnlyList<RuleExtension> extensions = [];
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, "correlation_id = $1 and seq_id <= $2 and type = any($3)",
            [study.ToString("D"), upTo, ReadFromEvents], cancellation))
        {
            var fact = e.KnownFact;
            if (fact is EpochCompleted epoch)
                losses.Add(epoch);
            extensions = RuleExtension.Evolve(extensions, fact, e.Timestamp);
        }
        return (losses.Losses(), extensions);
    }

    private async Task<Guid> ByPrefixAsync<T>(string prefix, string what, string list, CancellationToken cancellation)
    {
        var (first, last) = IdPrefix.Parse(prefix) ?? throw new RuleViolation($"There is no {what} '{prefix}'; {list} shows them.");
        await using var command = _store.DataSource.CreateCommand(
            $"select id from {_store.Tables.Documents<T>()} where id between $1 and $2 order by id limit 5");
        command.Parameters.Add(new() { Value = first });
        command.Parameters.Add(new() { Value = last });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<Guid>();
        while (await reader.ReadAsync(cancellation))
            found.Add(reader.GetGuid(0));
        return found switch
        {
            [] => throw new RuleViolation($"There is no {what} '{prefix}'; {list} shows them."),
            [var only] => only,
            _ => throw new RuleViolation(
                $"'{prefix}' is the beginning of several {what} ids, such as {found[0]} and {found[1]}: give more digits."),
        };
    }
}
