using System.Text.Json;
using Npgsql;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// Read models, read in SQL. Marten's store and its first query take 0.3 s to come to life in a new process, for which whoever asks one
/// question would wait; what is read is the same.
/// </summary>
internal static class StoredDocuments
{
    /// <param name="rest">What follows the table's name: where, order by, limit; $1, $2, ... are the values.</param>
    /// <param name="connection">A connection, and with it a moment, of the caller's; null: any.</param>
    public static async Task<IReadOnlyList<T>> DocumentsAsync<T>(
        this LedgerStore store, string rest, object[] values, CancellationToken cancellation, NpgsqlConnection? connection = null)
    {
        var sql = $"select data::text from {store.Tables.Documents<T>()} {rest}";
        await using var command = connection is null ? store.DataSource.CreateCommand(sql) : new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        var documents = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            documents.Add(JsonSerializer.Deserialize<T>(reader.GetString(0), LedgerJson.Options)!);
        return documents;
    }

    /// <summary>Null where there is none of that id.</summary>
    public static async Task<T?> DocumentAsync<T>(
        this LedgerStore store, Guid id, CancellationToken cancellation, NpgsqlConnection? connection = null) where T : class =>
        (await store.DocumentsAsync<T>("where id = $1", [id], cancellation, connection)).SingleOrDefault();
}
