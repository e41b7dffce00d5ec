using System.Text.Json;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Views;

/// <summary>
/// The read models of one kind of a study, as they were read last. A look asks for the versions of their rows, and reads those alone that
/// are others now: of a study of hundreds of runs a few move between two looks.
/// </summary>
internal sealed class SeenDocuments<T>
{
    private readonly Dictionary<string, (long Version, int Length, T Document)> _seen = [];

    public IEnumerable<T> All => _seen.Values.Select(s => s.Document);

    /// <summary>Letters of JSON that they were read from.</summary>
    public long Length { get; private set; }

    /// <param name="connection">With the moment that is looked at.</param>
    /// <returns>Whether anything is other than before.</returns>
    public async Task<bool> LookAsync(NpgsqlConnection connection, LedgerStore store, Guid study, CancellationToken cancellation)
    {
        var table = store.Tables.Documents<T>();
        if (_seen.Count == 0)
        {
            await ReadAsync(connection, table, "(data ->> 'studyId')::uuid = $1", study, cancellation);
            return _seen.Count > 0;
        }
        var now = new Dictionary<string, long>();
        await using (var versions = new NpgsqlCommand(
            $"select id::text, xmin::text::bigint from {table} where (data ->> 'studyId')::uuid = $1", connection))
        {
            versions.Parameters.Add(new() { Value = study });
            await using var reader = await versions.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                now[reader.GetString(0)] = reader.GetInt64(1);
        }
        var gone = _seen.Keys.Where(id => !now.ContainsKey(id)).ToList();
        foreach (var id in gone)
            if (_seen.Remove(id, out var seen))
                Length -= seen.Length;
        var changed = now.Where(n => !_seen.TryGetValue(n.Key, out var seen) || seen.Version != n.Value).Select(n => n.Key).ToList();
        // All of a study at once, or the few that moved by their ids.
        if (changed.Count > now.Count / 2)
            await ReadAsync(connection, table, "(data ->> 'studyId')::uuid = $1", study, cancellation);
        else if (changed.Count > 0)
            await ReadAsync(connection, table, "id = any($1)", Guid.TryParse(changed[0], out _)
                ? changed.Select(id => Guid.Parse(id)).ToArray() : changed.ToArray(), cancellation);
        return changed.Count > 0 || gone.Count > 0;
    }

    private async Task ReadAsync(NpgsqlConnection connection, string table, string which, object value, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select id::text, xmin::text::bigint, data::text from {table} where {which}", connection);
        command.Parameters.Add(new() { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (id, text) = (reader.GetString(0), reader.GetString(2));
            Length += text.Length - _seen.GetValueOrDefault(id).Length;
            _seen[id] = (reader.GetInt64(1), text.Length, JsonSerializer.Deserialize<T>(text, LedgerJson.Options)!);
        }
    }
}
