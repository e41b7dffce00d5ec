using System.Globalization;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Verification;

/// <summary>The row that says where a stream ends, as the database has it.</summary>
internal sealed record StreamRow(Guid Id, long? Version, string? Type, string? Tenant, bool? IsArchived, long? Compacted)
{
    private const string Table = MartenTables.StreamsName;

    /// <param name="streams">Null: all.</param>
    public static async Task<IReadOnlyDictionary<Guid, StreamRow>> ReadAsync(
        NpgsqlConnection connection, MartenTables tables, IReadOnlyCollection<Guid>? streams, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select id, version, type, tenant_id, is_archived, compacted_version from {tables.Streams} "
            + (streams is null ? "" : "where id = any($1)"), connection);
        if (streams is not null)
            command.Parameters.Add(new() { Value = streams.ToArray() });
        var rows = new Dictionary<Guid, StreamRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            rows[reader.GetGuid(0)] = new(
                reader.GetGuid(0), Value<long>(reader, 1), reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), Value<bool>(reader, 4), Value<long>(reader, 5));
        return rows;
    }

    private static T? Value<T>(NpgsqlDataReader reader, int column) where T : struct =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);

    /// <summary>Whether every stream ends where its row says.</summary>
    /// <param name="ends">Where the events of each stream end.</param>
    /// <param name="before">Of streams in which something differs, where they ended before; 0: they were not there.</param>
    public static IEnumerable<Difference> Compare(
        IReadOnlyDictionary<Guid, StreamRow> rows, IReadOnlyDictionary<Guid, long> ends, IReadOnlyDictionary<Guid, long> before,
        IReadOnlySet<Guid> tombstones)
    {
        foreach (var stream in ends.Keys)
            if (!rows.ContainsKey(stream) && before.GetValueOrDefault(stream, 1) > 0)
                yield return new(DifferenceKind.StreamEnd, stream, null, $"{Table}.id", "the row that says where the stream ends is gone");
        foreach (var row in rows.Values)
        {
            var end = ends.GetValueOrDefault(row.Id);
            if (tombstones.Contains(row.Id))
            {
                if (end != 0 || row.Version is not 0)
                    yield return Of(row, "version", "fillers of unused places stand in a stream of events");
            }
            else if (row.Version != end && row.Version != (before.TryGetValue(row.Id, out var then) ? then : end))
            {
                end = Math.Max(end, then);
                yield return row.Version > end
                    ? new(DifferenceKind.StreamEnd, row.Id, end + 1, $"{Table}.version",
                        Ending(row, end) + ": what came after is gone, or the row was changed")
                    : Of(row, "version", Ending(row, end));
            }
            if (row.IsArchived is not false)
                yield return Of(row, "is_archived", "the stream is marked as archived, so that readers pass it over") with
                {
                    Kind = DifferenceKind.Archived,
                };
            if (row.Type is not null)
                yield return Of(row, "type", $"it is '{row.Type}', and streams have no type");
            if (row.Tenant != MartenTables.Tenant)
                yield return Of(row, "tenant_id", $"it is '{row.Tenant}', and should be '{MartenTables.Tenant}'");
            if (row.Compacted is not 0)
                yield return Of(row, "compacted_version",
                    "the stream is marked as compacted, so that readers begin behind its first events");
        }
    }

    private static string Ending(StreamRow row, long end) => string.Create(CultureInfo.InvariantCulture,
        $"the stream's row says that it ends with version {row.Version}, and its events end with {end}");

    private static Difference Of(StreamRow row, string field, string what) =>
        new(DifferenceKind.StreamEnd, row.Id, null, $"{Table}.{field}", what);
}
