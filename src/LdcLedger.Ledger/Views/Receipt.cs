using LdcLedger.Domain;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Views;

/// <summary>
/// What somebody holds in their hands who has written: the events that say so, and the chain hash of the last, by which a later "we never
/// got your request" is refuted.
/// </summary>
/// <param name="Events">In ledger order; at least one.</param>
/// <param name="StudyPosition">Position of the study at the last of them; null: they are of none.</param>
public sealed record Receipt(IReadOnlyList<LedgerEvent> Events, long? StudyPosition)
{
    public LedgerEvent Last => Events[^1];

    /// <summary>Null where one of the events is not in the ledger.</summary>
    internal static async Task<Receipt?> OfAsync(
        LedgerStore store, IReadOnlyCollection<Guid> ids, TimeProvider time, CancellationToken cancellation)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        // Until every earlier place is there, the position could still be counted otherwise.
        await HighWater.MarkAsync(connection, store.Tables, time, cancellation);
        var events = new List<LedgerEvent>();
        await foreach (var e in LedgerEvents.ReadAsync(connection, store.Tables, "id = any($1)", [ids.ToArray()], cancellation))
            events.Add(e);
        if (events.Count == 0 || events.Count < ids.Distinct().Count())
            return null;
        if ((events[^1].Fact as IStudyEvent)?.StudyId is not { } study)
            return new(events, null);
        return new(events, await PositionAsync(connection, store, study, events[^1].Sequence, cancellation));
    }

    internal static async Task<long> PositionAsync(
        Npgsql.NpgsqlConnection connection, LedgerStore store, Guid study, long upTo, CancellationToken cancellation)
    {
        await using var command = new Npgsql.NpgsqlCommand(
            $"select count(*) from {store.Tables.Events} where correlation_id = $1 and seq_id <= $2", connection);
        command.Parameters.Add(new() { Value = study.ToString("D") });
        command.Parameters.Add(new() { Value = upTo });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
