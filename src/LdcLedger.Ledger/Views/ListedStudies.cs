using System.Globalization;
using System.Text.Json;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Views;

/// <summary>
/// Studies, newest first, a part after the other; each begins after the last study of the one before. A study's summary holds its whole
/// spec: those that are other than when they were read last are read, and no others.
/// </summary>
internal sealed class ListedStudies(LedgerStore store)
{
    private const int MostSeen = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (long Version, StudySummary Study)> _seen = [];

    public static string[] KeyOf(StudySummary study) =>
        [study.SubmittedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), study.Id.ToString("D")];

    /// <param name="name">What their names contain, in whatever case; null: all.</param>
    public async Task<IReadOnlyList<StudySummary>> ListAsync(
        string? name, string[]? after, int limit, CancellationToken cancellation)
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
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(
            $"""
            select id, xmin::text::bigint from {store.Tables.Documents<StudySummary>()} {ListedRuns.Where(where)}
            order by {time} desc, id limit ${values.Count}
            """, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        var listed = new List<(Guid Id, long Version)>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
            while (await reader.ReadAsync(cancellation))
                listed.Add((reader.GetGuid(0), reader.GetInt64(1)));
        var known = Known(listed);
        Guid[] others = [.. listed.Select(l => l.Id).Where(id => !known.ContainsKey(id))];
        if (others.Length > 0)
            foreach (var study in await ReadAsync(connection, others, cancellation))
                known[study.Id] = study;
        return [.. listed.Where(l => known.ContainsKey(l.Id)).Select(l => known[l.Id])];
    }

    private Dictionary<Guid, StudySummary> Known(IEnumerable<(Guid Id, long Version)> listed)
    {
        lock (_lock)
            return listed.Where(l => _seen.TryGetValue(l.Id, out var seen) && seen.Version == l.Version)
                .ToDictionary(l => l.Id, l => _seen[l.Id].Study);
    }

    private async Task<IReadOnlyList<StudySummary>> ReadAsync(NpgsqlConnection connection, Guid[] ids, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select id, xmin::text::bigint, data::text from {store.Tables.Documents<StudySummary>()} where id = any($1)", connection);
        command.Parameters.Add(new() { Value = ids });
        var read = new List<StudySummary>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var study = JsonSerializer.Deserialize<StudySummary>(reader.GetString(2), LedgerJson.Options)!;
            read.Add(study);
            lock (_lock)
            {
                if (_seen.Count >= MostSeen)
                    _seen.Clear();
                _seen[study.Id] = (reader.GetInt64(1), study);
            }
        }
        return read;
    }

    /// <summary>How many there are.</summary>
    public async Task<long> CountAsync(string? name, CancellationToken cancellation)
    {
        var (where, values) = Wanted(name);
        await using var command = store.DataSource.CreateCommand(
            $"select count(*) from {store.Tables.Documents<StudySummary>()} {ListedRuns.Where(where)}");
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The last event of each of some studies, and its time; those that have none are left out.</summary>
    public async Task<IReadOnlyDictionary<Guid, (long Sequence, DateTimeOffset At)>> LastAsync(
        IReadOnlyList<Guid> studies, long upTo, CancellationToken cancellation)
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
    public async Task<IReadOnlyDictionary<Guid, double>> WorkedAsync(
        IReadOnlyList<Guid> studies, CancellationToken cancellation)
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
