using System.Globalization;
using Npgsql;

namespace LdcLedger.Ledger.Leases;

/// <summary>
/// Something that one process at a time may hold: who leads, who trains a run. It is an advisory lock of PostgreSQL's on a connection
/// of its own, so it ends with the process, with the connection (TCP keepalives notice a machine that vanished), and with the server's
/// <c>idle_session_timeout</c> when the process is frozen: the holder has to speak up in time, and does so by itself. No table, no
/// sweeper, no clock of ours.
/// </summary>
/// <remarks>
/// A holder that was frozen may believe in its lease for a moment after it comes back; what must not happen twice is fenced by the
/// ledger's expected versions. The lease decides who works, never what counts.
/// </remarks>
public sealed class SessionLease : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _oneWord = new(1);
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _given = new();
    private readonly Task _speakingUp;

    private SessionLease(NpgsqlConnection connection, TimeSpan silenceTimeout, TimeProvider time)
    {
        (_connection, _time) = (connection, time);
        _speakingUp = SpeakUpAsync(silenceTimeout / 4);
    }

    /// <summary>Cancelled when the lease has ended without being given back.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <param name="subject">What is held; the same text names the same thing in one database.</param>
    /// <param name="silenceTimeout">
    /// How long a holder may be silent before it loses the lease, in whole seconds, at least one; it speaks up four times as often.
    /// </param>
    /// <param name="time">By whose clock the holder speaks up; null: the system's.</param>
    /// <returns>Null while somebody else holds it.</returns>
    /// <exception cref="NpgsqlException">The server cannot be reached.</exception>
    public static Task<SessionLease?> TryTakeAsync(
        string connectionString, string subject, TimeSpan silenceTimeout,
        TimeProvider? time = null, CancellationToken cancellation = default) =>
        TryTakeAsync(connectionString, Take(1), [subject], silenceTimeout, time, cancellation);

    /// <summary>Takes a second subject with the first, or neither.</summary>
    public static Task<SessionLease?> TryTakeBothAsync(
        string connectionString, string subject, string second, TimeSpan silenceTimeout,
        TimeProvider? time = null, CancellationToken cancellation = default) =>
        // The second is not touched unless the first is ours: whoever asks who holds it must not meet us trying.
        TryTakeAsync(
            connectionString, $"case when {Take(1)} then {Take(2)} else false end", [subject, second], silenceTimeout, time, cancellation);

    /// <summary>Takes part in a lease that any number of processes hold at a time: a sign that at least one of them lives.</summary>
    /// <returns>Null while somebody holds it alone.</returns>
    /// <exception cref="NpgsqlException">The server cannot be reached.</exception>
    public static Task<SessionLease?> TryShareAsync(
        string connectionString, string subject, TimeSpan silenceTimeout,
        TimeProvider? time = null, CancellationToken cancellation = default) =>
        TryTakeAsync(
            connectionString, "pg_try_advisory_lock_shared(hashtextextended($1, 0))", [subject], silenceTimeout, time, cancellation);

    private static string Take(int subject) =>
        string.Create(CultureInfo.InvariantCulture, $"pg_try_advisory_lock(hashtextextended(${subject}, 0))");

    private static async Task<SessionLease?> TryTakeAsync(
        string connectionString, string taking, string[] subjects, TimeSpan silenceTimeout, TimeProvider? time,
        CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(Settings(connectionString, (int)Math.Max(1, silenceTimeout.TotalSeconds)));
        try
        {
            await connection.OpenAsync(cancellation);
            await using var take = new NpgsqlCommand($"select {taking}", connection);
            foreach (var subject in subjects)
                take.Parameters.Add(new() { Value = subject });
            if (await take.ExecuteScalarAsync(cancellation) is true)
                return new(connection, silenceTimeout, time ?? TimeProvider.System);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    /// <summary>Which of these subjects somebody holds now, alone or with others.</summary>
    public static async Task<IReadOnlySet<string>> HeldAsync(
        NpgsqlDataSource ledger, IReadOnlyCollection<string> subjects, CancellationToken cancellation = default)
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

    /// <summary>Speaks up now, and says whether the lease is still held.</summary>
    public async Task<bool> IsHeldAsync(CancellationToken cancellation = default)
    {
        if (_lost.IsCancellationRequested)
            return false;
        await _oneWord.WaitAsync(cancellation);
        try
        {
            await using var word = new NpgsqlCommand("select 1", _connection);
            await word.ExecuteScalarAsync(cancellation);
            return true;
        }
        catch (Exception cause) when (!cancellation.IsCancellationRequested && IsLoss(cause))
        {
            await _lost.CancelAsync();
            return false;
        }
        finally
        {
            _oneWord.Release();
        }
    }

    /// <summary>Returns when the lease is lost. Meanwhile <paramref name="onBeat"/> runs again and again.</summary>
    public async Task HoldAsync(TimeSpan beatInterval, Func<Task> onBeat, CancellationToken cancellation = default)
    {
        using var beat = new PeriodicTimer(beatInterval, _time);
        while (await beat.WaitForNextTickAsync(cancellation) && await IsHeldAsync(cancellation))
            await onBeat();
    }

    /// <summary>Gives it back at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _given.CancelAsync();
        await _speakingUp;
        try
        {
            // The server notices a closed connection a moment later; whoever asks next must not find the lease still held.
            await using var give = new NpgsqlCommand("select pg_advisory_unlock_all()", _connection);
            await give.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception cause) when (cause is NpgsqlException or InvalidOperationException or IOException or TimeoutException)
        {
            // The connection is gone, and the lease with it.
        }
        await _connection.DisposeAsync();
        _given.Dispose();
        _lost.Dispose();
        _oneWord.Dispose();
    }

    private static string Settings(string connectionString, int silenceSeconds)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            ApplicationName = "ldc lease",
            CommandTimeout = Math.Max(1, silenceSeconds / 2),   // a holder that gets no answer knows it before another one has the lease
            Timeout = silenceSeconds,
        };
        var server = string.Create(CultureInfo.InvariantCulture, $"-c idle_session_timeout={silenceSeconds}s");
        if (settings.Host?.StartsWith('/') != true)   // a Unix socket knows no keepalives, and needs none
        {
            var interval = Math.Max(1, silenceSeconds / 4);
            (settings.TcpKeepAlive, settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) = (true, silenceSeconds, interval);
            server += string.Create(CultureInfo.InvariantCulture,
                $" -c tcp_keepalives_idle={silenceSeconds} -c tcp_keepalives_interval={interval} -c tcp_keepalives_count=3");
        }
        settings.Options = $"{settings.Options} {server}".Trim();
        return settings.ConnectionString;
    }

    private static bool IsLoss(Exception cause) =>
        cause is NpgsqlException or InvalidOperationException or IOException or TimeoutException or OperationCanceledException;

    private async Task SpeakUpAsync(TimeSpan interval)
    {
        try
        {
            using var rhythm = new PeriodicTimer(interval, _time);
            while (await rhythm.WaitForNextTickAsync(_given.Token) && await IsHeldAsync(_given.Token))
            {
                // Held on.
            }
        }
        catch (Exception cause) when (_given.IsCancellationRequested && IsLoss(cause))
        {
            // Given back.
        }
    }
}
