using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using LdcLedger.Ledger.Postgres;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Postgres;

/// <summary>A pgbouncer between ldc and its server: named where leases would not get through it.</summary>
public sealed class PoolerTests(TestServer server) : IAsyncLifetime
{
    private const string Program = "/usr/sbin/pgbouncer";

    private static int Made;

    private readonly string _folder = TestFolder.Create();
    private readonly List<Process> _poolers = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("transaction", "", "refuses: unsupported startup parameter: options; a connection pooler stands between")]
    [InlineData("session", "", "refuses: unsupported startup parameter: options; a connection pooler stands between")]
    [InlineData("transaction", "ignore_startup_parameters = options", "gives each transaction another session")]
    [InlineData("session", "ignore_startup_parameters = options", "does not set what a connection asks for (options); a connection pooler")]
    public async Task A_pooler_that_leases_do_not_get_through_is_named(string mode, string setting, string message)
    {
        var pooled = await StartAsync(mode, setting);
        var refused = await Assert.ThrowsAsync<LedgerUnavailable>(() => LedgerDatabase.OpenAsync("", pooled, Cancellation));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains("name the server itself in LDC_POSTGRES", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whether_sessions_are_shared_is_seen_by_what_two_connections_meet()
    {
        Assert.True(await DatabaseState.SharesSessionsAsync(await StartAsync("transaction", "server_round_robin = 1"), Cancellation));
        Assert.False(await DatabaseState.SharesSessionsAsync(await StartAsync("session", ""), Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        foreach (var pooler in _poolers)
        {
            pooler.Kill();
            await pooler.WaitForExitAsync(CancellationToken.None);
            pooler.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Its address; it goes with the test.</summary>
    private async Task<string> StartAsync(string mode, string setting)
    {
        Assert.SkipUnless(File.Exists(Program), "pgbouncer is not installed here.");
        var behind = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync($"pooled_{Interlocked.Increment(ref Made)}"));
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        var file = Path.Combine(_folder, $"{port}.ini");
        await File.WriteAllTextAsync(file, $"""
            [databases]
            {behind.Database} = host={behind.Host} user={behind.Username}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {mode}
            {setting}
            """, Cancellation);
        // It refuses to run as root, and PostgreSQL knows the user postgres there.
        string[] command = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", Program, "-q", file] : [Program, "-q", file];
        var pooler = Process.Start(command[0], command[1..]);
        _poolers.Add(pooler);
        while (!pooler.HasExited && !await ListensAsync(port))
            await Task.Delay(10, Cancellation);
        return $"Host=127.0.0.1;Port={port};Username=ldc;Database={behind.Database};Pooling=false;Timeout=10";
    }

    private static async Task<bool> ListensAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, Cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
