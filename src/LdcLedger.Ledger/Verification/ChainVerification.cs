using System.Data;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Verification;

/// <summary>What a verification looks at, beside the events and what the database says of them.</summary>
/// <param name="Study">Only this study, and the seals; null: the whole ledger.</param>
/// <param name="Against">A checkpoint of this ledger that was kept elsewhere; of the whole ledger only.</param>
/// <param name="Keys">Whose signatures count; null: signatures are not judged.</param>
/// <param name="Progress">Is told how many events have been read so far; null: nobody looks on.</param>
public sealed record VerificationScope(
    Guid? Study = null, Checkpoint? Against = null, IReadOnlyList<PublicSealKey>? Keys = null, IProgress<long>? Progress = null);

/// <summary>What a recomputation of everything that the ledger proves found.</summary>
/// <param name="Events">How many were looked at.</param>
/// <param name="Streams">And of how many streams.</param>
/// <param name="Sealed">Null where there is no seal.</param>
public sealed record ChainVerification(long Events, long Streams, IReadOnlyList<Difference> Differences, SealedPart? Sealed)
{
    public bool IsIntact => Differences.Count == 0;

    /// <param name="study">Null: the whole ledger.</param>
    public static Task<ChainVerification> RunAsync(LedgerStore store, Guid? study = null, CancellationToken cancellation = default) =>
        OfAsync(store, new(study), cancellation);

    /// <summary>
    /// Recomputes the hash of every event from what is stored, and compares every link, every column that a reader goes by, the ends of all
    /// streams, the order of what is sealed, the trees, and the seals: not the ends alone, and all of it as of one moment.
    /// </summary>
    public static async Task<ChainVerification> OfAsync(
        LedgerStore store, VerificationScope scope, CancellationToken cancellation = default)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        // Between two questions there may be much to compute.
        await using (var patience = new NpgsqlCommand("set local idle_in_transaction_session_timeout = 0", connection))
            await patience.ExecuteNonQueryAsync(cancellation);
        return await OfAsync(connection, store.Tables, store.Trees, scope, cancellation);
    }

    /// <summary>The same within somebody's transaction, which has to see one moment.</summary>
    internal static async Task<ChainVerification> OfAsync(
        NpgsqlConnection connection, MartenTables tables, TreeTables trees, VerificationScope scope, CancellationToken cancellation)
    {
        var records = await LedgerRecords.ReadAsync(connection, tables, trees, scope, cancellation);
        return await new LedgerAudit(records, scope).FindAsync(cancellation);
    }
}
