using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Trees;
using LdcLedger.Ledger.Verification;
using Npgsql;

namespace LdcLedger.Ledger.Views;

/// <summary>
/// A study's position and root, which go on from where they were: what is sealed of it is read from its stored tree, and of its events only
/// those after the last look.
/// </summary>
internal sealed class GrowingRoot(LedgerStore store, Guid study)
{
    private MerkleTree? _tree;
    private long _last;
    private DateTimeOffset _asOf;

    /// <param name="connection">With the moment that is looked at.</param>
    /// <param name="upTo">A place in the whole ledger, never before that of an earlier look.</param>
    public async Task<StudyRoot> GrowAsync(NpgsqlConnection connection, long upTo, CancellationToken cancellation)
    {
        if (_tree is null)
        {
            var end = (await StoredTree.EndsAsync(connection, store.Trees, [study], cancellation))[study];
            if (end.LastSequence > upTo)
                end = default;   // the read models are being made again, and have not come so far
            _tree = await new StoredTree(connection, store.Trees, study, end, []).ResumeAsync((_, _, _) => { }, cancellation);
            (_last, _asOf) = (end.LastSequence, await TimeOfAsync(connection, end.LastSequence, cancellation));
        }
        await using var command = new NpgsqlCommand(
            $"""
            select seq_id, headers ->> '{LedgerWriter.ChainHeader}', timestamp
            from {store.Tables.Events} where correlation_id = $1 and seq_id > $2 and seq_id <= $3 order by seq_id
            """, connection);
        command.Parameters.Add(new() { Value = study.ToString("D") });
        command.Parameters.Add(new() { Value = _last });
        command.Parameters.Add(new() { Value = upTo });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            _tree.Add(Convert.FromHexString(reader.GetString(1)));
            (_last, _asOf) = (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(2));
        }
        return new(_tree.Count, _tree.Root(), _asOf, _last);
    }

    private async Task<DateTimeOffset> TimeOfAsync(NpgsqlConnection connection, long sequence, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select timestamp from {store.Tables.Events} where seq_id = $1", connection);
        command.Parameters.Add(new() { Value = sequence });
        return await command.ExecuteScalarAsync(cancellation) is DateTime time ? new(time) : DateTimeOffset.UnixEpoch;
    }
}
