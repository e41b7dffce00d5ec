using System.Net.Sockets;
using Npgsql;

namespace LdcLedger.Ledger.Postgres;

/// <summary>
/// The PostgreSQL that holds the ledger: the one <c>LDC_POSTGRES</c> names, else a private one in the data folder that lives
/// while somebody uses it.
/// </summary>
public sealed class LedgerDatabase : IAsyncDisposable
{
    /// <summary>The oldest PostgreSQL that will do, private or named: leases need its idle_session_timeout.</summary>
    public const int OldestMajor = 14;

    private readonly PrivatePostgres? _private;

    private LedgerDatabase(string connectionString, PrivatePostgres? own) => (ConnectionString, _private) = (connectionString, own);

    public string ConnectionString { get; }

    /// <summary>Whether it is our own, on this machine.</summary>
    public bool IsPrivate => _private is not null;

    /// <param name="dataFolder">Of the private one.</param>
    /// <param name="postgres">A connection string of Npgsql's or a postgres:// URL; null or empty: the private one.</param>
    /// <exception cref="LedgerUnavailable">It cannot be reached or started; says why and what to do.</exception>
    public static async Task<LedgerDatabase> OpenAsync(string dataFolder, string? postgres, CancellationToken cancellation = default)
    {
        if (string.IsNullOrWhiteSpace(postgres))
        {
            var own = await PrivatePostgres.StartAsync(dataFolder, cancellation);
            return new(own.ConnectionString, own);
        }
        var connectionString = Parse(postgres);
        await CheckAsync(connectionString, cancellation);
        return new(connectionString, null);
    }

    public static Task<LedgerDatabase> OpenAsync(CancellationToken cancellation = default)
    {
        var postgres = EnvironmentSecret.Read("LDC_POSTGRES");
        return OpenAsync(string.IsNullOrWhiteSpace(postgres) ? DataFolder.FromEnvironment() : "", postgres, cancellation);
    }

    /// <summary>Reads <c>Host=...;Username=...</c> or <c>postgres://user:password@host:port/database?sslmode=require</c>.</summary>
    public static string Parse(string postgres)
    {
        try
        {
            if (!postgres.StartsWith("postgres://", StringComparison.Ordinal)
                && !postgres.StartsWith("postgresql://", StringComparison.Ordinal))
                return new NpgsqlConnectionStringBuilder(postgres).ConnectionString;
            var url = new Uri(postgres);
            var parts = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(url.Host) };
            if (url.Port > 0)
                parts.Port = url.Port;
            if (url.AbsolutePath.Trim('/') is { Length: > 0 } database)
                parts.Database = Uri.UnescapeDataString(database);
            var credentials = url.UserInfo.Split(':', 2);
            if (credentials[0].Length > 0)
                parts.Username = Uri.UnescapeDataString(credentials[0]);
            if (credentials.Length == 2)
                parts.Password = Uri.UnescapeDataString(credentials[1]);
            foreach (var option in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            {
                var pair = option.Split('=', 2);
                var key = pair[0] switch
                {
                    "sslmode" => "SSL Mode",
                    "application_name" => "Application Name",
                    "connect_timeout" => "Timeout",
                    var other => other,
                };
                parts[key] = pair.Length == 2 ? Uri.UnescapeDataString(pair[1]).Replace("-", "", StringComparison.Ordinal) : "";
            }
            return parts.ConnectionString;
        }
        catch (Exception cause) when (cause is ArgumentException or UriFormatException or FormatException)
        {
            // The value is not quoted: it may hold a password.
            throw new LedgerUnavailable(
                $"LDC_POSTGRES cannot be read: {cause.Message.TrimEnd('.')}; "
                + "it is Host=...;Username=...;Password=...;Database=... or postgres://user:password@host:port/database.",
                cause) { IsSetting = true };
        }
    }

    public ValueTask DisposeAsync() => _private?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task CheckAsync(string connectionString, CancellationToken cancellation)
    {
        var at = new NpgsqlConnectionStringBuilder(connectionString);
        var where = $"PostgreSQL at {at.Host}:{at.Port}";
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(cancellation);
            if (connection.PostgreSqlVersion.Major < OldestMajor)
                throw new LedgerUnavailable($"{where} is of version {connection.PostgreSqlVersion}; {OldestMajor} or newer is needed.");
        }
        catch (PostgresException cause)
        {
            var advice = cause.SqlState switch
            {
                PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                    "check user and password in LDC_POSTGRES",
                PostgresErrorCodes.InvalidCatalogName => $"create it (createdb {at.Database}) or name another in LDC_POSTGRES",
                _ => "check LDC_POSTGRES",
            };
            throw new LedgerUnavailable($"{where} refuses: {cause.MessageText}; {advice}.", cause);
        }
        catch (NpgsqlException cause) when (cause.Message.Contains("No password has been provided", StringComparison.Ordinal))
        {
            throw new LedgerUnavailable($"{where} requires a password for user {at.Username}, and LDC_POSTGRES has none.", cause);
        }
        catch (Exception cause) when (cause is NpgsqlException or SocketException or TimeoutException)
        {
            throw new LedgerUnavailable(
                $"{where} cannot be reached ({(cause.InnerException ?? cause).Message.TrimEnd('.')}): "
                + "check host and port in LDC_POSTGRES and that the server runs.", cause);
        }
    }
}
