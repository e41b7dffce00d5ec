using System.Text.Json;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Runs;

/// <summary>What a worker says of itself.</summary>
/// <param name="Name">Tells workers apart; as in RunClaimed.</param>
/// <param name="Doing">idle, preparing, training, evaluating, leaving.</param>
/// <param name="Run">The run it has, with its attempt and what it is called; null while idle.</param>
/// <param name="Journalled">Transactions that wait in its journals for the ledger to come back.</param>
/// <param name="Note">What an operator should know: inputs it does not have, a ledger it cannot reach.</param>
public sealed record WorkerSign(
    string Name, string Host, string Device, IReadOnlyList<string> Labels, string Version, DateTimeOffset Started, string Doing,
    Guid? Run, int? Attempt, string? Title, int Step, int Steps,
    double? TokensPerSecond, double? SecondsLeft, int Journalled, string? Note);

/// <param name="SecondsAgo">Age of the sign by the server's clock.</param>
public sealed record WorkerSeen(WorkerSign Sign, double SecondsAgo)
{
    public bool IsAlive => SecondsAgo < WorkerRegister.SignTimeout.TotalSeconds;
}

/// <summary>
/// Who is there and what each does: signs of life, overwritten by the next one. Nothing is decided from them but what is shown to people
/// and whether a study's files can be seen; what counts is in the ledger, who may train is a lease.
/// </summary>
public sealed class WorkerRegister(LedgerStore store)
{
    public static readonly TimeSpan SignInterval = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan SignTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Overwrites the worker's sign, and answers which of the paths that somebody asks it about it can see.</summary>
    public async Task SayAsync(WorkerSign sign, CancellationToken cancellation = default)
    {
        await using var say = store.DataSource.CreateCommand($"""
            insert into {store.Schema}.workers values ($1, $2::jsonb, now())
            on conflict (name) do update set sign = excluded.sign, seen = excluded.seen;
            """);
        say.Parameters.Add(new() { Value = sign.Name });
        say.Parameters.Add(new() { Value = JsonSerializer.Serialize(sign, LedgerJson.Options) });
        await say.ExecuteNonQueryAsync(cancellation);

        foreach (var path in await AskedAsync(sign.Name, cancellation))
        {
            await using var answer =
                store.DataSource.CreateCommand($"update {store.Schema}.worker_sightings set found = $3 where path = $1 and worker = $2");
            answer.Parameters.Add(new() { Value = path });
            answer.Parameters.Add(new() { Value = sign.Name });
            answer.Parameters.Add(new() { Value = Path.Exists(path) });
            await answer.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>A worker that leaves in good order is gone at once; what others left a day ago goes, too.</summary>
    public async Task LeaveAsync(string name, CancellationToken cancellation = default)
    {
        await using var leave =
            store.DataSource.CreateCommand($"delete from {store.Schema}.workers where name = $1 or seen < now() - interval '1 day'");
        leave.Parameters.Add(new() { Value = name });
        await leave.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Everybody who said something in the last day, by name.</summary>
    public async Task<IReadOnlyList<WorkerSeen>> AllAsync(CancellationToken cancellation = default)
    {
        await using var command = store.DataSource.CreateCommand($"""
            select sign, extract(epoch from now() - seen)::float8
            from {store.Schema}.workers where seen > now() - interval '1 day' order by name
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var all = new List<WorkerSeen>();
        while (await reader.ReadAsync(cancellation))
            all.Add(new(JsonSerializer.Deserialize<WorkerSign>(reader.GetString(0), LedgerJson.Options)!, reader.GetDouble(1)));
        return all;
    }

    /// <summary>Asks every living worker whether it sees these paths.</summary>
    /// <returns>
    /// How many workers answered, and the paths that none of them sees; nothing is missing where nobody answered in time.
    /// </returns>
    public async Task<(int Answered, IReadOnlyList<string> Unseen)> AskAsync(
        IReadOnlyCollection<string> paths, TimeSpan within, TimeProvider time, CancellationToken cancellation = default)
    {
        var workers = (await AllAsync(cancellation)).Where(w => w.IsAlive).Select(w => w.Sign.Name).ToArray();
        if (workers.Length == 0 || paths.Count == 0)
            return (0, []);
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await ExecuteAsync(connection, $"""
            insert into {store.Schema}.worker_sightings
            select p, w, null, now() from unnest($1) p, unnest($2) w
            on conflict (path, worker) do update set found = null, asked = excluded.asked
            """, paths, workers, cancellation);
        var asked = time.GetTimestamp();
        var answers = new List<(string Path, string Worker, bool Found)>();
        using var poll = new PeriodicTimer(PollInterval, time);
        do
        {
            answers = await AnswersAsync(connection, paths, workers, cancellation);
        }
        while (answers.Count < paths.Count * workers.Length && time.GetElapsedTime(asked) < within
            && await poll.WaitForNextTickAsync(cancellation));
        await ExecuteAsync(connection,
            $"delete from {store.Schema}.worker_sightings where (path = any($1) and worker = any($2)) or asked < now() - interval '1 hour'",
            paths, workers, cancellation);
        var answered = answers.Select(a => a.Worker).Distinct().Count();
        return (answered, answered == 0 ? [] : [.. paths.Where(p => !answers.Any(a => a.Path == p && a.Found))]);
    }

    private async Task<List<(string Path, string Worker, bool Found)>> AnswersAsync(
        NpgsqlConnection connection, IReadOnlyCollection<string> paths, string[] workers, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select path, worker, found from {store.Schema}.worker_sightings
            where path = any($1) and worker = any($2) and found is not null
            """, connection);
        command.Parameters.Add(new() { Value = paths.ToArray() });
        command.Parameters.Add(new() { Value = workers });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var answers = new List<(string Path, string Worker, bool Found)>();
        while (await reader.ReadAsync(cancellation))
            answers.Add((reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)));
        return answers;
    }

    private async Task<IReadOnlyList<string>> AskedAsync(string name, CancellationToken cancellation)
    {
        await using var command =
            store.DataSource.CreateCommand($"select path from {store.Schema}.worker_sightings where worker = $1 and found is null");
        command.Parameters.Add(new() { Value = name });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var paths = new List<string>();
        while (await reader.ReadAsync(cancellation))
            paths.Add(reader.GetString(0));
        return paths;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, IReadOnlyCollection<string> paths, string[] workers, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = paths.ToArray() });
        command.Parameters.Add(new() { Value = workers });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
