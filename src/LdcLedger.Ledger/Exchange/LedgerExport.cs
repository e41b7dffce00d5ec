using System.Buffers;
using System.Data;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;
using Npgsql;

namespace LdcLedger.Ledger.Exchange;

/// <summary>A study that was written to a file.</summary>
public sealed record ExportedPart(Guid Study, long Position, string Root);

/// <summary>
/// Writes studies as JSON lines, event by event, each held against its chain: what was tampered with is not written. The same study at the
/// same position gives the same bytes in every ledger.
/// </summary>
/// <param name="asTheyStand">Whether read models are taken as they are, for whoever looks on; else they are brought up to date
/// first.</param>
public sealed class LedgerExport(LedgerStore store, TimeProvider time, bool asTheyStand = false)
{
    private readonly PastQueries _past = new(store, time, asTheyStand);

    /// <param name="to">Gets the lines; flushed, not closed.</param>
    /// <param name="study">Null: every study, by time of submission, then id.</param>
    /// <param name="asOf">Null: as they are now. With every study only a time, at which each has its own position.</param>
    /// <exception cref="RuleViolation">There is nothing to export, or no such moment.</exception>
    /// <exception cref="LedgerDamaged">An event is not what was recorded.</exception>
    public async Task<IReadOnlyList<ExportedPart>> WriteAsync(
        Stream to, Guid? study = null, AsOf? asOf = null, CancellationToken cancellation = default)
    {
        var mark = await _past.PresentAsync(cancellation);
        var moments = study is { } one && asOf is not null ? [(one, (await _past.MomentAsync(one, asOf, cancellation)).Sequence)]
            : study is { } only ? [(only, mark)]
            : asOf is null ? await StudiesAsync(mark, cancellation)
            : [.. (await _past.StudiesAsync(TimeOf(asOf), cancellation: cancellation)).Items
                .OrderBy(s => s.Study.SubmittedAt).ThenBy(s => s.Study.Id.ToString("D"), StringComparer.Ordinal)
                .Select(s => (s.Study.Id, s.Moment.Sequence))];
        if (moments.Count == 0)
            throw new RuleViolation(asOf is null ? "There is no study to export." : $"There was no study to export at {asOf}.");
        var parts = new List<ExportedPart>();
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        foreach (var (id, upTo) in moments)
            parts.Add(await WriteAsync(to, connection, id, upTo, cancellation));
        await to.FlushAsync(cancellation);
        return parts;
    }

    private static DateTimeOffset TimeOf(AsOf asOf) => asOf.Time
        ?? throw new RuleViolation($"{asOf} is one of a single study; with every study, --as-of names a time.");

    private async Task<ExportedPart> WriteAsync(
        Stream to, NpgsqlConnection connection, Guid study, long upTo, CancellationToken cancellation)
    {
        var root = await StudyRoot.OfAsync(store, study, upTo, cancellation);
        if (root.Position == 0)
            throw new RuleViolation($"There is no study {study}; ldc study list shows them.");
        var lines = new ArrayBufferWriter<byte>(1 << 20);
        StudyLines.WriteFirst(lines, study, root.Position, root.Root);
        var heads = new Dictionary<Guid, StreamHead>();
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, "correlation_id = $1 and seq_id <= $2", [study.ToString("D"), upTo], cancellation))
        {
            using var data = JsonDocument.Parse(e.Data);
            var canonical = CanonicalJson.Of(data.RootElement);
            var head = heads.GetValueOrDefault(e.Stream);
            var link = new ChainLink(head.Chain, e.Stream, head.Version + 1, e.Type, e.Id, e.Timestamp, e.Causation, data.RootElement);
            if (e.Version != head.Version + 1 || link.Hash() != e.Chain)
                throw new LedgerDamaged(
                    $"Event {e.Sequence} ({e.Type}, version {e.Version} of stream {e.Stream}) is not what was recorded, so study {study} "
                    + "is not exported; `ldc ledger verify` says what is wrong.");
            heads[e.Stream] = new(e.Version, e.Chain);
            EventLine.Write(lines, e.Stream, e.Version, e.Type, e.Id, e.Timestamp, e.Causation, canonical, e.Chain);
            lines.Write("\n"u8);
            if (lines.WrittenCount < 1 << 19)
                continue;
            await to.WriteAsync(lines.WrittenMemory, cancellation);
            lines.ResetWrittenCount();
        }
        await to.WriteAsync(lines.WrittenMemory, cancellation);
        return new(study, root.Position, root.Root);
    }

    private async Task<IReadOnlyList<(Guid Study, long UpTo)>> StudiesAsync(long mark, CancellationToken cancellation)
    {
        await using var command = store.DataSource.CreateCommand($"""
            select stream_id from {store.Tables.Events} where type = $1 and seq_id <= $2 order by timestamp, stream_id
            """);
        command.Parameters.Add(new() { Value = EventKinds.Of(typeof(StudySubmitted)).Alias });
        command.Parameters.Add(new() { Value = mark });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var studies = new List<(Guid, long)>();
        while (await reader.ReadAsync(cancellation))
            studies.Add((reader.GetGuid(0), mark));
        return studies;
    }
}
