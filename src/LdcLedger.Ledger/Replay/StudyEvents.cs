using System.Runtime.CompilerServices;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;
using Npgsql;

namespace LdcLedger.Ledger.Replay;

/// <summary>
/// What the events of a study state, of its own stream and its runs', read once from first to last in ledger order: of millions no more
/// than a fold asks for, unlike <see cref="ReadModels.LedgerEvents"/>.
/// </summary>
internal static class StudyEvents
{
    /// <param name="upTo">The place in the whole ledger after which events do not count.</param>
    /// <param name="after">The place up to which they have been read already.</param>
    /// <exception cref="LedgerUnavailable">One is of a kind that this program does not know.</exception>
    /// <exception cref="LedgerDamaged">The data of one is not what such an event can state.</exception>
    public static async IAsyncEnumerable<(ILedgerEvent Fact, DateTimeOffset At, long Sequence)> ReadAsync(
        LedgerStore store, Guid study, long upTo, [EnumeratorCancellation] CancellationToken cancellation, long after = 0)
    {
        await using var command = store.DataSource.CreateCommand($"""
            select type, data, timestamp, seq_id from {store.Tables.Events}
            where correlation_id = $1 and seq_id <= $2 and seq_id > $3 order by seq_id
            """);
        command.CommandTimeout = 0;   // millions of events take a while, and the first comes at once
        command.Parameters.Add(new() { Value = study.ToString("D") });
        command.Parameters.Add(new() { Value = upTo });
        command.Parameters.Add(new() { Value = after });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return (FactOf(reader), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt64(3));
    }

    private static ILedgerEvent FactOf(NpgsqlDataReader reader)
    {
        var type = reader.GetString(0);
        try
        {
            return LedgerJson.Read(LedgerJson.KindOf(type), reader.GetFieldValue<byte[]>(1));
        }
        catch (JsonException)
        {
            throw LedgerDamaged.Unreadable(reader.GetInt64(3), type);
        }
    }
}
