using System.Collections.Concurrent;
using System.Globalization;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Trees;

namespace LdcLedger.Ledger.Verification;

/// <summary>
/// Everything that says something of the same events, side by side: the events themselves, the tree's leaves, the seals, the streams' rows.
/// Where two differ, the others tell which of them was changed: a sealed root is right, and whoever gives it.
/// </summary>
internal sealed class LedgerAudit(LedgerRecords records, VerificationScope scope)
{
    private const int PlaceBytes = 24;   // of an entry: stream and version
    private const int StreamsAtOnce = 256;

    private readonly EventScan _events = records.Events;
    private readonly ListedLeaves? _listed = records.Listed;
    private readonly List<Difference> _found = [.. records.Events.Differences];

    private readonly Dictionary<Guid, bool> _imported = [];   // whether they begin with what was imported

    private IReadOnlyDictionary<(int Level, long Index), byte[]> _nodes = records.Nodes;

    private bool IsWhole => scope.Study is null;

    public async Task<ChainVerification> FindAsync(CancellationToken cancellation)
    {
        var newest = _events.Seals.LastOrDefault(seal => seal.Holds);
        var inOrder = _listed is not null && IsInOrder();
        var isListedSealed = _listed is not null
            && (newest is null ? _listed.Count == 0 : records.Roots.GetValueOrDefault(newest.Seal.Position) == newest.Seal.Root);
        var areEventsSealed = inOrder && isListedSealed;
        var order = SealedOrder.Intact;
        IReadOnlyList<Leaf> leaves = [];
        if (IsWhole && !isListedSealed && newest is not null && RootOfEvents(newest.Seal.Position) == newest.Seal.Root)
        {
            // The events give the sealed root, so that the tree's rows were changed.
            areEventsSealed = true;
            _nodes = ListedLeaves.TreeOf(newest.Seal.Position, _events.Chain).Nodes;
            AddBlocks(newest.Seal.Position, _ => false);
        }
        else if (_listed is null || !IsWhole && !isListedSealed && newest is not null)
            _found.Add(new(DifferenceKind.Tree, LedgerIds.Seals, null, "tree_blocks.hashes",
                "the blocks of the ledger's tree do not give the sealed "
                + $"root{(IsWhole ? "" : "; a verification of the whole ledger says which")}"));
        else
        {
            leaves = LeavesOf(inOrder ? _events.Suspicious : null);
            if (!inOrder)
                order = SealedOrder.Of(_events, leaves, _listed.LastSequence);
        }
        _found.AddRange(order.Differences);

        var missing = await DiagnoseAsync([.. _events.Suspicious.Union(order.Streams)], leaves, order, cancellation);
        if (inOrder && isListedSealed)
            AddStrayEntries();
        _found.AddRange(StreamRow.Compare(records.Streams, _events.Ends, missing, _events.Tombstones));
        AddUnplanned();
        DropConsequences();
        AddSeals(areEventsSealed);
        if (areEventsSealed || isListedSealed)
            AddTrees(areEventsSealed);
        if (scope.Against is { } against)
            AddCheckpoint(against);
        return new(
            IsWhole ? _events.Count : _events.Count - _events.Seals.Count, IsWhole ? _events.Ends.Count
                : _events.Ends.Keys.Count(stream => stream != LedgerIds.Seals),
            _found, SealedPart());
    }

    private SealedPart? SealedPart() => _events.Seals.LastOrDefault() is not { } newest ? null : new(
        newest.Seal.Position, newest.Seal.Root ?? "", _events.Seals.Count,
        SealChecks.CheckpointOf(newest) is { } checkpoint ? SealChecks.Signers(checkpoint) : "", scope.Keys is not null);

    // Leaf by leaf: the same chain hash, at the same place of the same stream. A place is part of what is hashed: where only that of the
    // leaf is another, and the event's hash holds, the leaf was changed.
    private bool IsInOrder()
    {
        if (_events.Count < records.LeafCount)
            return false;
        for (var i = 0L; i < records.LeafCount; i++)
            if (!_events.Chain(i).SequenceEqual(_listed!.Chain(records.LeafAt(i)))
                || !_events.EntryBytes(i)[..PlaceBytes].SequenceEqual(_listed.EntryBytes(records.LeafAt(i))[..PlaceBytes])
                    && _events.Suspicious.Contains(_events.Entry(i).Stream))
                return false;
        return true;
    }

    /// <param name="streams">Null: all.</param>
    private List<Leaf> LeavesOf(IReadOnlySet<Guid>? streams) => streams is { Count: 0 } ? []
        : [.. from i in Indexes(records.LeafCount)
              let entry = _listed!.Entry(records.LeafAt(i))
              where streams is null || streams.Contains(entry.Stream)
              select new Leaf(records.LeafAt(i), _listed!.Chain(records.LeafAt(i)).ToArray(), entry)];

    private string? RootOfEvents(long size) => size < 1 || size > _events.Count ? null
        : ListedLeaves.TreeOf(size, _events.Chain).Roots[size];

    // What a leaf says of its event, and differs though the event is what was recorded, was changed itself.
    private void AddStrayEntries()
    {
        var edited = _found.Where(d => d.Kind is DifferenceKind.Edited).Select(d => (d.Stream, d.Version)).ToHashSet();
        for (var i = 0L; i < records.LeafCount; i++)
            if (!_events.EntryBytes(i).SequenceEqual(_listed!.EntryBytes(records.LeafAt(i))) && !IsEdited(i))
            {
                if (IsWhole)
                    AddBlocks(_listed.Count, IsEdited);
                else
                    _found.Add(new(DifferenceKind.Tree, LedgerIds.Seals, null, "tree_blocks.entries",
                        $"leaf {records.LeafAt(i)} is said to be another event"));
                return;
            }
        if (IsWhole && _listed!.BlockEnds.Any(end => _events.Sequence(end.Size - 1) != end.LastSequence))
            AddBlocks(_listed.Count, IsEdited);

        bool IsEdited(long i) => _events.Entry(i) is var entry && edited.Contains((entry.Stream, entry.Version));
    }

    /// <param name="isEdited">Which events are not what their leaves say because they were changed themselves.</param>
    private void AddBlocks(long count, Func<long, bool> isEdited) => _found.AddRange(
        new TreeChecks(LedgerIds.Seals, records.Rows.Blocks.GetValueOrDefault(LedgerIds.Seals) ?? []).Blocks(
            count, _events.Chain, i => isEdited(i) ? _listed!.EntryBytes(i) : _events.EntryBytes(i), _events.Sequence));

    // Where the streams in question ended before something was done to them.
    private async Task<IReadOnlyDictionary<Guid, long>> DiagnoseAsync(
        IReadOnlyCollection<Guid> streams, IReadOnlyList<Leaf> leaves, SealedOrder order, CancellationToken cancellation)
    {
        var ends = new Dictionary<Guid, long>();
        var known = leaves.ToLookup(leaf => leaf.Entry.Stream);
        foreach (var some in streams.Chunk(StreamsAtOnce))
        {
            var rows = await records.EventsOf(some, cancellation);
            foreach (var stream in some)
            {
                var byVersion = known[stream].DistinctBy(leaf => leaf.Entry.Version).ToDictionary(leaf => leaf.Entry.Version);
                _found.AddRange(new StreamDiagnosis(stream, [.. rows[stream]], byVersion, order).Find());
                ends[stream] = rows[stream]
                    .Where(row => byVersion.ContainsKey(row.Version) || !order.IsStranger(row))
                    .Select(row => row.Version).Concat(byVersion.Keys).DefaultIfEmpty().Max();
            }
        }
        return ends;
    }

    // A run that its study speaks of was planned with it; a run that speaks of its study was planned by it.
    private void AddUnplanned()
    {
        var gone = _found.Where(d => d is { Kind: DifferenceKind.Missing, Version: null }).Select(d => d.Stream).ToHashSet();
        foreach (var (run, by) in _events.Named)
            if (!_events.Ends.ContainsKey(run) && !IsOfBrokenOffFile(by.Study, by.Index) && gone.Add(run))
                _found.Add(new(DifferenceKind.Missing, run, null, "id", string.Create(CultureInfo.InvariantCulture,
                    $"all events of this run are gone, which version {by.Version} of study {by.Study} ({by.Type}) names")));
        foreach (var (stream, study) in _events.StudyOf)
            if (study is { } of && of != stream && (IsWhole || of == scope.Study) && !_events.Ends.ContainsKey(of) && gone.Add(of))
                _found.Add(new(DifferenceKind.Missing, of, null, "id", $"all events of this study are gone, which run {stream} names"));
    }

    // An imported study may end in the middle of what was recorded at once: it is what was imported, and names runs that never came.
    private bool IsOfBrokenOffFile(Guid study, int namedAt)
    {
        if (!records.Imports.TryGetValue(study, out var note) || !_events.Studies.TryGetValue(study, out var events)
            || note.Position < 1 || events.Count < note.Position || events[(int)note.Position - 1] < namedAt)
            return false;
        if (!_imported.TryGetValue(study, out var isWhole))
            _imported[study] = isWhole =
                ListedLeaves.TreeOf(note.Position, i => _events.Chain(events[(int)i])).Roots[note.Position] == note.Root;
        return isWhole;
    }

    // What was told of a column because another one was changed.
    private void DropConsequences()
    {
        var edited = _found.Where(d => d.Kind is DifferenceKind.Edited).Select(d => (d.Stream, d.Version, d.Field)).ToHashSet();
        _found.RemoveAll(d =>
            d.Kind is DifferenceKind.Membership && edited.Contains((d.Stream, d.Version, "data"))
            || d.Kind is DifferenceKind.DotnetType && edited.Contains((d.Stream, d.Version, "type")));
    }

    private void AddSeals(bool areEventsSealed)
    {
        var changed = _found.Where(d => d.Stream == LedgerIds.Seals).Select(d => d.Version).ToHashSet();
        var origins = _events.Seals.Select(seal => SealChecks.CheckpointOf(seal)?.Origin).Distinct().ToList();
        var ledger = records.Ledger;
        if (origins is [{ } only] && only != Checkpoint.OriginOf(ledger)
            && only.StartsWith(Checkpoint.OriginPrefix, StringComparison.Ordinal)
            && Guid.TryParse(only[Checkpoint.OriginPrefix.Length..], out var named))
        {
            _found.Add(new(DifferenceKind.Seal, null, null, "ledger_identity.id", $"it is {ledger}, and every seal is of {only}"));
            ledger = named;
        }
        _found.AddRange(new SealChecks(ledger, scope.Keys, seal => !changed.Contains(seal.Version))
            .Of(_events.Seals, IsWhole && areEventsSealed));
        if (_listed is not null && !_found.Any(d => d.Kind is DifferenceKind.Missing or DifferenceKind.Tree or DifferenceKind.Added))
            foreach (var seal in _events.Seals.Where(seal => !changed.Contains(seal.Version)))
                if (records.Roots.GetValueOrDefault(seal.Seal.Position) != seal.Seal.Root
                    && !_found.Any(d => d.Stream == LedgerIds.Seals && d.Version == seal.Version))
                    _found.Add(SealChecks.At(seal, "data.root", string.Create(CultureInfo.InvariantCulture,
                        $"the first {seal.Seal.Position} events do not give the root that was sealed")));
        var last = _events.Seals.LastOrDefault();
        if (_listed is null || last is not null && changed.Contains(last.Version) || changed.Contains(null))
            return;
        if (_listed.Count > (last?.Seal.Position ?? 0) && !changed.Contains((last?.Version ?? 0) + 1))
            _found.Add(new(DifferenceKind.Missing, LedgerIds.Seals, (last?.Version ?? 0) + 1, "id",
                string.Create(CultureInfo.InvariantCulture, $"the seal over the first {_listed.Count} events is gone"), "ledger_sealed"));
    }

    private void AddTrees(bool areEventsSealed)
    {
        // Events are compared only where they are what was sealed; else a study's tree has to be part of the ledger's.
        var listed = areEventsSealed ? null : Indexes(_listed!.Count).Select(i => LedgerRecords.Beginning(_listed.Chain(i))).ToHashSet();
        var last = areEventsSealed && IsWhole && _listed is { Count: > 0 } whole && whole.Count <= _events.Count
            ? _events.Sequence(whole.Count - 1) : _listed?.LastSequence ?? LastSealed();
        var found = new ConcurrentBag<Difference>();
        var nodes = records.Rows.Nodes.ToLookup(node => node.Key.Tree, node =>
            KeyValuePair.Create((node.Key.Level, node.Key.Index), node.Value));
        Parallel.ForEach(records.Rows.Blocks.Keys.Union(nodes.Select(tree => tree.Key)).Union(_events.Studies.Keys), tree =>
        {
            var (blocks, stored) = (records.Rows.Blocks.GetValueOrDefault(tree) ?? [], new Dictionary<(int, long), byte[]>(nodes[tree]));
            var checks = new TreeChecks(tree, blocks);
            if (tree == LedgerIds.Seals)
            {
                if (!_found.Any(d => d.Kind is DifferenceKind.Tree && d.Field.StartsWith("tree_blocks", StringComparison.Ordinal)))
                    Tell(checks.Nodes(stored, _nodes));
                return;
            }
            if (listed is not null
                && blocks.All(block => block.Hashes.Chunk(32).All(chain => listed.Contains(LedgerRecords.Beginning(chain)))))
                return;
            if (!_events.Studies.TryGetValue(tree, out var events))
            {
                Tell([new(DifferenceKind.Tree, tree, null, "tree_blocks.tree", "this tree belongs to no study")]);
                return;
            }
            var count = events.Count;
            while (count > 0 && _events.Sequence(events[count - 1]) > last)
                count--;
            var differing = checks.Blocks(count, i => _events.Chain(events[(int)i]), null, i => _events.Sequence(events[(int)i])).ToList();
            Tell(differing);
            if (differing.Count == 0 && (count >= TreeTables.BlockLeaves || stored.Count > 0))
                Tell(checks.Nodes(stored, ListedLeaves.TreeOf(count, i => _events.Chain(events[(int)i])).Nodes));
        });
        _found.AddRange(found.OrderBy(d => d.Stream).ThenBy(d => d.Field, StringComparer.Ordinal));

        void Tell(IEnumerable<Difference> differences)
        {
            foreach (var difference in differences)
                found.Add(difference);
        }
    }

    private long LastSealed() => _events.Seals.LastOrDefault(seal => seal.Holds) is { } newest && newest.Seal.Position is > 0 and var size
        && size <= _events.Count ? _events.Sequence(size - 1) : 0;

    private void AddCheckpoint(Checkpoint against)
    {
        if (against.Size > _events.Count)
            _found.Add(new(DifferenceKind.Checkpoint, null, null, "events", string.Create(CultureInfo.InvariantCulture,
                $"the checkpoint knows {against.Size} events, and there are {_events.Count}: the end of the ledger is gone")));
        else if (against.Size > 0 && RootOfEvents(against.Size) != against.Root)
            _found.Add(new(DifferenceKind.Checkpoint, null, null, "root", string.Create(CultureInfo.InvariantCulture,
                $"the first {against.Size} events do not give the checkpoint's root: they were rewritten since")));
    }

    private static IEnumerable<long> Indexes(long count)
    {
        for (var i = 0L; i < count; i++)
            yield return i;
    }
}
