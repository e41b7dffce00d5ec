using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Runs;

/// <summary>
/// A sign that a living process has a run: an advisory lock of a connection of its own. It keeps a message that is delivered twice from taking the run away
/// from the worker that trains it. It is no fence (a connection can break unnoticed); the fence is the attempt in the ledger.
/// </summary>
internal sealed class RunLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private RunLock(NpgsqlConnection connection) => _connection = connection;

    public static string Subject(LedgerStore store, Guid run) => $"ldc run of {store.Schema} {run:N}";

    /// <summary>Null where a living process has the run.</summary>
    public static async Task<RunLock?> TryTakeAsync(LedgerStore store, Guid run, CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(store.ConnectionString) { Pooling = false, ApplicationName = "ldc run" }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            await using var command = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended($1, 0))", connection);
            command.Parameters.Add(new() { Value = Subject(store, run) });
            if (await command.ExecuteScalarAsync(cancellation) is true)
                return new(connection);
            await connection.DisposeAsync();
            return null;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether it is still held; it ends with its connection, when the ledger is away for a moment.</summary>
    public async Task<bool> IsHeldAsync(CancellationToken cancellation)
    {
        try
        {
            await using var command = new NpgsqlCommand("select 1", _connection);
            await command.ExecuteScalarAsync(cancellation);
            return true;
        }
        catch (Exception cause) when (cause is NpgsqlException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
