using System.Runtime.CompilerServices;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.ReadModels;

/// <summary>Events as they are stored, read one by one in ledger order.</summary>
internal static class LedgerEvents
{
    /// <param name="where">SQL that chooses them; its parameters are <c>$1</c>, <c>$2</c>, ...</param>
    /// <param name="limit">Not more of them; null: all.</param>
    public static async IAsyncEnumerable<LedgerEvent> ReadAsync(
        NpgsqlConnection connection, MartenTables tables, string where, IReadOnlyList<object> values,
        [EnumeratorCancellation] CancellationToken cancellation, int? limit = null)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select seq_id, stream_id, version, type, id, timestamp, causation_id, data::text, headers ->> '{LedgerWriter.ChainHeader}'
            from {tables.Events} e where {where} order by seq_id{(limit is { } most ? $" limit {most}" : "")}
            """, connection) { CommandTimeout = 0 };   // it lasts as long as whoever reads
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return new(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetString(3),
                reader.GetGuid(4), reader.GetFieldValue<DateTimeOffset>(5),
                reader.IsDBNull(6) ? null : reader.GetString(6), reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetString(8));
    }
}
