using System.Data;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;
using Marten;
using Marten.Services;
using Npgsql;

namespace LdcLedger.Ledger.ReadModels;

/// <summary>A part of a long list.</summary>
/// <param name="Of">How many there are in all.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, long Of);

/// <summary>
/// What can be asked of a ledger. The read models lag behind the events; every question here first waits until they have caught up.
/// </summary>
public sealed class LedgerQueries(LedgerStore store, TimeProvider time)
{
    private readonly ReadModelProgress _progress = new(store, time);

    /// <summary>The newest studies, newest first.</summary>
    /// <param name="skip">So many of the newest are left out.</param>
    public async Task<Page<StudySummary>> StudiesAsync(int limit = int.MaxValue, int skip = 0, CancellationToken cancellation = default)
    {
        await _progress.CatchUpAsync(cancellation);
        await using var session = store.Marten.QuerySession();
        var studies = await session.Query<StudySummary>()
            .OrderByDescending(s => s.SubmittedAt).ThenBy(s => s.Id).Skip(skip).Take(limit).ToListAsync(cancellation);
        var all = studies.Count < limit && skip == 0 ? studies.Count : await session.Query<StudySummary>().CountAsync(cancellation);
        return new(studies, all);
    }

    /// <summary>Finds a study by its id, its name (the newest of that name), or an unambiguous prefix of its id.</summary>
    /// <exception cref="RuleViolation">There is none, or the prefix is of several.</exception>
    public async Task<StudySummary> FindStudyAsync(string study, CancellationToken cancellation = default)
    {
        await _progress.CatchUpAsync(cancellation);
        await using var session = store.Marten.QuerySession();
        if (Guid.TryParse(study, out var id) && await session.LoadAsync<StudySummary>(id, cancellation) is { } exact)
            return exact;
        var named = await session.Query<StudySummary>().Where(s => s.Name == study)
            .OrderByDescending(s => s.SubmittedAt).FirstOrDefaultAsync(cancellation);
        if (named is not null)
            return named;
        var found = await ByPrefixAsync<StudySummary>(study, "study", "ldc study list", cancellation);
        return (await session.LoadAsync<StudySummary>(found, cancellation))!;
    }

    /// <summary>Finds a run by its id or an unambiguous prefix of it.</summary>
    /// <exception cref="RuleViolation">There is none, or the prefix is of several.</exception>
    public async Task<RunSummary> FindRunAsync(string run, CancellationToken cancellation = default)
    {
        await _progress.CatchUpAsync(cancellation);
        await using var session = store.Marten.QuerySession();
        if (Guid.TryParse(run, out var id) && await session.LoadAsync<RunSummary>(id, cancellation) is { } exact)
            return exact;
        var found = await ByPrefixAsync<RunSummary>(run, "run", "ldc run list", cancellation);
        return (await session.LoadAsync<RunSummary>(found, cancellation))!;
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
        var ofStudy = study is null ? "true" : "(data ->> 'studyId')::uuid = $1";
        var ofStatus = status is null ? "true" : $"{LedgerGuards.RunStatus} = {(study is null ? "$1" : "$2")}";
        var of = $"from {store.Tables.Documents<RunSummary>()} where {ofStudy} and {ofStatus}";
        object[] wanted = [.. new object?[] { study, status }.OfType<object>()];
        await using var count = Command($"select count(*) {of}", wanted);
        var all = (long)(await count.ExecuteScalarAsync(cancellation))!;
        var (shown, older) = (Math.Clamp(all - skip, 0, limit), Math.Max(0, all - skip - limit));
        // From the nearer end: what is left out before the page has to be read, too.
        var fromOldest = older < skip;
        var order = string.Join(", ", LedgerGuards.RunOrder.Select(key => key + (fromOldest ? " nulls first" : " desc nulls last")));
        await using var list = Command(
            $"select data::text {of} order by {order} limit {shown} offset {(fromOldest ? older : skip)}", wanted);
        var runs = new List<RunSummary>();
        await using var reader = await list.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            runs.Add(JsonSerializer.Deserialize<RunSummary>(reader.GetString(0), LedgerJson.Options)!);
        if (!fromOldest)
            runs.Reverse();
        return new(runs, all);
    }

    private NpgsqlCommand Command(string sql, object[] values)
    {
        var command = store.DataSource.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    /// <summary>The rankings of a study under every built-in rule and its own.</summary>
    public async Task<IReadOnlyList<DomainRankings>> RankingsAsync(Guid study, CancellationToken cancellation = default)
    {
        await _progress.CatchUpAsync(cancellation);
        await using var session = store.Marten.QuerySession();
        return await session.Query<DomainRankings>().Where(r => r.StudyId == study).OrderBy(r => r.Id).ToListAsync(cancellation);
    }

    /// <summary>The events of a run, or of a study's own stream, as they are stored.</summary>
    public async Task<IReadOnlyList<LedgerEvent>> HistoryAsync(Guid stream, CancellationToken cancellation = default)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        var events = new List<LedgerEvent>();
        await foreach (var e in LedgerEvents.ReadAsync(connection, store.Tables, "stream_id = $1", [stream], cancellation))
            events.Add(e);
        return events;
    }

    /// <summary>
    /// Everything a report states, read at one moment: position and root are of the very events that the read models contain.
    /// </summary>
    /// <exception cref="RuleViolation">There is no such study.</exception>
    public async Task<StudyFacts> FactsAsync(Guid study, CancellationToken cancellation = default)
    {
        await _progress.CatchUpAsync(cancellation);
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using var session = store.Marten.QuerySession(SessionOptions.ForTransaction(moment));
        var summary = await session.LoadAsync<StudySummary>(study, cancellation)
            ?? throw new RuleViolation($"There is no study {study}; ldc study list shows them.");
        var runs = await session.Query<RunSummary>().Where(r => r.StudyId == study).ToListAsync(cancellation);
        var norms = await session.Query<RunNorms>().Where(n => n.StudyId == study).ToListAsync(cancellation);
        var perplexities = await session.Query<RunPerplexity>().Where(p => p.StudyId == study).ToListAsync(cancellation);
        await using var progress = new NpgsqlCommand(
            $"select last_seq_id from {store.Tables.Progress} where name = '{ReadModelProjection.Progress}'", connection);
        var upTo = (long)(await progress.ExecuteScalarAsync(cancellation))!;
        var root = await StudyRoot.OfAsync(connection, store.Tables, study, upTo, cancellation);
        var order = InOrder(runs).Select((run, i) => (run.Id, i)).ToDictionary(p => p.Id, p => p.i);
        return new(
            summary, InOrder(runs), [.. norms.OrderBy(n => order[n.Id])],
            [.. perplexities.OrderBy(p => order[p.Id])], root.Position, root.Root, root.AsOf);
    }

    internal static IReadOnlyList<RunSummary> InOrder(IEnumerable<RunSummary> runs) =>
    [
        .. runs.OrderBy(r => r.PlannedAt).ThenBy(r => r.Model, StringComparer.Ordinal).ThenBy(r => r.Domain, StringComparer.Ordinal)
            .ThenBy(r => r.Stage).ThenBy(r => r.Role, StringComparer.Ordinal).ThenBy(r => r.Seed),
    ];

    private async Task<Guid> ByPrefixAsync<T>(string prefix, string what, string list, CancellationToken cancellation)
    {
        var digits = prefix.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        if (digits.Length is 0 or > 32 || !digits.All(char.IsAsciiHexDigit))
            throw new RuleViolation($"There is no {what} '{prefix}'; {list} shows them.");
        // A range of ids, so that the primary key's index answers.
        var (first, last) = (Guid.Parse(digits.PadRight(32, '0')), Guid.Parse(digits.PadRight(32, 'f')));
        await using var command = store.DataSource.CreateCommand(
            $"select id from {store.Tables.Documents<T>()} where id between $1 and $2 order by id limit 5");
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
