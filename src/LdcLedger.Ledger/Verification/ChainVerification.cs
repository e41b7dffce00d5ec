using System.Text.Json;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Verification;

/// <summary>An event that is not what was recorded, or not where.</summary>
public sealed record BrokenLink(long Sequence, Guid Stream, long Version, string Type, string Reason);

/// <summary>What a recomputation of every link found.</summary>
public sealed record ChainVerification(long Events, long Streams, IReadOnlyList<BrokenLink> Broken)
{
    private sealed record Row(
        long Sequence, Guid Stream, long Version, string Type, Guid Id, DateTimeOffset Timestamp, string? Causation,
        string Data, string? Chain);

    // Where an append is refused after it has drawn its sequence numbers, Marten fills them with these, so that nobody waits for them: not
    // events, and no chain goes through them. An event made to look like one is missed by the event after it, like one that was deleted.
    private const string Tombstone = "type = 'tombstone' and version = seq_id and data = '{}'";

    public bool IsIntact => Broken.Count == 0;

    /// <summary>
    /// Recomputes the hash of every event from what is stored, stream by stream, and compares every link: not the ends alone. A link is
    /// judged by the stored hash before it, so one edited event is one broken link.
    /// </summary>
    /// <param name="study">Null: the whole ledger.</param>
    public static async Task<ChainVerification> RunAsync(LedgerStore store, Guid? study = null, CancellationToken cancellation = default)
    {
        await using var command = store.DataSource.CreateCommand($"""
            select seq_id, stream_id, version, type, id, timestamp, causation_id, data::text, headers ->> '{LedgerWriter.ChainHeader}'
            from {store.Tables.Events} where ($1::text is null or correlation_id = $1) and not ({Tombstone}) order by stream_id, version
            """);
        command.Parameters.Add(
            new() { Value = (object?)study?.ToString("D") ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (events, streams, broken) = (0L, 0L, new List<BrokenLink>());
        Row? before = null;
        while (await reader.ReadAsync(cancellation))
        {
            var row = new Row(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetString(3),
                reader.GetGuid(4), reader.GetFieldValue<DateTimeOffset>(5),
                reader.IsDBNull(6) ? null : reader.GetString(6), reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetString(8));
            if (before?.Stream != row.Stream)
            {
                streams++;
                before = null;
            }
            if (Judge(row, before) is { } reason)
                broken.Add(new(row.Sequence, row.Stream, row.Version, row.Type, reason));
            events++;
            before = row;
        }
        return new(events, streams, broken);
    }

    private static string? Judge(Row row, Row? before)
    {
        if (row.Chain is null)
            return "it has no chain hash";
        if (row.Version != (before?.Version ?? 0) + 1)
            return $"version {(before?.Version ?? 0) + 1} of its stream is missing before it";
        using var data = JsonDocument.Parse(row.Data);
        var link = new ChainLink(
            before?.Chain, row.Stream, row.Version, row.Type, row.Id, row.Timestamp, row.Causation, data.RootElement);
        return link.Hash() == row.Chain ? null : "its content or the event before it differs from what was recorded";
    }
}
