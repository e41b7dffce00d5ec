using System.Globalization;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Bench.Ledgers;

/// <summary>
/// A PostgreSQL to measure on: a private one that is made for it, or the one that is named. Every part of a bench has a ledger in a schema
/// of its own; all of it is gone afterwards.
/// </summary>
public sealed class BenchServer : IAsyncDisposable
{
    private readonly LedgerDatabase _database;
    private readonly string? _folder;
    private readonly string _prefix;
    private readonly List<LedgerStore> _ledgers = [];

    private BenchServer(LedgerDatabase database, string? folder, string prefix, string name) =>
        (_database, _folder, _prefix, Name) = (database, folder, prefix, name);

    /// <summary>Version and kind, for the report.</summary>
    public string Name { get; }

    /// <param name="postgres">As <c>LDC_POSTGRES</c> has it; null: a private one in a temporary folder.</param>
    /// <exception cref="LedgerUnavailable">It cannot be reached or started.</exception>
    public static async Task<BenchServer> OpenAsync(string? postgres, TimeProvider time, CancellationToken cancellation = default)
    {
        var folder = postgres is null ? Directory.CreateTempSubdirectory("ldc-bench-").FullName : null;
        if (folder is not null && Environment.IsPrivilegedProcess)   // the user postgres, who runs the server then, has to pass
            File.SetUnixFileMode(
                folder,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                    | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        try
        {
            var database = await LedgerDatabase.OpenAsync(folder ?? "", postgres, cancellation);
            await using var connection = new NpgsqlConnection(database.ConnectionString);
            await connection.OpenAsync(cancellation);
            var where = database.IsPrivate ? "private" : $"{connection.Host}:{connection.Port}";
            var name = $"PostgreSQL {connection.PostgreSqlVersion.ToString(2)}, {where}";
            var prefix = string.Create(
                CultureInfo.InvariantCulture, $"ldc_bench_{time.GetUtcNow().ToUnixTimeMilliseconds()}_{Environment.ProcessId}");
            return new(database, folder, prefix, name);
        }
        catch
        {
            Remove(folder);
            throw;
        }
    }

    /// <summary>An empty ledger.</summary>
    public async Task<LedgerStore> LedgerAsync(string part, CancellationToken cancellation = default)
    {
        var store = await LedgerStore.OpenAsync(_database.ConnectionString, $"{_prefix}_{part}", cancellation: cancellation);
        _ledgers.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var ledger in _ledgers)
            {
                if (!_database.IsPrivate)
                    await using (var drop = ledger.DataSource.CreateCommand($"drop schema if exists {ledger.Schema} cascade"))
                        await drop.ExecuteNonQueryAsync();
                await ledger.DisposeAsync();
            }
        }
        finally
        {
            await _database.DisposeAsync();
            Remove(_folder);
        }
    }

    private static void Remove(string? folder)
    {
        if (folder is not null && Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
