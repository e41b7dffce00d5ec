using System.Buffers;
using System.Runtime.InteropServices;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Trees;

namespace LdcLedger.Ledger.Verification;

/// <summary>
/// Events in ledger order, looked at once: of each its chain hash, which event it is and its place are kept (90 bytes), of whatever is more
/// than usual the whole. Pages are judged on all cores; the result is the same whatever their number.
/// </summary>
internal sealed class EventScan
{
    public const int PageSize = 2_048;

    /// <summary>Of a scan that begins with each stream's first event.</summary>
    public static readonly IReadOnlyDictionary<Guid, (long Version, byte[]? Chain)> FromTheBeginning =
        new Dictionary<Guid, (long, byte[]?)>();

    /// <param name="Version">Of the last event that was read.</param>
    /// <param name="Chain">Its stored hash.</param>
    private readonly record struct Seen(long Version, byte[]? Chain);

    /// <summary>A seal, and which event it is.</summary>
    public sealed record SealEvent(LedgerSealed Seal, long Version, bool Holds, long Index);

    private sealed record Judged(EventRow Row, EventVerdict Verdict, bool IsNext);

    private readonly Dictionary<Guid, Seen> _streams;
    private readonly List<byte[]> _chains = [], _entries = [];
    private readonly List<long[]> _sequences = [];

    private EventScan(IReadOnlyDictionary<Guid, (long Version, byte[]? Chain)> before) =>
        _streams = before.ToDictionary(stream => stream.Key, stream => new Seen(stream.Value.Version, stream.Value.Chain));

    public long Count { get; private set; }

    public List<Difference> Differences { get; } = [];

    /// <summary>Streams in which an event does not follow from the one that was read before it.</summary>
    public HashSet<Guid> Suspicious { get; } = [];

    /// <summary>How far each stream goes.</summary>
    public Dictionary<Guid, long> Ends { get; } = [];

    /// <summary>The study that the data of a stream's first event names, where that is what was recorded.</summary>
    public Dictionary<Guid, Guid?> StudyOf { get; } = [];

    /// <summary>Which event first names a run.</summary>
    public Dictionary<Guid, (Guid Study, long Version, string Type, int Index)> Named { get; } = [];

    /// <summary>In ledger order.</summary>
    public List<SealEvent> Seals { get; } = [];

    /// <summary>Of every study the indexes of its events.</summary>
    public Dictionary<Guid, List<int>> Studies { get; } = [];

    /// <summary>Streams of fillers.</summary>
    public HashSet<Guid> Tombstones { get; } = [];

    public ReadOnlySpan<byte> Chain(long index) => Slice(_chains, index, 32);

    public LeafEntry Entry(long index) => LeafEntry.Read(EntryBytes(index));

    public ReadOnlySpan<byte> EntryBytes(long index) => Slice(_entries, index, LeafEntry.Size);

    public long Sequence(long index) => _sequences[(int)(index / PageSize)][index % PageSize];

    /// <param name="before">Where streams stood before the first of these events.</param>
    /// <param name="pages">In ledger order.</param>
    /// <param name="progress">Is told how many have been looked at.</param>
    public static async Task<EventScan> OfAsync(
        IAsyncEnumerable<IReadOnlyList<EventRow>> pages, IReadOnlyDictionary<Guid, (long Version, byte[]? Chain)> before,
        CancellationToken cancellation, IProgress<long>? progress = null)
    {
        var scan = new EventScan(before);
        var waiting = new Queue<Task<Judged[]>>();
        await foreach (var page in pages.WithCancellation(cancellation))
        {
            var links = scan.Link(page);
            waiting.Enqueue(Task.Run(() => Judge(links), cancellation));
            // Enough for every core to have its page and one to come; more would only take memory.
            if (waiting.Count > 2 * Environment.ProcessorCount)
                scan.Keep(await waiting.Dequeue());
            progress?.Report(scan.Count);
        }
        while (waiting.TryDequeue(out var judging))
            scan.Keep(await judging);
        progress?.Report(scan.Count);
        return scan;
    }

    // What each event follows: the one step that has to go from event to event.
    private List<(EventRow Row, byte[]? Previous, bool IsNext)> Link(IReadOnlyList<EventRow> page)
    {
        var links = new List<(EventRow, byte[]?, bool)>(page.Count);
        foreach (var row in page)
        {
            if (row.IsTombstone)
            {
                Tombstones.Add(row.Stream);
                continue;
            }
            ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_streams, row.Stream, out _);
            links.Add((row, seen.Chain, row.Version == seen.Version + 1));
            seen = new(row.Version, EventVerdict.ChainIn(row));
        }
        return links;
    }

    private static Judged[] Judge(List<(EventRow Row, byte[]? Previous, bool IsNext)> links)
    {
        var scratch = new ArrayBufferWriter<byte>(4_096);
        return [.. links.Select(link => new Judged(link.Row, EventVerdict.Of(link.Row, link.Previous, scratch), link.IsNext))];
    }

    private void Keep(Judged[] page)
    {
        foreach (var (row, verdict, isNext) in page)
        {
            var at = (int)(Count % PageSize);
            if (at == 0)
            {
                _chains.Add(new byte[PageSize * 32]);
                _entries.Add(new byte[PageSize * LeafEntry.Size]);
                _sequences.Add(new long[PageSize]);
            }
            verdict.Stored.AsSpan().CopyTo(_chains[^1].AsSpan(at * 32));
            verdict.Entry.Write(_entries[^1].AsSpan(at * LeafEntry.Size));
            _sequences[^1][at] = row.Sequence;
            var index = Count++;

            Differences.AddRange(verdict.Differences);
            if (!isNext || !verdict.Holds)
                Suspicious.Add(row.Stream);
            ref var end = ref CollectionsMarshal.GetValueRefOrAddDefault(Ends, row.Stream, out var known);
            end = Math.Max(end, row.Version);
            // What an edited event says of others is not to be believed.
            if (!known && verdict.Holds)
                StudyOf[row.Stream] = verdict.StudyId;
            if ((verdict.Holds ? verdict.StudyId : Guid.TryParse(row.Study, out var filed) ? filed : null) is { } study)
            {
                ref var events = ref CollectionsMarshal.GetValueRefOrAddDefault(Studies, study, out _);
                (events ??= []).Add((int)index);
            }
            if (verdict.Fact is LedgerSealed seal)
            {
                if (row.Stream == LedgerIds.Seals)
                    Seals.Add(new(seal, row.Version, verdict.Holds, index));
            }
            else if (verdict is { Holds: true, Fact: { } fact } && EventIds.StudyOf(fact) is { } of)
                foreach (var run in EventKinds.Of(fact).Names!(fact))
                    Named.TryAdd(run, (of, row.Version, row.Type, (int)index));
        }
    }

    private static ReadOnlySpan<byte> Slice(List<byte[]> pages, long index, int size) =>
        pages[(int)(index / PageSize)].AsSpan((int)(index % PageSize) * size, size);
}
