using LdcLedger.Domain;
using LdcLedger.Domain.Access;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Access;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests;
using LdcLedger.Ledger.Views;
using LdcLedger.Specs.Resolution;
using LdcLedger.Web.Access;
using LdcLedger.Web.Tests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(TestServer))]

namespace LdcLedger.Web.Tests;

/// <summary>One private PostgreSQL for the whole assembly.</summary>
public sealed class TestServer : IAsyncLifetime
{
    private readonly string _folder = Folder();
    private PrivatePostgres _server = null!;

    public async ValueTask InitializeAsync() => _server = await PrivatePostgres.StartAsync(_folder);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public async Task<string> CreateDatabaseAsync(string name)
    {
        await ExecuteAsync($"create database \"{name}\"");
        return new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = name }.ConnectionString;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A new folder that the user postgres can pass, too.</summary>
    public static string Folder()
    {
        var folder = Directory.CreateTempSubdirectory("ldc-web-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
        return folder;
    }
}

/// <summary>
/// A ledger with one finished study and one that has begun, and a dashboard over it, on a port of its own: real Kestrel, real PostgreSQL.
/// </summary>
public sealed class TestLedger(TestServer server) : IAsyncLifetime
{
    private static int Made;

    private readonly string _data = TestServer.Folder();
    private string _database = "";

    public LedgerStore Store { get; private set; } = null!;

    public WebServer Web { get; private set; } = null!;

    public LocalToken Token { get; private set; } = null!;

    /// <summary>A reader's token, and that of one who sees the finished study up to a position and nothing else.</summary>
    public string Reader { get; private set; } = "";

    public string Bound { get; private set; } = "";

    public const long BoundAt = 20;

    public LedgerAccess Access => new(Store, new(Store, TimeProvider.System), TimeProvider.System);

    /// <summary>A study whose runs have all ended, and one of which nothing has begun.</summary>
    public Guid Finished { get; private set; }

    public Guid Open { get; private set; }

    /// <summary>The event by which the open study was asked for, and the first of its runs.</summary>
    public Guid FirstEvent { get; private set; }

    public Guid FirstRun { get; private set; }

    public async ValueTask InitializeAsync()
    {
        _database = $"web_{Interlocked.Increment(ref Made)}";
        Store = await LedgerStore.OpenAsync(await server.CreateDatabaseAsync(_database));
        var (study, runs) = Samples.Study("finished", models: 2, domains: 2);
        Finished = study.StudyId;
        await RecordAsync([study, .. runs, .. runs.SelectMany(run => Samples.Whole(run))]);
        var (open, planned) = Samples.Study("open");
        Open = open.StudyId;
        (FirstEvent, FirstRun) = (EventIds.Of(open), planned[0].RunId);
        await RecordAsync([open, .. planned]);
        Token = LocalToken.In(_data);
        Reader = await MakeAsync("reader", AccessRoles.Reader);
        Bound = await MakeAsync("bound", AccessRoles.Reader, Finished, BoundAt);
        Web = await StartAsync(Settings);
    }

    /// <summary>As its dashboard has them: a port of its own, a key of its own, and nothing of this machine's.</summary>
    public WebSettings Settings => new(ListenAddress.Usual with { Port = 0 })
    {
        RequestsPerSecond = 100_000, SealKeys = () => Keys, TrustedKeys = () => Keys.Trusted(), SpecRoots = () => SpecRoots.Of(_data),
        Artifact = sha256 => Path.Combine(_data, sha256) is var path && File.Exists(path) ? path : null,
    };

    /// <summary>The folder of this machine's token, key and files.</summary>
    public string Data => _data;

    public SealKeys Keys => new(_data, null);

    public PastQueries Past => new(Store, TimeProvider.System, asTheyStand: true);

    public Task<IReadOnlyList<LedgerEvent>> HistoryAsync(Guid stream) =>
        LedgerQueries.AsTheyStand(Store, TimeProvider.System).HistoryAsync(stream);

    /// <summary>An event of the finished study that states norms.</summary>
    public async Task<Guid> NormEventAsync()
    {
        var run = Samples.Study("finished", models: 2, domains: 2).Runs.First(planned => planned.Stage == 1);
        return (await HistoryAsync(run.RunId)).First(e => e.Fact is LayerNormMeasured).Id;
    }

    public Task<WebServer> StartAsync(WebSettings settings) =>
        WebServer.StartAsync(settings, Store, Token, NullLoggerFactory.Instance, TimeProvider.System);

    /// <summary>The same with what is logged.</summary>
    public Task<WebServer> StartAsync(WebSettings settings, ILoggerFactory loggers) =>
        WebServer.StartAsync(settings, Store, Token, loggers, TimeProvider.System);

    /// <summary>Brings the read models up to what was written by others than this class.</summary>
    public Task CatchUpAsync() => new ReadModelProgress(Store, TimeProvider.System).CatchUpAsync();

    /// <summary>The place of the newest event.</summary>
    public async Task<long> LastAsync() => (await new LedgerViews(Store, TimeProvider.System).StateAsync()).Last;

    /// <summary>Makes a token. The read models follow, or every page would say from then on by how many seconds they lag.</summary>
    public async Task<string> MakeAsync(string name, string role, Guid? study = null, long? at = null, DateTimeOffset? expires = null)
    {
        var token = TokenText.New();
        await Access.GrantAsync(name, role, TokenText.Sha256(token), study, at, expires);
        await CatchUpAsync();
        return token;
    }

    /// <summary>Appends facts, and brings the read models up to them, as a process that leads would.</summary>
    /// <param name="cause">The event that led to them; null: a person did.</param>
    public async Task RecordAsync(IReadOnlyList<ILedgerEvent> facts, Guid? cause = null)
    {
        await new LedgerWriter(Store, TimeProvider.System).RecordAsync(facts, cause);
        await new ReadModelProgress(Store, TimeProvider.System).CatchUpAsync();
    }

    /// <summary>As if PostgreSQL were away, for everybody who asks for this ledger, until it is back.</summary>
    public async Task GoAwayAsync()
    {
        await server.ExecuteAsync($"alter database {_database} allow_connections false");
        await server.ExecuteAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{_database}'");
    }

    public Task ComeBackAsync() => server.ExecuteAsync($"alter database {_database} allow_connections true");

    /// <summary>A client that is signed in as this machine's operator.</summary>
    public HttpClient Operator() => Client(Token.Text);

    /// <param name="token">Null: nobody.</param>
    public HttpClient Client(string? token = null)
    {
        // Of a stream that is left nothing more is waited for.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ResponseDrainTimeout = TimeSpan.Zero };
        var client = new HttpClient(handler) { BaseAddress = Web.Url };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Web.DisposeAsync();
        await Store.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }
}
