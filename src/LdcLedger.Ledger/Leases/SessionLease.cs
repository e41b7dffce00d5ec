using System.Globalization;
using Npgsql;

namespace LdcLedger.Ledger.Leases;

/// <summary>
/// Something that one process at a time may hold: who leads, who trains a run. It is an advisory lock of PostgreSQL's on a connection
/// of its own, so it ends with the process, with the connection (TCP keepalives notice a machine that vanished), and with the server's
/// patience (<c>idle_session_timeout</c>) when the process is frozen: the holder has to speak up in time. No table, no sweeper, no clock
/// of ours.
/// </summary>
/// <remarks>
/// A holder that was frozen may believe in its lease for a moment after it comes back; what must not happen twice is fenced by the
/// ledger's expected versions. The lease decides who works, never what counts.
/// </remarks>
public sealed class SessionLease : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _connection;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _given = new();
    private readonly Task _speakingUp;

    private SessionLease(NpgsqlDataSource source, NpgsqlConnection connection, TimeSpan patience)
    {
        (_source, _connection) = (source, connection);
        _speakingUp = SpeakUpAsync(patience);
    }

    /// <summary>Cancelled when the lease has ended without being given back.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <param name="subject">What is held; the same text names the same thing in one database.</param>
    /// <param name="patience">How long a holder may be silent before it loses the lease; it speaks up four times as often.</param>
    /// <returns>Null while somebody else holds it.</returns>
    /// <exception cref="NpgsqlException">The server cannot be reached.</exception>
    public static async Task<SessionLease?> TryTakeAsync(string connectionString, string subject, TimeSpan patience, CancellationToken cancellation = default)
    {
        var seconds = (int)Math.Max(1, patience.TotalSeconds);
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            ApplicationName = "ldc lease",
            TcpKeepAlive = true,
            TcpKeepAliveTime = seconds,
            TcpKeepAliveInterval = Math.Max(1, seconds / 4),
            CommandTimeout = seconds,
            Timeout = seconds,
        };
        settings.Options = string.Create(CultureInfo.InvariantCulture,
            $"{settings.Options} -c idle_session_timeout={seconds}s -c tcp_keepalives_idle={seconds} -c tcp_keepalives_interval={Math.Max(1, seconds / 4)} -c tcp_keepalives_count=3").Trim();
        var source = NpgsqlDataSource.Create(settings);
        var connection = source.CreateConnection();
        try
        {
            await connection.OpenAsync(cancellation);
            await using var take = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended($1, 0))", connection);
            take.Parameters.Add(new() { Value = subject });
            if (await take.ExecuteScalarAsync(cancellation) is true)
                return new(source, connection, patience);
        }
        catch
        {
            await connection.DisposeAsync();
            await source.DisposeAsync();
            throw;
        }
        await connection.DisposeAsync();
        await source.DisposeAsync();
        return null;
    }

    /// <summary>Which of these subjects somebody holds now.</summary>
    public static async Task<IReadOnlySet<string>> HeldAsync(NpgsqlDataSource ledger, IReadOnlyCollection<string> subjects, CancellationToken cancellation = default)
    {
        await using var command = ledger.CreateCommand("""
            select s.subject
            from unnest($1) as s(subject), lateral (select hashtextextended(s.subject, 0) as key) k
            where exists (
                select from pg_locks l
                where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                  and l.database = (select oid from pg_database where datname = current_database())
                  and l.classid = ((k.key >> 32) & 4294967295)::oid and l.objid = (k.key & 4294967295)::oid)
            """);
        command.Parameters.Add(new() { Value = subjects.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var held = new HashSet<string>();
        while (await reader.ReadAsync(cancellation))
            held.Add(reader.GetString(0));
        return held;
    }

    private async Task SpeakUpAsync(TimeSpan patience)
    {
        try
        {
            using var rhythm = new PeriodicTimer(patience / 4);
            while (await rhythm.WaitForNextTickAsync(_given.Token))
            {
                await using var word = new NpgsqlCommand("select 1", _connection);
                await word.ExecuteScalarAsync(_given.Token);
            }
        }
        catch (OperationCanceledException) when (_given.IsCancellationRequested)
        {
            // Given back.
        }
        catch (Exception cause) when (cause is NpgsqlException or InvalidOperationException or IOException or TimeoutException or OperationCanceledException)
        {
            await _lost.CancelAsync();
        }
    }

    /// <summary>Gives it back at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _given.CancelAsync();
        await _speakingUp;
        await _connection.DisposeAsync();
        await _source.DisposeAsync();
        _given.Dispose();
        _lost.Dispose();
    }
}
