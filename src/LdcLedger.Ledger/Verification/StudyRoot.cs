using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Verification;

/// <summary>
/// A study's own position and root: its events, of the study's stream and its runs' streams, in ledger order; the root is the RFC 6962 root
/// over their chain hashes. Both survive export and import, for they depend on nothing else in the ledger. What is sealed of it is read
/// from the study's stored tree, the rest from its events.
/// </summary>
/// <param name="Position">Number of the study's events.</param>
/// <param name="AsOf">Time of the last of them.</param>
/// <param name="LastSequence">Its place in the whole ledger; of this ledger alone.</param>
public sealed record StudyRoot(long Position, string Root, DateTimeOffset AsOf, long LastSequence)
{
    /// <param name="upTo">A place in the whole ledger after which events do not count; null: all there are.</param>
    public static async Task<StudyRoot> OfAsync(LedgerStore store, Guid study, long? upTo = null, CancellationToken cancellation = default)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        return await OfAsync(connection, store, study, upTo, cancellation);
    }

    internal static async Task<StudyRoot> OfAsync(
        NpgsqlConnection connection, LedgerStore store, Guid study, long? upTo, CancellationToken cancellation)
    {
        var (last, asOf) = await LastAsync(connection, store, study, upTo ?? long.MaxValue, cancellation);
        var (tree, _, _) = await StudyTree.OpenAsync(connection, store, study, last, cancellation);
        return new(tree.Size, Convert.ToHexStringLower(await tree.RootAsync(tree.Size, cancellation)), asOf, last);
    }

    private static async Task<(long Last, DateTimeOffset AsOf)> LastAsync(
        NpgsqlConnection connection, LedgerStore store, Guid study, long upTo, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select seq_id, timestamp from {store.Tables.Events} where correlation_id = $1 and seq_id <= $2 order by seq_id desc limit 1
            """, connection);
        command.Parameters.Add(new() { Value = study.ToString("D") });
        command.Parameters.Add(new() { Value = upTo });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1))
            : (0, DateTimeOffset.UnixEpoch);
    }
}
