using LdcLedger.Ledger.Settings;
using Npgsql;

namespace LdcLedger.Ledger.Postgres;

/// <summary>What a database says of itself, as far as a ledger depends on it.</summary>
/// <param name="User">Whom its sessions belong to.</param>
/// <param name="Encoding">Of its text, as PostgreSQL calls it: UTF8, LATIN1, ...</param>
/// <param name="IsStandby">It follows another server, and only reads.</param>
/// <param name="IsReadOnly">Its sessions begin read-only.</param>
/// <param name="KeepsSettings">What a connection asks for when it opens is so.</param>
/// <param name="KeepsSessions">A connection is one session of the server's for as long as it lasts.</param>
internal sealed record DatabaseState(
    Version Version, string Name, string User, string Encoding, bool IsStandby, bool IsReadOnly, bool KeepsSettings, bool KeepsSessions)
{
    internal const string NameTheServer =
        "a connection pooler stands between, which leases do not get through: name the server itself in LDC_POSTGRES";

    /// <param name="connection">Opened with <see cref="LedgerDatabase.WithOurSettings"/>.</param>
    /// <param name="connectionString">For more of the same kind, each one of its own.</param>
    public static async Task<DatabaseState> OfAsync(
        NpgsqlConnection connection, string connectionString, CancellationToken cancellation)
    {
        await using var ask = new NpgsqlCommand("""
            select d.datname, current_user::text, pg_encoding_to_char(d.encoding)::text, pg_is_in_recovery(),
                current_setting('transaction_read_only') = 'on', current_setting('idle_in_transaction_session_timeout'), pg_backend_pid()
            from pg_database d where d.datname = current_database()
            """, connection);
        await using var answer = await ask.ExecuteReaderAsync(cancellation);
        await answer.ReadAsync(cancellation);
        // A pooler opens connections in the server's place, and gives them a number of its own.
        var isDirect = connection.ProcessID == answer.GetInt32(6);
        return new(
            connection.PostgreSqlVersion, answer.GetString(0), answer.GetString(1), answer.GetString(2), answer.GetBoolean(3),
            answer.GetBoolean(4), answer.GetString(5) == LedgerDatabase.IdleInTransactionTimeout,
            isDirect || !await SharesSessionsAsync(connectionString, cancellation));
    }

    /// <summary>Whether two connections that are open at the same time meet in one session, or one has two, one after the other.</summary>
    internal static async Task<bool> SharesSessionsAsync(string connectionString, CancellationToken cancellation)
    {
        await using var one = new NpgsqlConnection(connectionString);
        await using var other = new NpgsqlConnection(connectionString);
        await one.OpenAsync(cancellation);
        await other.OpenAsync(cancellation);
        var before = await SessionAsync(one);
        await using var busy = await other.BeginTransactionAsync(cancellation);
        return await SessionAsync(other) == before || await SessionAsync(one) != before;

        async Task<int> SessionAsync(NpgsqlConnection of)
        {
            await using var ask = new NpgsqlCommand("select pg_backend_pid()", of);
            return (int)(await ask.ExecuteScalarAsync(cancellation))!;
        }
    }

    /// <summary>Why it cannot hold a ledger, and what to do, in one sentence; null where it can.</summary>
    public string? WhyUnfit(PostgresAddress address) =>
        Version.Major < LedgerDatabase.OldestMajor
            ? $"{address} is of version {Version}; {LedgerDatabase.OldestMajor} or newer is needed."
        : Encoding != "UTF8"
            ? $"Database {Name} of {address} has the encoding {Encoding}, and a ledger needs UTF8: "
                + "create another (createdb --encoding=UTF8 --template=template0 NAME) and name it in LDC_POSTGRES."
        : IsStandby
            ? $"{address} is a standby, which only reads: name its primary in LDC_POSTGRES."
        : IsReadOnly
            ? $"Sessions of user {User} in database {Name} of {address} are read-only, and a ledger is written to: "
                + "set default_transaction_read_only to off for them, or name another in LDC_POSTGRES."
        : !KeepsSessions
            ? $"{address} gives each transaction another session (a pooler in transaction mode); {NameTheServer}."
        : !KeepsSettings
            ? $"{address} does not set what a connection asks for (options); {NameTheServer}."
        : null;
}
