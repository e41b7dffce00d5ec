using System.Globalization;
using System.Runtime.CompilerServices;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Replay;

/// <summary>The events of a study, of its own stream and its runs', read once from first to last in ledger order.</summary>
internal static class StudyEvents
{
    /// <param name="upTo">The place in the whole ledger after which events do not count.</param>
    /// <exception cref="LedgerUnavailable">One is of a kind that this program does not know.</exception>
    public static async IAsyncEnumerable<(ILedgerEvent Fact, DateTimeOffset At)> ReadAsync(
        LedgerStore store, Guid study, long upTo, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = store.DataSource.CreateCommand(
            $"select type, data, timestamp from {store.Tables.Events} where correlation_id = $1 and seq_id <= $2 order by seq_id");
        command.CommandTimeout = 0;   // millions of events take a while, and the first comes at once
        command.Parameters.Add(new() { Value = study.ToString("D") });
        command.Parameters.Add(new() { Value = upTo });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var type = reader.GetString(0);
            var kind = EventKinds.Find(type) ?? throw new LedgerUnavailable(
                string.Create(CultureInfo.InvariantCulture, $"Study {study} has an event '{type}', which this ldc does not know: ")
                + "install a newer ldc.");
            yield return (
                LedgerJson.Read(kind, reader.GetFieldValue<byte[]>(1)),
                reader.GetFieldValue<DateTimeOffset>(2));
        }
    }
}
