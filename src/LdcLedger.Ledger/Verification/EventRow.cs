using System.Runtime.CompilerServices;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Verification;

/// <summary>An event as the database has it, every column, nothing understood yet: whoever edits rows may write anything.</summary>
/// <param name="Microseconds">Since 1970.</param>
/// <param name="Study">Its correlation id: which study it is filed under.</param>
/// <param name="Data">JSON in UTF-8.</param>
/// <param name="Headers">JSON in UTF-8; null where it has none.</param>
/// <param name="HasBinary">Whether there is data beside the JSON.</param>
internal sealed record EventRow(
    long Sequence, Guid Id, Guid Stream, long Version, string Type, long Microseconds, string? Causation, string? Study,
    byte[] Data, byte[]? Headers, string? Tenant, string? DotnetType, bool? IsArchived, bool HasBinary)
{
    private const long From1970To2000 = 946_684_800_000_000;   // PostgreSQL counts from there

    /// <summary>In the order in which <see cref="ReadAsync"/> takes them.</summary>
    private const string Columns = $"""
        seq_id, id, stream_id, version, type, timestamp, causation_id, correlation_id, data::text, headers::text, tenant_id,
        {MartenTables.DotnetType}, is_archived, bdata is not null
        """;

    /// <summary>
    /// A filler of a place that was drawn and not used, see <see cref="MartenTables.Tombstone"/>. One that is edited is an event without a
    /// chain.
    /// </summary>
    public bool IsTombstone => Type == MartenTables.Tombstone && Version == Sequence && Study is null && IsArchived is false
        && Data.AsSpan().SequenceEqual("{}"u8);

    /// <summary>Events in pages.</summary>
    /// <param name="where">A condition and an order, with parameters $1, ...</param>
    public static async IAsyncEnumerable<IReadOnlyList<EventRow>> ReadAsync(
        NpgsqlConnection connection, MartenTables tables, string where, object[] parameters, int page,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {Columns} from {tables.Events} {where}", connection) { CommandTimeout = 0 };
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<EventRow>(page);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new(
                reader.GetInt64(0), reader.GetGuid(1), reader.IsDBNull(2) ? Guid.Empty : reader.GetGuid(2), reader.GetInt64(3),
                reader.GetString(4), reader.GetFieldValue<long>(5) + From1970To2000, Text(reader, 6), Text(reader, 7),
                reader.GetFieldValue<byte[]>(8), reader.IsDBNull(9) ? null : reader.GetFieldValue<byte[]>(9), Text(reader, 10),
                Text(reader, 11), reader.IsDBNull(12) ? null : reader.GetBoolean(12), reader.GetBoolean(13)));
            if (rows.Count < page)
                continue;
            yield return rows;
            rows = new(page);
        }
        if (rows.Count > 0)
            yield return rows;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
