using System.Globalization;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Settings;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Checks;

/// <summary>
/// PostgreSQL: reachable, new enough, of our version of the tables, the right to append, and a clock that agrees with ours.
/// </summary>
public static class DatabaseChecks
{
    private const string Subject = "PostgreSQL";
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);

    public static async Task<IReadOnlyList<Finding>> AllAsync(TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await using var database = await LedgerDatabase.OpenAsync(cancellation);
            await using var source = LedgerDatabase.Source(LedgerDatabase.WithOurSettings(database.ConnectionString));
            await using var connection = await source.OpenConnectionAsync(cancellation);
            var where = database.IsPrivate
                ? $"private, in {DataFolder.FromEnvironment()}" : $"{connection.Host}:{connection.Port}/{connection.Database}";
            return
            [
                Version(connection, where),
                await TablesAsync(connection, cancellation),
                await ClockAsync(connection, time, cancellation),
                .. Unused(),
            ];
        }
        catch (Exception cause) when (cause is LedgerUnavailable or SettingRefused)
        {
            return [Finding.ToDo(Subject, cause.Message)];
        }
    }

    private static IEnumerable<Finding> Unused() => PostgresAddress.FromEnvironment() is { Unused: { Count: > 0 } unused }
        ? [Finding.Fine("LDC_POSTGRES", $"{string.Join(", ", unused)}: not needed here, and without effect")]
        : [];

    private static Finding Version(NpgsqlConnection connection, string where) =>
        connection.PostgreSqlVersion.Major >= LedgerDatabase.OldestMajor
            ? Finding.Fine(Subject, $"version {connection.PostgreSqlVersion}, {where}")
            : Finding.ToDo(Subject,
                $"version {connection.PostgreSqlVersion} at {where} is too old: {LedgerDatabase.OldestMajor} or newer is needed.");

    private static async Task<Finding> TablesAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        const string subject = "ledger";
        if (!await MayReadAsync(connection, cancellation))
            return Finding.ToDo(subject,
                $"user {connection.UserName} may not read it: use a role that may, such as ldc_app of infra/postgres/roles.sql.");
        if (await TablesVersion.OfAsync(connection, LedgerStore.DefaultSchema, cancellation) is not { } version)
            return await ScalarAsync(connection, "select has_database_privilege(current_database(), 'create')", cancellation) is true
                ? Finding.Fine(subject, "no tables yet; the first ldc that opens the ledger creates them")
                : Finding.ToDo(subject, $"no tables yet, and user {connection.UserName} may not create them: "
                    + "open the ledger once as the database's owner (ldc study list).");
        var events = new MartenTables(LedgerStore.DefaultSchema).Events;
        if (version.CompareTo(TablesVersion.Current) > 0)
            return Finding.ToDo(subject,
                $"its tables are of version {version}, and this ldc knows up to {TablesVersion.Current}: install a newer ldc.");
        if (version != TablesVersion.Current)
            return Finding.ToDo(subject,
                $"its tables are of version {version}, this ldc brings {TablesVersion.Current}: "
                + "open the ledger once as its owner (ldc study list), then run infra/postgres/roles.sql again.");
        if (await ScalarAsync(connection, $"select has_table_privilege('{events}', 'insert')", cancellation) is not true)
            return Finding.ToDo(subject,
                $"user {connection.UserName} may not append events: run infra/postgres/roles.sql, or use its role ldc_app.");
        var count = await ScalarAsync(connection, $"select count(*) from {events}", cancellation);
        return Finding.Fine(subject, string.Create(CultureInfo.InvariantCulture, $"tables of version {version}, {count:N0} events"));
    }

    private static async Task<Finding> ClockAsync(NpgsqlConnection connection, TimeProvider time, CancellationToken cancellation)
    {
        var before = time.GetUtcNow();
        var theirs = new DateTimeOffset(
            (DateTime)(await ScalarAsync(connection, "select clock_timestamp() at time zone 'utc'", cancellation))!, TimeSpan.Zero);
        var after = time.GetUtcNow();
        // The answer was given somewhere between the two: only what lies outside is a difference.
        var off = theirs < before ? before - theirs : theirs > after ? theirs - after : TimeSpan.Zero;
        return off <= ClockTolerance
            ? Finding.Fine("clock", "agrees with the database's")
            : Finding.ToDo("clock", string.Create(CultureInfo.InvariantCulture,
                $"differs from the database's by {off.TotalSeconds:F1} s: let both machines keep time by NTP (timedatectl set-ntp true)."));
    }

    // True where there is nothing to read yet.
    private static async Task<bool> MayReadAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        await ScalarAsync(connection, $"""
            select coalesce(has_schema_privilege(n.oid, 'usage') and bool_and(has_table_privilege(c.oid, 'select')), true)
            from pg_namespace n join pg_class c on c.relnamespace = n.oid and c.relname in ('tables_version', 'mt_events')
            where n.nspname = '{LedgerStore.DefaultSchema}' group by n.oid
            """, cancellation) is not false;

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellation);
    }
}
