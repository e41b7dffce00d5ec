using LdcLedger.Ledger.Postgres;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>
/// Keeps the private PostgreSQL of a ledger running between the calls of a test, each of which would start and stop it; as another
/// <c>ldc</c> beside them would.
/// </summary>
internal sealed class KeptServers : IDisposable
{
    private readonly Dictionary<string, PrivatePostgres> _servers = [];

    /// <summary>Of a ledger that was not begun yet there is nothing to keep.</summary>
    public async Task KeepAsync(string dataFolder)
    {
        if (!_servers.ContainsKey(dataFolder) && Directory.Exists(Path.Combine(dataFolder, "postgres")))
            _servers.Add(dataFolder, await PrivatePostgres.StartAsync(dataFolder, TestContext.Current.CancellationToken));
    }

    public void Dispose()
    {
        foreach (var server in _servers.Values)
            server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _servers.Clear();
    }
}
