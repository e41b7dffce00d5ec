using System.Buffers;
using System.Globalization;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Trees;

namespace LdcLedger.Ledger.Verification;

/// <summary>
/// A stream in which something differs, event by event: which version, which field. Of sealed events the tree knows what each field was;
/// of the others it is found out which single change would explain the chain.
/// </summary>
/// <param name="rows">All of the stream's.</param>
/// <param name="leaves">What the tree knows of it, by version.</param>
internal sealed class StreamDiagnosis(
    Guid stream, IReadOnlyList<EventRow> rows, IReadOnlyDictionary<long, Leaf> leaves, SealedOrder order)
{
    private readonly ArrayBufferWriter<byte> _scratch = new(4_096);
    private readonly List<Difference> _found = [];
    private int _suspects;

    public IReadOnlyList<Difference> Find()
    {
        var byVersion = rows.ToLookup(row => row.Version);
        if (rows.Count == 0 && leaves.Count > 0)
        {
            AddWholeStream();
            return _found;
        }
        AddOrder();
        foreach (var odd in byVersion.Where(same => same.Key < 1).SelectMany(same => same))
            AddStranger(odd);
        // Of the event before: its true chain hash, as far as that is known; and whether it is.
        (byte[]? Chain, bool IsKnown) before = (null, true);
        var read = 0L;
        foreach (var version in Versions())
        {
            if (version != read + 1)
                before = (null, false);
            read = version;
            var leaf = leaves.GetValueOrDefault(version);
            var row = Belonging(byVersion[version], leaf);
            foreach (var other in byVersion[version].Where(other => other != row))
                AddStranger(other);
            if (row is null)
                AddMissing(version, leaf);
            else if (leaf is not null)
                AddChanges(row, leaf, before);
            before = (row, leaf) switch
            {
                (_, { } known) => (known.Chain, true),
                ({ } unsealed, null) => (TrueChain(unsealed, before, byVersion[version + 1].FirstOrDefault()), true),
                (null, null) => (null, false),
            };
        }
        return _found;
    }

    // From 1 to the last. A version far out was written there by hand: between it and the rest nothing is missed one by one.
    private IEnumerable<long> Versions()
    {
        const long patience = 10_000;
        var known = rows.Where(row => !order.IsRelocated(row)).Select(row => row.Version).Concat(leaves.Keys)
            .Where(version => version > 0).Distinct().Order().ToList();
        return known.Count == 0 || known[^1] > known.Count + patience ? known
            : Enumerable.Range(1, (int)known[^1]).Select(version => (long)version);
    }

    // The row that stands where a leaf says, or where no leaf says anything; null where it is gone or belongs elsewhere.
    private EventRow? Belonging(IEnumerable<EventRow> there, Leaf? leaf)
    {
        var candidates = there.Where(row => !order.IsStranger(row)).ToList();
        return leaf is null ? candidates.FirstOrDefault()
            : candidates.FirstOrDefault(row => EventVerdict.ChainIn(row).AsSpan().SequenceEqual(leaf.Chain)) ?? candidates.FirstOrDefault();
    }

    private void AddStranger(EventRow row)
    {
        if (!order.IsRelocated(row))
            Add(DifferenceKind.Added, row.Version, "id", $"event {row.Id} was not recorded here", row.Type);
    }

    private void AddMissing(long version, Leaf? leaf)
    {
        if (leaf is not null && order.Relocated.TryGetValue(SealedOrder.Key(leaf.Chain), out var now))
        {
            var field = now.Stream != stream ? "stream_id" : "version";
            Add(DifferenceKind.Edited, version, field,
                string.Create(CultureInfo.InvariantCulture, $"it stands as version {now.Version} of stream {now.Stream} now"),
                leaf.Entry.Type);
        }
        else
            Add(DifferenceKind.Missing, version, "id", "the event is gone" + (leaf is null ? "" : $", which was recorded at {Time(leaf)}"),
                leaf?.Entry.Type);
    }

    private void AddWholeStream()
    {
        var gone = leaves.Values.Where(leaf => !order.Relocated.ContainsKey(SealedOrder.Key(leaf.Chain))).ToList();
        foreach (var leaf in leaves.Values.Except(gone))
            AddMissing(leaf.Entry.Version, leaf);
        if (gone.Count > 0)
            _found.Add(new(DifferenceKind.Missing, stream, null, "id", string.Create(CultureInfo.InvariantCulture,
                $"all its events are gone, {gone.Count} from {Time(gone[0])} on")));
    }

    private static string Time(Leaf leaf) => leaf.Entry.Microseconds is > -62_135_596_800_000_000 and < 253_402_300_800_000_000
        ? DateTimeOffset.UnixEpoch.AddMicroseconds(leaf.Entry.Microseconds)
            .UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)
        : "an unknown time";

    private void AddChanges(EventRow row, Leaf leaf, (byte[]? Chain, bool IsKnown) before)
    {
        var verdict = EventVerdict.Of(row, before.Chain, _scratch);
        var isChain = verdict.Stored.AsSpan().SequenceEqual(leaf.Chain);
        if (verdict.Holds && isChain || !before.IsKnown && isChain)
            return;
        if (!isChain && verdict.Stored is not null)
            Add(DifferenceKind.Headers, row.Version, "headers.chain", "its chain hash is not the one that was sealed", row.Type);
        var fields = Changed(verdict.Entry, leaf.Entry).ToList();
        // The marks of all fields fit, and yet the content does not give the sealed hash: only data is more than its mark.
        if (fields.Count == 0 && isChain)
            fields.Add("data");
        foreach (var field in fields)
            Add(DifferenceKind.Edited, row.Version, field, "it is not what was recorded", leaf.Entry.Type ?? row.Type);
    }

    private static IEnumerable<string> Changed(LeafEntry now, LeafEntry then)
    {
        if (now.TypeMark != then.TypeMark)
            yield return "type";
        if (now.IdMark != then.IdMark)
            yield return "id";
        if (now.Microseconds != then.Microseconds)
            yield return "timestamp";
        if (now.CausationMark != then.CausationMark)
            yield return "causation_id";
        if (now.DataMark != then.DataMark)
            yield return "data";
    }

    // Of an event that no tree knows. Where its hash does not follow, the event after it tells whether the hash or the content was changed:
    // it was chained to the true one.
    private byte[]? TrueChain(EventRow row, (byte[]? Chain, bool IsKnown) before, EventRow? next)
    {
        var verdict = EventVerdict.Of(row, before.Chain, _scratch);
        if (verdict.Holds || !before.IsKnown || verdict.Stored is null && next is null)
            return verdict.Stored;
        var computed = HashOf(row, row.Type, row.Id, row.Microseconds, row.Causation, before.Chain);
        if (next is not null && EventVerdict.Of(next, computed, _scratch).Holds)
        {
            if (verdict.Stored is not null)
                Add(DifferenceKind.Headers, row.Version, "headers.chain", "its chain hash is not the one that the event after it follows",
                    row.Type);
            return computed;
        }
        var field = Suspect(row, verdict.Stored, before.Chain);
        Add(DifferenceKind.Edited, row.Version, field ?? "data", field is null
            ? "its data, or its time, is not what was recorded" : "it is not what was recorded", row.Type);
        return verdict.Stored;
    }

    // The single field whose change explains the stored hash, where it can be told: there are few types, one id, and causes and times that
    // events beside it share. Whoever changed more than a few events is told no more than that he did.
    private string? Suspect(EventRow row, byte[]? stored, byte[]? before)
    {
        const int patience = 20, near = 100;
        if (++_suspects > patience)
            return null;
        bool Explains(string type, Guid id, long time, string? cause) =>
            HashOf(row, type, id, time, cause, before).AsSpan().SequenceEqual(stored);

        if (EventKinds.All.Any(kind => Explains(kind.Alias, row.Id, row.Microseconds, row.Causation)))
            return "type";
        if (EventVerdict.FactOf(row) is { } fact && Explains(row.Type, EventIds.Of(fact), row.Microseconds, row.Causation))
            return "id";
        var neighbours = rows.Where(other => other.Version >= row.Version - near && other.Version <= row.Version + near).ToList();
        if (neighbours.Select(other => other.Causation).Concat(neighbours.Select(other => other.Id.ToString("D"))).Append(null).Distinct()
            .Any(cause => Explains(row.Type, row.Id, row.Microseconds, cause)))
            return "causation_id";
        return neighbours.Select(other => other.Microseconds).Distinct().Any(time => Explains(row.Type, row.Id, time, row.Causation))
            ? "timestamp" : null;
    }

    private byte[] HashOf(EventRow row, string type, Guid id, long time, string? cause, byte[]? before) =>
        EventVerdict.Hash(row, type, id, time, cause, before, _scratch).Hash;

    // Of sealed events the order of the whole ledger is compared; the others at least follow each other.
    private void AddOrder()
    {
        var open = rows.Where(row => !leaves.ContainsKey(row.Version)).OrderBy(row => row.Version).ToList();
        foreach (var at in Sequences.OutOfOrder([.. open.Select(row => row.Sequence)]).Order())
            Add(DifferenceKind.Order, open[at].Version, "seq_id", "it does not stand between its neighbours in the ledger's order",
                open[at].Type);
    }

    private void Add(DifferenceKind kind, long version, string field, string what, string? type) =>
        _found.Add(new(kind, stream, version, field, what, type));
}
