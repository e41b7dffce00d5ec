using LdcLedger.Ledger.Trees;

namespace LdcLedger.Ledger.Verification;

/// <summary>An event as the tree knows it.</summary>
internal sealed record Leaf(long Index, byte[] Chain, LeafEntry Entry);

/// <summary>
/// The events beside the leaves of the sealed tree, in ledger order: which of them are in another order, which leaves have no event, which
/// events have no leaf. What an event's content says of that is for <see cref="StreamDiagnosis"/>.
/// </summary>
/// <param name="Differences">Events in another place of the order.</param>
/// <param name="Streams">Where something differs.</param>
/// <param name="Relocated">Leaves whose event stands under another stream or version now, by chain hash: which, and where.</param>
/// <param name="Added">Events without a leaf that stand where the tree's events stand.</param>
internal sealed record SealedOrder(
    IReadOnlyList<Difference> Differences, IReadOnlySet<Guid> Streams,
    IReadOnlyDictionary<string, (Leaf Leaf, Guid Stream, long Version)> Relocated, IReadOnlySet<(Guid Stream, long Version)> Added)
{
    public static readonly SealedOrder Intact =
        new([], new HashSet<Guid>(), new Dictionary<string, (Leaf, Guid, long)>(), new HashSet<(Guid, long)>());

    /// <param name="lastSequence">Where the last sealed event stood: what has no leaf and stands behind it came later.</param>
    public static SealedOrder Of(EventScan events, IReadOnlyList<Leaf> leaves, long lastSequence)
    {
        var (byPlace, homeless) = (new Dictionary<(Guid, long), Leaf>(), new Dictionary<string, Leaf>());
        foreach (var leaf in leaves)
        {
            byPlace.TryAdd((leaf.Entry.Stream, leaf.Entry.Version), leaf);
            homeless.TryAdd(Key(leaf.Chain), leaf);
        }
        var leafOf = new Leaf?[events.Count];
        // First whoever is where it was; then whoever stands under another stream or version; then whoever has another chain hash.
        for (var i = 0L; i < events.Count; i++)
            if (byPlace.TryGetValue(PlaceOf(i), out var leaf) && events.Chain(i).SequenceEqual(leaf.Chain)
                && homeless.Remove(Key(leaf.Chain)))
                leafOf[i] = leaf;
        var streams = new HashSet<Guid>();
        var relocated = new Dictionary<string, (Leaf, Guid, long)>();
        for (var i = 0L; i < events.Count; i++)
            if (leafOf[i] is null && homeless.TryGetValue(Key(events.Chain(i)), out var leaf)
                && leaf.Entry.IdMark == events.Entry(i).IdMark)   // else its hash alone came from elsewhere
            {
                homeless.Remove(Key(leaf.Chain));
                leafOf[i] = leaf;
                if (!events.Suspicious.Contains(PlaceOf(i).Stream))
                    continue;   // its place is what it was hashed with: the leaf's was changed
                relocated[Key(leaf.Chain)] = (leaf, PlaceOf(i).Stream, PlaceOf(i).Version);
                streams.UnionWith([leaf.Entry.Stream, PlaceOf(i).Stream]);
            }
        for (var i = 0L; i < events.Count; i++)
            if (leafOf[i] is null && byPlace.TryGetValue(PlaceOf(i), out var leaf) && homeless.Remove(Key(leaf.Chain)))
            {
                leafOf[i] = leaf;
                streams.Add(leaf.Entry.Stream);
            }
        streams.UnionWith(homeless.Values.Select(leaf => leaf.Entry.Stream));

        var added = new HashSet<(Guid, long)>();
        for (var i = 0L; i < events.Count; i++)
            if (leafOf[i] is null && events.Sequence(i) <= lastSequence)
            {
                added.Add(PlaceOf(i));
                streams.Add(PlaceOf(i).Stream);
            }
        return new([.. Moved()], streams, relocated, added);

        (Guid Stream, long Version) PlaceOf(long i) => (events.Entry(i).Stream, events.Entry(i).Version);

        IEnumerable<Difference> Moved()
        {
            var known = Enumerable.Range(0, leafOf.Length).Where(i => leafOf[i] is not null).ToList();
            var behind = known.Where(i => events.Sequence(i) > lastSequence).ToHashSet();
            known.RemoveAll(behind.Contains);
            var outside = Sequences.OutOfOrder([.. known.Select(i => leafOf[i]!.Index)]).Select(at => known[at]);
            foreach (var i in behind.Concat(outside).Order())
                yield return new(DifferenceKind.Order, PlaceOf(i).Stream, PlaceOf(i).Version, "seq_id",
                    $"it was event {leafOf[i]!.Index + 1} of the ledger when that was sealed, and stands elsewhere now",
                    events.Entry(i).Type);
        }
    }

    /// <summary>Whether an event stands where it was not recorded: it was moved there, or added.</summary>
    public bool IsStranger(EventRow row) => IsRelocated(row) || Added.Contains((row.Stream, row.Version));

    public bool IsRelocated(EventRow row) => EventVerdict.ChainIn(row) is { } chain && Relocated.TryGetValue(Key(chain), out var now)
        && now.Stream == row.Stream && now.Version == row.Version;

    public static string Key(ReadOnlySpan<byte> chain) => Convert.ToHexString(chain);
}
