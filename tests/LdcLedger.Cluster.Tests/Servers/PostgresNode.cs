using System.Globalization;
using Npgsql;

namespace LdcLedger.Cluster.Tests.Servers;

/// <summary>
/// A PostgreSQL cluster of the tests' own on a loopback port, which they can stop and start. Superuser <c>ldc</c>, trusted.
/// </summary>
internal sealed class PostgresNode : IAsyncDisposable
{
    private readonly string _programs;
    private readonly string _folder;
    private ServerProcess _server;
    private int _databases;

    private PostgresNode(string programs, string folder, int port)
    {
        (_programs, _folder, Port) = (programs, folder, port);
        _server = Launch();
    }

    public int Port { get; }

    public string Address(string database = "postgres", string user = "ldc") =>
        $"Host=127.0.0.1;Port={Port};Username={user};Database={database};Timeout=5;Command Timeout=60";

    public static async Task<PostgresNode> Start()
    {
        var programs = Directory.GetDirectories("/usr/lib/postgresql").Select(d => $"{d}/bin")
            .LastOrDefault(d => File.Exists($"{d}/initdb"))
            ?? throw new FileNotFoundException("These tests need PostgreSQL's server programs: run infra/setup.sh --tests.");
        var folder = Directory.CreateTempSubdirectory("ldc-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
            await ServerProcess.Run("chown", ["postgres", folder]);
        await Unprivileged(
            programs, "initdb", "-D", $"{folder}/data", "-U", "ldc", "--auth=trust", "-E", "UTF8", "--no-locale", "--no-sync");
        var node = new PostgresNode(programs, folder, ServerProcess.FreePort());
        await node.IsUp();
        return node;
    }

    /// <summary>Address of a new, empty database.</summary>
    public async Task<string> FreshDatabase()
    {
        var name = $"d{Interlocked.Increment(ref _databases)}";
        await using var source = NpgsqlDataSource.Create(Address());
        await source.CreateCommand($"create database {name}").ExecuteNonQueryAsync();
        return Address(name);
    }

    /// <summary>Ends the server at once, clients and all.</summary>
    public async Task Stop()
    {
        _server.Interrupt();
        await _server.Exit(TimeSpan.FromSeconds(60));
        NpgsqlConnection.ClearAllPools();
    }

    public async Task Continue()
    {
        await _server.DisposeAsync();
        _server = Launch();
        await IsUp();
    }

    private ServerProcess Launch()
    {
        var arguments = new[]
        {
            "-D", $"{_folder}/data", "-p", Port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1",
            "-c", $"unix_socket_directories={_folder}", "-c", "max_connections=200",
        };
        var (program, all) = Drop($"{_programs}/postgres", arguments);
        return ServerProcess.Start(program, all);
    }

    private static Task<string> Unprivileged(string programs, string program, params string[] arguments)
    {
        var (first, all) = Drop($"{programs}/{program}", arguments);
        return ServerProcess.Run(first, all);
    }

    /// <summary>
    /// PostgreSQL refuses to run as root: there it runs as the user postgres. setpriv becomes the program, so signals reach it.
    /// </summary>
    private static (string Program, string[] Arguments) Drop(string program, string[] arguments) => Environment.IsPrivilegedProcess
        ? ("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", "--", program, .. arguments])
        : (program, arguments);

    private async Task IsUp()
    {
        await _server.Listens(Port, TimeSpan.FromSeconds(60));
        await _server.Says("ready to accept connections");
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        _server.Quit();
        await _server.Exit(TimeSpan.FromSeconds(30));
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
