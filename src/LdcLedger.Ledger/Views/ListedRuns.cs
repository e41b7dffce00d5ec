using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Views;

/// <summary>Which runs are wanted; null: any.</summary>
/// <param name="Since">Planned at this time or later.</param>
/// <param name="Until">Planned before this time.</param>
/// <param name="Runs">Chosen one by one.</param>
public sealed record RunFilter(
    Guid? Study = null, string? Model = null, string? Domain = null, int? Stage = null, string? Role = null, string? Status = null,
    int? Seed = null, string? Worker = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null,
    IReadOnlyList<Guid>? Runs = null)
{
    /// <summary>Whether it lets in a run; its status is told by leases, and is for others to judge.</summary>
    public bool Has(RunSummary run) =>
        (Study is null || run.StudyId == Study) && (Model is null || run.Model == Model) && (Domain is null || run.Domain == Domain)
        && (Stage is null || run.Stage == Stage) && (Role is null || run.Role == Role) && (Seed is null || run.Seed == Seed)
        && (Worker is null || run.Worker == Worker) && (Since is null || run.PlannedAt >= Since)
        && (Until is null || run.PlannedAt < Until) && (Runs is null || Runs.Contains(run.Id));
}

/// <summary>
/// Runs, newest first in the order of planning, a page after the other: a page begins after the last run of the one before, so that the
/// hundredth costs what the first does.
/// </summary>
internal static class ListedRuns
{
    /// <summary>What a page goes on after: the keys of the order, of its last run.</summary>
    public static string[] KeyOf(RunSummary run) =>
    [
        Text(run.PlannedAt), run.Model, run.Domain,
        run.Stage.ToString(null, null), run.Role, (run.Seed ?? int.MinValue).ToString(null, null), run.Id.ToString("D"),
    ];

    // As it is stored, whose letters are in the order of time.
    private static string Text(DateTimeOffset at) =>
        JsonSerializer.SerializeToElement(at.ToUniversalTime(), LedgerJson.Options).GetString()!;

    /// <param name="after">As <see cref="KeyOf"/> has it; null: from the newest.</param>
    /// <exception cref="RuleViolation">There is no such status.</exception>
    public static Task<IReadOnlyList<RunSummary>> ListAsync(
        LedgerStore store, RunFilter filter, string[]? after, int limit, CancellationToken cancellation)
    {
        var (where, values) = Wanted(filter);
        if (after is not null)
        {
            // Runs of one study are planned in a few moments: the index leads to the moment, the rest of the key through it.
            var keys = LedgerGuards.RunOrder;
            var first = Next(after[0]);
            where.Add($"({keys[0]} < {first} or {keys[0]} = {first} and "
                + $"({keys[1]}, {keys[2]}, {keys[3]}, {keys[4]}, coalesce({keys[5]}, {int.MinValue}), {keys[6]}) < "
                + $"({Next(after[1])}, {Next(after[2])}, {Next(int.Parse(after[3], null))}, {Next(after[4])}, "
                + $"{Next(int.Parse(after[5], null))}, {Next(Guid.Parse(after[6]))}))");
            where.Add($"{keys[0]} <= {first}");
        }
        var order = string.Join(", ", LedgerGuards.RunOrder.Select(key => key + " desc nulls last"));
        var limited = Next(limit);
        return store.DocumentsAsync<RunSummary>($"{Where(where)} order by {order} limit {limited}", [.. values], cancellation);

        string Next(object value)
        {
            values.Add(value);
            return $"${values.Count}";
        }
    }

    /// <summary>Runs by their ids, or unambiguous prefixes of them, in the order in which they are named.</summary>
    /// <exception cref="RuleViolation">One of them names none, or several.</exception>
    public static async Task<IReadOnlyList<Guid>> FindAsync(
        LedgerStore store, IReadOnlyList<string> named, CancellationToken cancellation)
    {
        var prefixes = named.Select(name => IdPrefix.Parse(name) ?? throw new RuleViolation($"There is no run '{name}'.")).ToList();
        await using var command = store.DataSource.CreateCommand(
            $"""
            select (select array_agg(id) from (
                select id from {store.Tables.Documents<RunSummary>()} where id between first and last order by id limit 2) found)
            from unnest($1, $2) with ordinality as wanted(first, last, place) order by place
            """);
        command.Parameters.Add(new() { Value = prefixes.Select(prefix => prefix.First).ToArray() });
        command.Parameters.Add(new() { Value = prefixes.Select(prefix => prefix.Last).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<Guid>();
        foreach (var name in named)
        {
            await reader.ReadAsync(cancellation);
            found.Add((reader.IsDBNull(0) ? [] : reader.GetFieldValue<Guid[]>(0)) switch
            {
                [] => throw new RuleViolation($"There is no run '{name}'."),
                [var only] => only,
                var several => throw new RuleViolation(
                    $"'{name}' is the beginning of several run ids, such as {several[0]} and {several[1]}: give more digits."),
            });
        }
        return found;
    }

    /// <summary>How many there are.</summary>
    /// <exception cref="RuleViolation">There is no such status.</exception>
    public static async Task<long> CountAsync(LedgerStore store, RunFilter filter, CancellationToken cancellation)
    {
        var (where, values) = Wanted(filter);
        await using var command = store.DataSource.CreateCommand(
            $"select count(*) from {store.Tables.Documents<RunSummary>()} {Where(where)}");
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static (List<string> Where, List<object> Values) Wanted(RunFilter filter)
    {
        var (where, values) = (new List<string>(), new List<object>());
        var keys = LedgerGuards.RunOrder;
        Add("(data ->> 'studyId')::uuid", filter.Study);
        // As the index has them.
        Add(keys[1], filter.Model);
        Add(keys[2], filter.Domain);
        Add(keys[3], filter.Stage);
        Add(keys[4], filter.Role);
        Add(LedgerGuards.RunStatus, filter.Status is { } status ? Stored(status) : null);
        Add(keys[5], filter.Seed);
        Add(LedgerGuards.RunWorker, filter.Worker);
        Add(keys[0], filter.Since is { } since ? Text(since) : null, ">=");
        Add(keys[0], filter.Until is { } until ? Text(until) : null, "<");
        if (filter.Runs is { } runs)
        {
            values.Add(runs.ToArray());
            where.Add($"id = any(${values.Count})");
        }
        return (where, values);

        void Add(string key, object? value, string compared = "=")
        {
            if (value is null)
                return;
            values.Add(value);
            where.Add($"{key} {compared} ${values.Count}");
        }
    }

    /// <summary>Conditions that all hold; none: an empty text.</summary>
    internal static string Where(List<string> all) => all.Count == 0 ? "" : "where " + string.Join(" and ", all);

    // Interrupted is told by leases; it is stored as running.
    private static string Stored(string status) => RunStatuses.Rows.Has(status)
        ? status == RunStatuses.Interrupted ? RunStatuses.Running : status
        : throw new RuleViolation($"'{status}' is not a status of a run; the statuses are {string.Join(", ", RunStatuses.All)}.");
}
