using LdcLedger.Ledger.Settings;
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
    /// <param name="postgres">As <c>LDC_POSTGRES</c> has it; null or empty: the private one.</param>
    /// <exception cref="SettingRefused"><paramref name="postgres"/> cannot be read.</exception>
    /// <exception cref="LedgerUnavailable">It cannot be reached or started, or cannot hold a ledger; says why and what to do.</exception>
    public static async Task<LedgerDatabase> OpenAsync(string dataFolder, string? postgres, CancellationToken cancellation = default)
    {
        if (string.IsNullOrWhiteSpace(postgres))
        {
            var own = await PrivatePostgres.StartAsync(dataFolder, cancellation);
            return new(own.ConnectionString, own);
        }
        var address = PostgresAddress.Parse(postgres);
        await NamedPostgres.CheckAsync(address, cancellation);
        return new(address.ConnectionString, null);
    }

    public static Task<LedgerDatabase> OpenAsync(CancellationToken cancellation = default)
    {
        var postgres = EnvironmentSecret.Read("LDC_POSTGRES");
        return OpenAsync(postgres is null ? DataFolder.FromEnvironment() : "", postgres, cancellation);
    }

    /// <summary>Starts a server of our own again where it has ended; of a named one somebody else sees to that.</summary>
    /// <returns>Whether it had.</returns>
    /// <exception cref="LedgerUnavailable">It does not start.</exception>
    public Task<bool> ReviveAsync(CancellationToken cancellation = default) =>
        _private?.ReviveAsync(cancellation) ?? Task.FromResult(false);

    public ValueTask DisposeAsync() => _private?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>
    /// What every connection to a ledger has: UTC, and no transaction may idle for long, since that of a frozen process would hold up
    /// every projection.
    /// </summary>
    internal static string WithOurSettings(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Timezone = "UTC" };
        settings.ApplicationName ??= "ldc";
        if (!settings.Keys.Contains("Maximum Pool Size"))
            settings.MaxPoolSize = 40;
        // Npgsql looks at PGOPTIONS only where there are no others.
        var others = settings.Options ?? Environment.GetEnvironmentVariable("PGOPTIONS");
        settings.Options = $"{others} -c idle_in_transaction_session_timeout={IdleInTransactionTimeout}".Trim();
        return settings.ConnectionString;
    }

    /// <summary>As PostgreSQL shows it.</summary>
    internal const string IdleInTransactionTimeout = "10s";

    /// <summary>Pooled connections to one server, or to the one of several that the settings ask for.</summary>
    internal static NpgsqlDataSource Source(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.TargetSessionAttributes is not { } wanted || !settings.Host!.Contains(','))
            return NpgsqlDataSource.Create(settings);
        settings.Remove("Target Session Attributes");
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost()
            .WithTargetSession(Enum.Parse<TargetSessionAttributes>(wanted.Replace("-", "", StringComparison.Ordinal), ignoreCase: true));
    }
}
