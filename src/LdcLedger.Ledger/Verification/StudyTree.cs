using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Trees;
using Npgsql;

namespace LdcLedger.Ledger.Verification;

/// <summary>A study's tree: what is stored of it, and its events since.</summary>
internal static class StudyTree
{
    /// <param name="upTo">A place in the whole ledger after which events do not count.</param>
    /// <returns>The tree, how much of it is stored, and the chain hashes of the rest.</returns>
    public static async Task<(StoredTree Tree, TreeEnd End, List<byte[]> Tail)> OpenAsync(
        NpgsqlConnection connection, LedgerStore store, Guid study, long upTo, CancellationToken cancellation)
    {
        var end = await EndAsync(connection, store, study, upTo, cancellation);
        await using var command = new NpgsqlCommand(
            $"""
            select headers ->> '{LedgerWriter.ChainHeader}'
            from {store.Tables.Events} where correlation_id = $1 and seq_id > $2 and seq_id <= $3 order by seq_id
            """, connection);
        command.Parameters.Add(new() { Value = study.ToString("D") });
        command.Parameters.Add(new() { Value = end.LastSequence });
        command.Parameters.Add(new() { Value = upTo });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var tail = new List<byte[]>();
        while (await reader.ReadAsync(cancellation))
            tail.Add(Convert.FromHexString(reader.GetString(0)));
        return (new(connection, store.Trees, study, end, tail), end, tail);
    }

    // The last block that lies whole before that place.
    private static async Task<TreeEnd> EndAsync(
        NpgsqlConnection connection, LedgerStore store, Guid study, long upTo, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select first + length(hashes) / 32, last_sequence from {store.Trees.Blocks}
            where tree = $1 and last_sequence <= $2 order by first desc limit 1
            """, connection);
        command.Parameters.Add(new() { Value = study });
        command.Parameters.Add(new() { Value = upTo });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? new(reader.GetInt64(0), reader.GetInt64(1)) : default;
    }
}
