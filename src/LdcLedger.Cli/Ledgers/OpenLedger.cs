using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Settings;
using LdcLedger.Ledger.Store;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Cli.Ledgers;

/// <summary>The ledger that this machine's settings name, open for questions.</summary>
internal sealed class OpenLedger : IAsyncDisposable
{
    private OpenLedger(LedgerDatabase database, LedgerStore store) =>
        (Database, Store, Queries, Past) =
            (database, store, new(store, TimeProvider.System), new(store, TimeProvider.System));

    /// <summary>Whether there can be anything to read: a server was named, or this machine has had a ledger before.</summary>
    public static bool Exists =>
        EnvironmentSecret.Read("LDC_POSTGRES") is not null || Directory.Exists(Path.Combine(DataFolder.FromEnvironment(), "postgres"));

    public LedgerDatabase Database { get; }

    public LedgerStore Store { get; }

    public LedgerQueries Queries { get; }

    /// <summary>The same questions about an earlier moment.</summary>
    public PastQueries Past { get; }

    /// <summary>The aggregation rules of this ledger.</summary>
    public LedgerRules Rules => new(Store, new(Store, TimeProvider.System));

    /// <summary>For verbs that look something up by name.</summary>
    public static Task<OpenLedger> OpenExistingAsync(CancellationToken cancellation) => Exists
        ? OpenAsync(cancellation)
        : throw new BadInputException($"There is no ledger in {DataFolder.FromEnvironment()} yet; `ldc study run SPEC` begins one.");

    public static async Task<OpenLedger> OpenAsync(CancellationToken cancellation, ILoggerFactory? loggers = null)
    {
        var database = await LedgerDatabase.OpenAsync(cancellation);
        try
        {
            return new(database, await LedgerStore.OpenAsync(database.ConnectionString, loggers: loggers, cancellation: cancellation));
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Everything that can be said of a study, now or at a moment, which is told to whoever asked for one.</summary>
    /// <param name="rules">Those it is reported under; none: the study's own.</param>
    public async Task<StudyFacts> FactsAsync(
        string study, AsOf? asOf, CancellationToken cancellation, IReadOnlyList<AggregationRule>? rules = null)
    {
        if (asOf is null)
            return await Queries.FactsAsync((await Queries.FindStudyAsync(study, cancellation)).Id, rules ?? [], cancellation);
        var moment = (await Past.FindStudyAsync(study, asOf, cancellation)).Moment;
        AsOfOption.Say(moment);
        return await Past.FactsAsync(moment, rules ?? [], cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Database.DisposeAsync();
    }
}
