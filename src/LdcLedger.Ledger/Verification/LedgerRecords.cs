using System.Runtime.InteropServices;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Trees;
using Npgsql;

namespace LdcLedger.Ledger.Verification;

/// <summary>
/// What a verification reads, as of one moment: all that the database has of the events in question, and that speaks of them.
/// </summary>
/// <param name="Ledger">The ledger's id.</param>
/// <param name="Rows">Of the ledger's tree, and those of studies.</param>
/// <param name="Streams">The rows that say where streams end.</param>
/// <param name="Listed">The leaves that the ledger's tree lists; null where its blocks do not join.</param>
/// <param name="Roots">Of the tree over these, by size, at the end of every block.</param>
/// <param name="Nodes">Those that have to be stored of it.</param>
/// <param name="InScope">Indexes of the leaves of the events in question; null: all.</param>
/// <param name="Imports">What the ledger noted of studies that came from another one: how many events they had, under which root.</param>
/// <param name="EventsOf">All events of some streams, by stream and version.</param>
internal sealed record LedgerRecords(
    Guid Ledger, EventScan Events, TreeRows Rows, IReadOnlyDictionary<Guid, StreamRow> Streams, ListedLeaves? Listed,
    IReadOnlyDictionary<long, string> Roots, IReadOnlyDictionary<(int Level, long Index), byte[]> Nodes, long[]? InScope,
    IReadOnlyDictionary<Guid, StudyImported> Imports,
    Func<IReadOnlyCollection<Guid>, CancellationToken, Task<ILookup<Guid, EventRow>>> EventsOf)
{
    public long LeafCount => InScope?.Length ?? Listed?.Count ?? 0;

    /// <summary>The index in the ledger's tree of a leaf in question.</summary>
    public long LeafAt(long i) => InScope is null ? i : InScope[i];

    /// <summary>The beginning of a chain hash, to look it up by.</summary>
    public static ulong Beginning(ReadOnlySpan<byte> chain) => MemoryMarshal.Read<ulong>(chain);

    public static async Task<LedgerRecords> ReadAsync(
        NpgsqlConnection connection, MartenTables tables, TreeTables trees, VerificationScope scope, CancellationToken cancellation)
    {
        var study = scope.Study;
        var streams = study is { } of ? await StreamsOfAsync(connection, tables, of, cancellation) : null;
        var ledger = await trees.LedgerAsync(connection, cancellation);
        var rows = await TreeRows.ReadAsync(connection, trees, study is { } tree ? [LedgerIds.Seals, tree] : null, cancellation);
        var ends = await StreamRow.ReadAsync(connection, tables, streams, cancellation);
        var listed = ListedLeaves.Of(rows.Blocks.GetValueOrDefault(LedgerIds.Seals) ?? [], named: true);
        // The tree grows on one core while the events are read and judged on all.
        var growing = Task.Run(() => (listed ?? ListedLeaves.Of([], named: true)!).Grow(), cancellation);
        var events = await EventScan.OfAsync(
            streams is null
                ? EventRow.ReadAsync(connection, tables, "order by seq_id", [], EventScan.PageSize, cancellation)
                : EventRow.ReadAsync(connection, tables, "where stream_id = any($1) or correlation_id = $2 order by seq_id",
                    [streams.ToArray(), study!.Value.ToString("D")], EventScan.PageSize, cancellation),
            EventScan.FromTheBeginning, cancellation, scope.Progress);
        var (roots, nodes) = await growing;
        return new(ledger, events, rows, ends, listed, roots, nodes,
            streams is null || listed is null ? null : InScopeOf(streams, events, listed),
            await ImportsAsync(connection, tables, cancellation), EventsOfAsync);

        async Task<ILookup<Guid, EventRow>> EventsOfAsync(IReadOnlyCollection<Guid> wanted, CancellationToken stop)
        {
            List<EventRow> found = [];
            await foreach (var page in EventRow.ReadAsync(
                connection, tables, "where stream_id = any($1) order by stream_id, version, seq_id", [wanted.ToArray()],
                EventScan.PageSize, stop))
                found.AddRange(page.Where(row => !row.IsTombstone));
            return found.ToLookup(row => row.Stream);
        }
    }

    // By what a leaf says of its event, and by its hash, since one of both may have been changed.
    private static long[] InScopeOf(IReadOnlySet<Guid> streams, EventScan events, ListedLeaves listed)
    {
        var chains = new HashSet<ulong>();
        for (var i = 0L; i < events.Count; i++)
            chains.Add(Beginning(events.Chain(i)));
        List<long> inScope = [];
        for (var i = 0L; i < listed.Count; i++)
            if (streams.Contains(listed.Entry(i).Stream) || chains.Contains(Beginning(listed.Chain(i))))
                inScope.Add(i);
        return [.. inScope];
    }

    // One that was changed is told of by its own chain.
    private static async Task<IReadOnlyDictionary<Guid, StudyImported>> ImportsAsync(
        NpgsqlConnection connection, MartenTables tables, CancellationToken cancellation)
    {
        var imports = new Dictionary<Guid, StudyImported>();
        await foreach (var page in EventRow.ReadAsync(
            connection, tables, "where stream_id = $1 order by version", [LedgerIds.Imports], EventScan.PageSize, cancellation))
            foreach (var row in page)
                if (EventVerdict.FactOf(row) is StudyImported note)
                    imports[note.StudyId] = note;
        return imports;
    }

    // The streams that a study's events are in or speak of, whatever they are filed under, and that of the seals.
    private static async Task<IReadOnlySet<Guid>> StreamsOfAsync(
        NpgsqlConnection connection, MartenTables tables, Guid study, CancellationToken cancellation)
    {
        var own = await EventScan.OfAsync(
            EventRow.ReadAsync(connection, tables, "where stream_id = $1 order by seq_id", [study], EventScan.PageSize, cancellation),
            EventScan.FromTheBeginning, cancellation);
        HashSet<Guid> streams = [LedgerIds.Seals, study, .. own.Named.Keys];
        await using var command = new NpgsqlCommand(
            $"select distinct stream_id from {tables.Events} where correlation_id = $1 and stream_id is not null", connection);
        command.Parameters.Add(new() { Value = study.ToString("D") });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            streams.Add(reader.GetGuid(0));
        return streams;
    }
}
