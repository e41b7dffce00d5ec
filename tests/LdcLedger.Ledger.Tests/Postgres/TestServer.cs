using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(TestServer))]

namespace LdcLedger.Ledger.Tests.Postgres;

/// <summary>One private PostgreSQL for the whole assembly; stopped and removed at the end.</summary>
public sealed class TestServer : IAsyncLifetime
{
    private readonly string _folder = TestFolder.Create();
    private PrivatePostgres _server = null!;

    public async ValueTask InitializeAsync() => _server = await PrivatePostgres.StartAsync(_folder);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A database of one's own, named for the test class.</summary>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        await using var connection = new NpgsqlConnection(_server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database \"{name}\"", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = name }.ConnectionString;
    }
}

/// <summary>An empty ledger for a test class.</summary>
public sealed class EmptyLedger(TestServer server) : IAsyncLifetime
{
    private static int Made;

    public LedgerStore Store { get; private set; } = null!;

    public LedgerWriter Writer => new(Store, TimeProvider.System);

    public async ValueTask InitializeAsync() =>
        Store = await LedgerStore.OpenAsync(await server.CreateDatabaseAsync($"ledger_{Interlocked.Increment(ref Made)}"));

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    /// <summary>SQL behind the ledger's back.</summary>
    public async Task TamperAsync(string sql)
    {
        await using var command = Store.DataSource.CreateCommand($"""
            alter table ledger.mt_events disable trigger events_are_never_changed;
            {sql};
            alter table ledger.mt_events enable trigger events_are_never_changed;
            """);
        await command.ExecuteNonQueryAsync();
    }
}

internal static class TestFolder
{
    /// <summary>A new folder that the user postgres can pass, too.</summary>
    public static string Create()
    {
        var folder = Directory.CreateTempSubdirectory("ldc-tests-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
        return folder;
    }
}
