using Npgsql;

namespace LdcLedger.Ledger.Leadership;

/// <summary>
/// The right to run projections and relay, which only one process of a ledger has at a time: an advisory lock of a dedicated connection. It is lost with the
/// connection; PostgreSQL ends a connection that is silent for <see cref="Silence"/>, so a frozen process loses it as well.
/// </summary>
public sealed class LeaderLock : IAsyncDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    private readonly NpgsqlConnection _connection;
    private readonly TimeProvider _time;

    private LeaderLock(NpgsqlConnection connection, TimeProvider time) => (_connection, _time) = (connection, time);

    /// <summary>Takes the lock; null where another process has it.</summary>
    public static async Task<LeaderLock?> TryTakeAsync(Store.LedgerStore store, TimeProvider time, CancellationToken cancellation)
    {
        var settings = new NpgsqlConnectionStringBuilder(store.ConnectionString) { Pooling = false, ApplicationName = "ldc leader", CommandTimeout = 5 };
        if (settings.Host?.StartsWith('/') != true)   // a Unix socket knows no keepalives, and needs none
            (settings.TcpKeepAlive, settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) = (true, 5, 2);
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            if (connection.PostgreSqlVersion.Major >= 14)
                await ScalarAsync(connection, $"set idle_session_timeout = {Silence.TotalMilliseconds:F0}", cancellation);
            if (await ScalarAsync(connection, $"select pg_try_advisory_lock(hashtextextended('ldc leader of {store.Schema}', 0))", cancellation) is true)
                return new(connection, time);
            await connection.DisposeAsync();
            return null;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until this process is the leader, looking every second.</summary>
    /// <param name="standingBy">Called each time that another process was seen to lead.</param>
    public static async Task<LeaderLock> TakeAsync(Store.LedgerStore store, TimeProvider time, CancellationToken cancellation, Action? standingBy = null)
    {
        while (true)
        {
            if (await TryTakeAsync(store, time, cancellation) is { } taken)
                return taken;
            standingBy?.Invoke();
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellation);
        }
    }

    /// <summary>Keeps the lock alive and returns when it is lost. <paramref name="onBeat"/> runs while it is held, every two seconds.</summary>
    public async Task HoldAsync(Func<Task> onBeat, CancellationToken cancellation)
    {
        using var beat = new PeriodicTimer(Beat, _time);
        while (await beat.WaitForNextTickAsync(cancellation))
        {
            try
            {
                await ScalarAsync(_connection, "select 1", cancellation);
            }
            catch (NpgsqlException)
            {
                return;
            }
            await onBeat();
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellation);
    }
}
