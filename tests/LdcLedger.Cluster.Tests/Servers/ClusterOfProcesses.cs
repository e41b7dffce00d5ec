using System.Globalization;
using System.Net.Sockets;
using LdcLedger.Cluster.Tests.Studies;
using Npgsql;
using Xunit;

namespace LdcLedger.Cluster.Tests.Servers;

/// <summary>
/// A cluster of processes around one ledger: a database and a vhost of its own, a shared artifact folder, any number of <c>ldc serve</c>
/// and <c>ldc worker</c>. All of it is gone when it is disposed of.
/// </summary>
internal sealed class ClusterOfProcesses : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-cluster-").FullName;
    private readonly List<ServerProcess> _processes = [];
    private readonly Dictionary<string, string?> _environment;
    private int _machines;

    private ClusterOfProcesses(string database, Uri vhost)
    {
        (Vhost, Database) = (vhost, NpgsqlDataSource.Create(database));
        _environment = new()
        {
            ["LDC_POSTGRES"] = database,
            ["LDC_RABBITMQ"] = vhost.ToString(),
            ["LDC_ARTIFACTS"] = Path.Combine(_folder, "artifacts"),
            ["LDC_DATA"] = Path.Combine(_folder, "data"),
            ["LDC_CHECKPOINT_SECONDS"] = "0.3",
            ["LDC_LISTEN"] = "off",   // many on one machine, and nobody looks
        };
    }

    public NpgsqlDataSource Database { get; }
    public Uri Vhost { get; }

    public static async Task<ClusterOfProcesses> Create(ClusterServers servers) =>
        new(await (await servers.Postgres).FreshDatabase(), (await servers.RabbitMq).FreshVhost());

    public Task<ServerProcess> Serve() => Start("ldc serve is up", "serve");

    /// <summary>One that shows the ledger, too, and somebody who may see it.</summary>
    public async Task<(ServerProcess Serve, HttpClient Pages)> ServeWithPages()
    {
        var (data, socket) = (_environment["LDC_DATA"]!, Path.Combine(_folder, "pages"));
        var serve = await Start("ldc serve is up", data, new Dictionary<string, string?> { ["LDC_LISTEN"] = $"unix:{socket}" }, "serve");
        await serve.Says("Dashboard: on");
        var pages = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var line = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await line.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                return new NetworkStream(line, ownsSocket: true);
            },
        }) { BaseAddress = new("http://localhost/") };
        var token = await File.ReadAllTextAsync(Path.Combine(data, "web.token"), TestContext.Current.CancellationToken);
        pages.DefaultRequestHeaders.Authorization = new("Bearer", token.Trim());
        return (serve, pages);
    }

    /// <param name="data">The machine's own folder; null: a new machine.</param>
    public Task<ServerProcess> Worker(string? data = null, IReadOnlyDictionary<string, string?>? environment = null) =>
        Start(" is up on cpu", data ?? NewMachine(), environment, "worker");

    /// <summary>A worker that is on its way, not yet up.</summary>
    public ServerProcess BeginWorker(IReadOnlyDictionary<string, string?>? environment = null, string? data = null) =>
        Begin(data ?? NewMachine(), environment, "worker");

    public ServerProcess BeginServe() => Begin(_environment["LDC_DATA"]!, null, "serve");

    /// <summary>Does something while PostgreSQL is away.</summary>
    public async Task Without(PostgresNode postgres, Func<Task> meanwhile)
    {
        await postgres.Stop();
        try
        {
            await meanwhile();
        }
        finally
        {
            await postgres.Continue();
            Database.Clear();   // our own connections broke with everybody's
        }
    }

    /// <summary>Somebody who looks on.</summary>
    public ServerProcess BeginWatch(Guid study) => Begin(NewMachine(), null, "study", "watch", study.ToString("D"));

    public string NewMachine() => Path.Combine(_folder, $"machine-{Interlocked.Increment(ref _machines)}");

    public async Task<Guid> Submit(string spec, bool fresh = false)
    {
        var output = await Ldc.Done(_environment, ["study", "submit", spec, .. fresh ? ["--fresh"] : Array.Empty<string>()]);
        return Guid.Parse(output.Split('\n').First(l => Guid.TryParse(l, out _)), CultureInfo.InvariantCulture);
    }

    public Task<string> Ask(params string[] arguments) => Ldc.Done(_environment, arguments);

    public Task<(int Code, string Output)> Try(params string[] arguments) => Ldc.Run(_environment, arguments);

    /// <summary>Waits until the study has ended, by the ledger itself; tells what the processes said when it does not.</summary>
    public async Task Ended(Guid study, TimeSpan within)
    {
        var limit = TimeProvider.System.GetTimestamp();
        while (await Count($"stream_id = '{study}' and type = 'study_completed'") == 0)
        {
            if (TimeProvider.System.GetElapsedTime(limit) > within)
                Assert.Fail($"The study did not end within {within}.\n{await Types()}\n{Outputs}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// The study has ended as the undisturbed one did: the same numbers bit for bit, each run completed once, each stage 2 planned once.
    /// </summary>
    public async Task EndsLike(SmallStudy undisturbed, Guid study, TimeSpan within)
    {
        await Ended(study, within);
        Assert.Equal(undisturbed.Numbers, await Numbers(study));
        var runs = await Count($"correlation_id = '{study}' and type = 'run_planned'");
        Assert.Equal(runs, await Count($"correlation_id = '{study}' and type = 'run_completed'"));
        Assert.Equal(runs, await Count($"stream_id = '{study}' and type = 'run_settled'"));
        Assert.Equal(1, await Count($"stream_id = '{study}' and type = 'study_completed'"));
    }

    /// <summary>Claims of a place in the ledger or later, oldest first: which run, which process.</summary>
    public async Task<IReadOnlyList<(long Place, Guid Run, int Attempt, int Process)>> Claims(long from = 0)
    {
        var claims = new List<(long, Guid, int, int)>();
        if (await Count("type = 'run_claimed'") == 0)
            return claims;
        await using var command = Database.CreateCommand("""
            select seq_id, stream_id, (data ->> 'attempt')::int, split_part(data ->> 'worker', ':', 2)::int
            from ledger.mt_events where type = 'run_claimed' and seq_id >= $1 order by seq_id
            """);
        command.Parameters.Add(new() { Value = from });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            claims.Add((reader.GetInt64(0), reader.GetGuid(1), reader.GetInt32(2), reader.GetInt32(3)));
        return claims;
    }

    /// <summary>Waits until this is so, by asking again and again; tells what the processes said when it never is.</summary>
    public async Task Until(Func<Task<bool>> isSo, string what, TimeSpan within)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > within)
                Assert.Fail($"Not within {within}: {what}.\n{Outputs}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until the ledger holds so many such events.</summary>
    public async Task Holds(int events, string where, TimeSpan within)
    {
        var limit = TimeProvider.System.GetTimestamp();
        while (await Count(where) < events)
        {
            if (TimeProvider.System.GetElapsedTime(limit) > within)
                Assert.Fail($"There were no {events} events where {where} within {within}.\n{await Types()}\n{Outputs}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async Task<long> Count(string where)
    {
        try
        {
            return (long)(await Database.CreateCommand($"select count(*) from ledger.mt_events where {where}")
                .ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return 0;
        }
    }

    /// <summary>
    /// Every fact that states a number (epochs, norms, perplexities, adapters) by its id: equal dictionaries are bitwise equal results.
    /// </summary>
    public Task<SortedDictionary<Guid, string>> Numbers(Guid study) => Measured.Facts(Database, study);

    private string Outputs => string.Join("\n----\n", _processes.Select(p => p.Output));

    private async Task<string> Types()
    {
        var types = new List<string>();
        await using var reader = await Database.CreateCommand("select type, count(*) from ledger.mt_events group by type order by type")
            .ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            types.Add($"{reader.GetString(0)} {reader.GetInt64(1)}");
        return string.Join(", ", types);
    }

    private Task<ServerProcess> Start(string up, params string[] arguments) => Start(up, _environment["LDC_DATA"]!, null, arguments);

    private async Task<ServerProcess> Start(string up, string data, IReadOnlyDictionary<string, string?>? more, params string[] arguments)
    {
        var process = Begin(data, more, arguments);
        await process.Says(up);
        return process;
    }

    private ServerProcess Begin(string data, IReadOnlyDictionary<string, string?>? more, params string[] arguments)
    {
        var environment = new Dictionary<string, string?>(_environment) { ["LDC_DATA"] = data };
        foreach (var (name, value) in more ?? new Dictionary<string, string?>())
            environment[name] = value;
        var process = Ldc.Start(environment, arguments);
        lock (_processes)
            _processes.Add(process);
        return process;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

internal static class Measured
{
    public static async Task<SortedDictionary<Guid, string>> Facts(NpgsqlDataSource database, Guid study)
    {
        await using var command = database.CreateCommand("""
            select id, type || ' ' || data::text from ledger.mt_events
            where correlation_id = $1
                and type in ('epoch_completed', 'layer_norm_measured', 'perplexity_evaluated', 'adapter_saved', 'stage2_planned')
            """);
        command.Parameters.Add(new() { Value = study.ToString("D") });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var facts = new SortedDictionary<Guid, string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            facts.Add(reader.GetGuid(0), reader.GetString(1));   // a doubled fact would throw here
        return facts;
    }

    /// <summary>What the runs of a study found, in words without ids, in order; what is recorded twice is here twice.</summary>
    public static async Task<List<string>> Findings(NpgsqlDataSource database, Guid study)
    {
        await using var command = database.CreateCommand("""
            select concat_ws(' ', p.data ->> 'domain', p.data ->> 'tuning', e.type, (e.data - 'studyId' - 'runId')::text)
            from ledger.mt_events e join ledger.mt_events p on p.stream_id = e.stream_id and p.type = 'run_planned'
            where e.correlation_id = $1 and e.type in ('epoch_completed', 'layer_norm_measured', 'perplexity_evaluated', 'adapter_saved')
            """);
        command.Parameters.Add(new() { Value = study.ToString("D") });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var findings = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            findings.Add(reader.GetString(0));
        findings.Sort(StringComparer.Ordinal);
        return findings;
    }
}
