using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;
using Npgsql;
using NpgsqlTypes;

namespace LdcLedger.Ledger.Exchange;

/// <summary>
/// Events on their way into the ledger. They wait in a table that only this session has and that goes with it, while the file is being
/// read, which may take long; then all of them enter the ledger in one short transaction, or none. So nobody waits for a slow file, and a
/// process that is killed leaves nothing behind.
/// </summary>
internal sealed class ImportStage : IAsyncDisposable
{
    private const string Stage = "pg_temp.ldc_import";
    private const int Tries = 5;

    private readonly LedgerStore _store;
    private readonly TimeProvider _time;
    private readonly NpgsqlConnection _connection;
    private NpgsqlBinaryImporter? _copy;
    private long _count;

    private ImportStage(LedgerStore store, TimeProvider time, NpgsqlConnection connection) =>
        (_store, _time, _connection) = (store, time, connection);

    public static async Task<ImportStage> OpenAsync(LedgerStore store, TimeProvider time, CancellationToken cancellation)
    {
        var stage = new ImportStage(store, time, await store.DataSource.OpenConnectionAsync(cancellation));
        try
        {
            await stage.ExecuteAsync("""
                create temporary table ldc_import (
                    place bigint, part int, stream uuid, version bigint, id uuid, type text, record text, at timestamptz, causation text,
                    study text, data jsonb, chain text)
                """, cancellation);
            stage._copy = await stage._connection.BeginBinaryImportAsync($"copy {Stage} from stdin (format binary)", cancellation);
            stage._copy.Timeout = TimeSpan.Zero;
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <param name="part">Number of the study's part in the file.</param>
    public async Task AddAsync(int part, Guid study, ReadFact fact, CancellationToken cancellation)
    {
        await _copy!.StartRowAsync(cancellation);
        await _copy.WriteAsync(++_count, cancellation);
        await _copy.WriteAsync(part, cancellation);
        await _copy.WriteAsync(fact.Stream, cancellation);
        await _copy.WriteAsync(fact.Version, cancellation);
        await _copy.WriteAsync(fact.Id, cancellation);
        await _copy.WriteAsync(fact.Kind.Alias, cancellation);
        await _copy.WriteAsync(MartenTables.DotnetTypeOf(fact.Kind.Record), cancellation);
        await _copy.WriteAsync(fact.Timestamp, cancellation);
        if (fact.Causation is { } cause)
            await _copy.WriteAsync(cause.ToString("D"), cancellation);
        else
            await _copy.WriteNullAsync(cancellation);
        await _copy.WriteAsync(study.ToString("D"), cancellation);
        await _copy.WriteAsync(fact.Data, NpgsqlDbType.Jsonb, cancellation);
        await _copy.WriteAsync(fact.Chain, cancellation);
    }

    /// <summary>Brings the parts into the ledger, all or none; a study that is there with these very events stays as it is.</summary>
    /// <returns>Numbers of the parts that were new.</returns>
    /// <exception cref="RuleViolation">A study or a run is in the ledger with other events.</exception>
    public async Task<IReadOnlySet<int>> CommitAsync(IReadOnlyList<ReadPart> parts, CancellationToken cancellation)
    {
        await _copy!.CompleteAsync(cancellation);
        await _copy.DisposeAsync();
        _copy = null;
        await ExecuteAsync($"analyze {Stage}", cancellation);
        for (var attempt = 1; ; attempt++)
        {
            await using var transaction = await _connection.BeginTransactionAsync(cancellation);
            try
            {
                var fresh = await NewAsync(parts, cancellation);
                if (fresh.Count > 0)
                    await InsertAsync(fresh, cancellation);
                await transaction.CommitAsync(cancellation);
                return fresh.Select(p => p.Number).ToHashSet();
            }
            catch (Exception cause) when (attempt < Tries && cause.WithCauses().OfType<PostgresException>().Any(
                c => c.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected))
            {
                // Somebody recorded one of the studies, or a note, in between: look again at what is there.
                await transaction.RollbackAsync(cancellation);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_copy is not null)
            await _copy.DisposeAsync();   // not completed: nothing of it is kept
        if (_connection.State == System.Data.ConnectionState.Open)
            await ExecuteAsync("drop table if exists ldc_import", CancellationToken.None);
        await _connection.DisposeAsync();
    }

    private async Task<IReadOnlyList<ReadPart>> NewAsync(IReadOnlyList<ReadPart> parts, CancellationToken cancellation)
    {
        List<ReadPart> fresh = [];
        foreach (var part in parts)
            if (!await IsThereAsync(part, cancellation))
                fresh.Add(part);
        await using var foreign = Command($"""
            select i.stream, e.correlation_id, i.study from (select distinct stream, study, part from {Stage}) i
            join {_store.Tables.Events} e on e.stream_id = i.stream and e.version = 1
            where i.part = any($1) limit 1
            """, fresh.Select(p => p.Number).ToArray());
        await using var reader = await foreign.ExecuteReaderAsync(cancellation);
        return !await reader.ReadAsync(cancellation) ? fresh : throw new RuleViolation(
            $"Run {reader.GetGuid(0)} of study {reader.GetString(2)} is in this ledger as one of study "
            + $"{(reader.IsDBNull(1) ? "none" : reader.GetString(1))}; nothing was imported.");
    }

    private async Task<bool> IsThereAsync(ReadPart part, CancellationToken cancellation)
    {
        var there = await StudyRoot.OfAsync(_store, part.Study, null, cancellation);
        if (there.Position == 0)
            return false;
        if (there.Position >= part.Position)
        {
            await using var last = Command(
                $"select seq_id from {_store.Tables.Events} where correlation_id = $1 order by seq_id offset $2 limit 1",
                part.Study.ToString("D"), part.Position - 1);
            var upTo = (long)(await last.ExecuteScalarAsync(cancellation))!;
            if ((await StudyRoot.OfAsync(_store, part.Study, upTo, cancellation)).Root == part.Root)
                return true;
        }
        throw new RuleViolation(FormattableString.Invariant(
            $"Study {part.Name} ({part.Study}) is in this ledger with other events: ")
            + FormattableString.Invariant($"position {there.Position}, root {there.Root[..16]}..., ")
            + FormattableString.Invariant($"and in the file position {part.Position}, root {part.Root[..16]}...; nothing was imported."));
    }

    private async Task InsertAsync(IReadOnlyList<ReadPart> parts, CancellationToken cancellation)
    {
        // First the notes, so that they stand before the events in the ledger, and whoever reads those knows that they are imported.
        await NoteAsync(parts, cancellation);
        var numbers = parts.Select(p => p.Number).ToArray();
        await using var streams = Command($"""
            insert into {_store.Tables.Streams} (id, version, timestamp, created, tenant_id, is_archived)
            select stream, max(version), max(at), min(at), '{MartenTables.Tenant}', false from {Stage} where part = any($1) group by stream
            """, numbers);
        await streams.ExecuteNonQueryAsync(cancellation);
        await using var events = Command($"""
            insert into {_store.Tables.Events} (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, {MartenTables.DotnetType},
                correlation_id, causation_id, headers, is_archived)
            select nextval('{_store.Tables.EventsSequence}'), id, stream, version, data, type, at, '{MartenTables.Tenant}', record,
                study, causation, jsonb_build_object('{LedgerWriter.ChainHeader}', chain), false
            from (select * from {Stage} where part = any($1) order by place offset 0) i
            """, numbers);
        await events.ExecuteNonQueryAsync(cancellation);
    }

    private async Task NoteAsync(IReadOnlyList<ReadPart> parts, CancellationToken cancellation)
    {
        // The row is locked as an append locks it, so that the chain of notes cannot fork.
        await using var stream = Command(
            $"select version from {_store.Tables.Streams} where id = $1 for update", LedgerIds.Imports);
        var exists = await stream.ExecuteScalarAsync(cancellation) is not null;
        var head = default(StreamHead);
        await using (var last = Command(
            $"""
            select version, headers ->> '{LedgerWriter.ChainHeader}' from {_store.Tables.Events}
            where stream_id = $1 order by version desc limit 1
            """, LedgerIds.Imports))
        await using (var reader = await last.ExecuteReaderAsync(cancellation))
            if (await reader.ReadAsync(cancellation))
                head = new(reader.GetInt64(0), reader.GetString(1));
        var now = _time.GetUtcNow();
        foreach (var part in parts)
        {
            var note = new StudyImported(part.Study, part.Name, part.Position, part.Root, part.IsChainOurs);
            var fact = ChainedFact.After(head, note, null, now);
            head = fact.Head;
            await using var insert = Command($"""
                insert into {_store.Tables.Events}
                    (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, {MartenTables.DotnetType}, headers, is_archived)
                values (nextval('{_store.Tables.EventsSequence}'), $1, $2, $3, $4::jsonb, $5, $6, '{MartenTables.Tenant}', $7,
                    jsonb_build_object('{LedgerWriter.ChainHeader}', $8::text), false)
                """,
                fact.Id, fact.Stream, head.Version, fact.Data.GetRawText(), fact.Type, fact.Timestamp,
                MartenTables.DotnetTypeOf(typeof(StudyImported)), head.Chain!);
            await insert.ExecuteNonQueryAsync(cancellation);
        }
        await using var upsert = exists
            ? Command($"""
                update {_store.Tables.Streams} set version = $2, timestamp = $3 where id = $1
                """, LedgerIds.Imports, head.Version, now)
            : Command($"""
                insert into {_store.Tables.Streams} (id, version, timestamp, created, tenant_id, is_archived)
                values ($1, $2, $3, $3, '{MartenTables.Tenant}', false)
                """, LedgerIds.Imports, head.Version, now);
        await upsert.ExecuteNonQueryAsync(cancellation);
    }

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = 0 };
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using var command = Command(sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
