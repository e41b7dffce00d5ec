using System.Globalization;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Views;

/// <summary>Studies, newest first, a part after the other; each begins after the last study of the one before.</summary>
internal static class ListedStudies
{
    public static string[] KeyOf(StudySummary study) =>
        [study.SubmittedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), study.Id.ToString("D")];

    /// <param name="name">What their names contain, in whatever case; null: all.</param>
    public static Task<IReadOnlyList<StudySummary>> ListAsync(
        LedgerStore store, string? name, string[]? after, int limit, CancellationToken cancellation)
    {
        var time = store.Tables.Time("submittedAt");
        var (where, values) = Wanted(name);
        if (after is not null)
        {
            values.Add(DateTimeOffset.Parse(after[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUniversalTime());
            values.Add(Guid.Parse(after[1]));
            var (moment, id) = ($"${values.Count - 1}", $"${values.Count}");
            where.Add($"{time} <= {moment} and ({time} < {moment} or id > {id})");
        }
        values.Add(limit);
        return store.DocumentsAsync<StudySummary>(
            $"{ListedRuns.Where(where)} order by {time} desc, id limit ${values.Count}", [.. values], cancellation);
    }

    /// <summary>How many there are.</summary>
    public static async Task<long> CountAsync(LedgerStore store, string? name, CancellationToken cancellation)
    {
        var (where, values) = Wanted(name);
        await using var command = store.DataSource.CreateCommand(
            $"select count(*) from {store.Tables.Documents<StudySummary>()} {ListedRuns.Where(where)}");
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The last event of each of some studies, and its time; those that have none are left out.</summary>
    public static async Task<IReadOnlyDictionary<Guid, (long Sequence, DateTimeOffset At)>> LastAsync(
        LedgerStore store, IReadOnlyList<Guid> studies, long upTo, CancellationToken cancellation)
    {
        // One look into the index for each, however many events it has.
        await using var command = store.DataSource.CreateCommand($"""
            select study, last.seq_id, last.timestamp from unnest($1) study cross join lateral (
                select seq_id, timestamp from {store.Tables.Events}
                where correlation_id = study::text and seq_id <= $2 order by seq_id desc limit 1) last
            """);
        command.Parameters.Add(new() { Value = studies.ToArray() });
        command.Parameters.Add(new() { Value = upTo });
        var last = new Dictionary<Guid, (long, DateTimeOffset)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            last[reader.GetGuid(0)] = (reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2));
        return last;
    }

    /// <summary>How many seconds the runs of each were worked on, all together; those that have none are left out.</summary>
    public static async Task<IReadOnlyDictionary<Guid, double>> WorkedAsync(
        LedgerStore store, IReadOnlyList<Guid> studies, CancellationToken cancellation)
    {
        await using var command = store.DataSource.CreateCommand($"""
            select (data ->> 'studyId')::uuid as study, sum((data ->> 'seconds')::float8) as seconds
            from {store.Tables.Documents<RunSummary>()}
            where (data ->> 'studyId')::uuid = any($1) and data ->> 'seconds' is not null group by study
            """);
        command.Parameters.Add(new() { Value = studies.ToArray() });
        var worked = new Dictionary<Guid, double>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            worked[reader.GetGuid(0)] = reader.GetDouble(1);
        return worked;
    }

    private static (List<string> Where, List<object> Values) Wanted(string? name) =>
        name is null ? ([], []) : (["strpos(lower(data ->> 'name'), lower($1)) > 0"], [name]);
}
