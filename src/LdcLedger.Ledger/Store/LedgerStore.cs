using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Chain;
using LdcLedger.Domain.Norms;
using LdcLedger.Ledger.Postgres;
using Marten;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Weasel.Core;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// The ledger's tables in one PostgreSQL schema, through Marten: events, which are only ever appended (by <see cref="LedgerWriter"/>
/// alone), and read models, which can be rebuilt from them.
/// </summary>
public sealed class LedgerStore : IAsyncDisposable
{
    public const string DefaultSchema = "ledger";

    private readonly Lazy<DocumentStore> _marten;

    private LedgerStore(string connectionString, string schema, ILoggerFactory loggers)
    {
        (ConnectionString, Schema, Loggers) = (connectionString, schema, loggers);
        (Tables, Trees) = (new(schema), new(schema));
        DataSource = LedgerDatabase.Source(connectionString);
        _marten = new(() => Configure(_ => { }));
    }

    public string Schema { get; }

    /// <summary>For questions that Marten has no words for.</summary>
    public MartenTables Tables { get; }

    internal TreeTables Trees { get; }

    /// <summary>Which ledger this is, as its checkpoints say it.</summary>
    public async Task<string> OriginAsync(CancellationToken cancellation = default)
    {
        await using var connection = await DataSource.OpenConnectionAsync(cancellation);
        return Checkpoint.OriginOf(await Trees.LedgerAsync(connection, cancellation));
    }

    /// <summary>For a connection of one's own; it may hold a password.</summary>
    internal string ConnectionString { get; }

    /// <summary>Pooled connections, as <see cref="LedgerDatabase.WithOurSettings"/> has them.</summary>
    public NpgsqlDataSource DataSource { get; }

    public ILoggerFactory Loggers { get; }

    /// <summary>Made when first asked for: it takes a quarter of a second, and whoever only reads does without.</summary>
    public DocumentStore Marten => _marten.Value;

    internal StudyFolds Studies { get; } = new();

    /// <summary>Connects, and creates or upgrades the tables where needed; several processes may do so at once.</summary>
    /// <exception cref="LedgerUnavailable">
    /// The ledger is of another version than this program and may not be changed by this user, or not be read.
    /// </exception>
    public static async Task<LedgerStore> OpenAsync(
        string connectionString, string schema = DefaultSchema, ILoggerFactory? loggers = null, CancellationToken cancellation = default)
    {
        var store = new LedgerStore(
            LedgerDatabase.WithOurSettings(connectionString), schema, loggers ?? NullLoggerFactory.Instance);
        try
        {
            await store.EnsureTablesAsync(cancellation);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>A store over the same tables with more registered, for instance projections: for the process that runs them.</summary>
    internal DocumentStore Configure(Action<StoreOptions> more) => DocumentStore.For(options =>
    {
        options.Connection(DataSource);
        options.DatabaseSchemaName = Schema;
        options.AutoCreateSchemaObjects = AutoCreate.None;   // EnsureTablesAsync alone changes tables, under a lock
        options.UseSystemTextJsonForSerialization(LedgerJson.Options, casing: Casing.CamelCase);

        var events = options.Events;
        events.DatabaseSchemaName = Schema;
        events.StreamIdentity = StreamIdentity.AsGuid;
        events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
        events.EnableUniqueIndexOnEventId = true;
        events.EnableBigIntEvents = true;
        events.UseExclusiveLockOnConcurrentAppends = true;
        events.UseListenNotifyForEventAppends = true;
        events.MetadataConfig.HeadersEnabled = true;
        events.MetadataConfig.CorrelationIdEnabled = true;
        events.MetadataConfig.CausationIdEnabled = true;
        events.IgnoreIndex(LedgerGuards.StudyIndex);
        foreach (var kind in EventKinds.All)
            StoredFact.Map(events, kind);
        ReadModelTables.AddTo(options);

        // An event that cannot be read or applied stops its projection; skipping it would make read models silently wrong.
        options.Projections.Errors.SkipApplyErrors = false;
        options.Projections.Errors.SkipSerializationErrors = false;
        options.Projections.Errors.SkipUnknownEvents = false;

        // Appends wake the daemon; now and then one comes while it is just looking, and then it waits for its next look (Marten's own: 1
        // s).
        (options.Projections.FastPollingTime, options.Projections.SlowPollingTime) =
            (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250));
        // Run by whoever holds the LeaderLock; Marten's own election (HotCold) does not start here.
        options.Projections.AsyncMode = DaemonMode.Solo;
        more(options);
    });

    public async ValueTask DisposeAsync()
    {
        if (_marten.IsValueCreated)
            await Marten.DisposeAsync();
        await DataSource.DisposeAsync();
    }

    private async Task EnsureTablesAsync(CancellationToken cancellation)
    {
        await using var connection = await DataSource.OpenConnectionAsync(cancellation);
        var (read, version) = (false, (TablesVersion?)null);
        try
        {
            (version, read) = (await TablesVersion.OfAsync(connection, Schema, cancellation), true);
            if (version == TablesVersion.Current)
                return;
            await ExecuteAsync(connection, $"select pg_advisory_lock(hashtextextended('ldc tables of {Schema}', 0))", cancellation);
            try
            {
                version = await TablesVersion.OfAsync(connection, Schema, cancellation);
                if (version == TablesVersion.Current)
                    return;
                if (version?.CompareTo(TablesVersion.Current) > 0)
                    throw new LedgerUnavailable(
                        $"The ledger's tables are of version {version}, and this ldc knows up to {TablesVersion.Current}: "
                        + "install a newer ldc.");
                await ChangeTablesAsync(connection, version, cancellation);
            }
            finally
            {
                await ExecuteAsync(
                    connection, $"select pg_advisory_unlock(hashtextextended('ldc tables of {Schema}', 0))", CancellationToken.None);
            }
        }
        catch (Exception cause) when (Refused(cause) is { } refused)
        {
            var (user, database) = (connection.UserName, connection.Database);
            throw new LedgerUnavailable(
                !read
                    ? $"User {user} may not read the ledger of database {database} ({refused}): "
                        + "use a role that may, such as ldc_app of infra/postgres/roles.sql."
                    : version is null
                        ? $"Database {database} holds no ledger yet, and user {user} may not create its tables ({refused}): "
                            + "open it once as the database's owner (ldc study list), then run infra/postgres/roles.sql."
                        : $"The ledger's tables are of version {version}, this ldc brings {TablesVersion.Current}, "
                            + $"and user {user} may not change them ({refused}): "
                            + "open the ledger once as its owner (ldc study list), then run infra/postgres/roles.sql again.",
                cause);
        }
    }

    private async Task ChangeTablesAsync(NpgsqlConnection connection, TablesVersion? from, CancellationToken cancellation)
    {
        await using (var migrating = Configure(options => options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate))
            await migrating.Storage.Database.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate, null, cancellation);
        await ExecuteAsync(connection, Trees.Create(), cancellation);
        await LedgerGuards.RaiseAsync(connection, Schema, Tables, Trees, cancellation);
        await ExecuteAsync(connection, $"""
            {WorkerTables.Create(Schema)}
            drop table if exists {Tables.StudyStates};
            {(from?.Number < TablesVersion.ReadModelsSince ? ReadModelTables.Clear(Tables) : "")}
            -- Of another version they may have another shape; they are made again when somebody asks for them.
            delete from {Tables.Documents<DomainRankings>()};
            {TablesVersion.Table(Schema)}
            {TablesVersion.Current.Insert(Schema)}
            """, cancellation);
    }

    // What the server says where this user lacks a right; null where it is something else.
    private static string? Refused(Exception cause) =>
        cause.WithCauses().OfType<PostgresException>()
            .FirstOrDefault(c => c.SqlState == PostgresErrorCodes.InsufficientPrivilege)?.MessageText;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
