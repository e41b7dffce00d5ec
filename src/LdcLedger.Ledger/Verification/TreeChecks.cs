using System.Globalization;
using LdcLedger.Ledger.Trees;

namespace LdcLedger.Ledger.Verification;

/// <summary>The rows of one stored tree beside the leaves that it has to have.</summary>
internal sealed class TreeChecks(Guid tree, IReadOnlyList<TreeBlock> blocks)
{
    /// <param name="count">How many leaves there have to be.</param>
    /// <param name="chain">Their chain hashes.</param>
    /// <param name="entry">What is said of each; null where the tree says nothing of its leaves.</param>
    /// <param name="sequence">Their places in the ledger.</param>
    public IEnumerable<Difference> Blocks(
        long count, ListedLeaves.ChainAt chain, ListedLeaves.ChainAt? entry, Func<long, long> sequence)
    {
        var reached = 0L;
        foreach (var block in blocks)
        {
            if (block.First > reached)
                yield return At("first", $"the leaves {reached} to {Math.Min(block.First, count) - 1} are missing");
            var leaves = block.Hashes.Length / 32;
            if (block.First < reached || leaves == 0 || block.First + leaves > count || block.Hashes.Length % 32 != 0)
            {
                yield return At(block.First < reached || block.First >= count ? "first" : "hashes",
                    $"the block that begins with leaf {block.First} has {leaves} leaves, and does not fit between its neighbours");
                reached = Math.Max(reached, Math.Min(count, block.First + leaves));
                continue;
            }
            foreach (var (field, at) in Within(block, leaves, chain, entry))
                yield return At(field, string.Create(CultureInfo.InvariantCulture, $"leaf {at} is not the event at that place"));
            if (block.LastSequence != sequence(block.First + leaves - 1))
                yield return At("last_sequence", $"the block that begins with leaf {block.First} does not end where its last event stands");
            reached = block.First + leaves;
        }
        if (reached < count)
            yield return At("first", $"the leaves {reached} to {count - 1} are missing");
    }

    private static IEnumerable<(string Field, long At)> Within(
        TreeBlock block, int leaves, ListedLeaves.ChainAt chain, ListedLeaves.ChainAt? entry)
    {
        for (var i = 0; i < leaves; i++)
            if (!chain(block.First + i).SequenceEqual(block.Hashes.AsSpan(32 * i, 32)))
            {
                yield return ("hashes", block.First + i);
                break;
            }
        if (block.Entries?.Length != (entry is null ? null : LeafEntry.Size * leaves))
            yield return ("entries", block.First);
        else if (entry is not null)
            for (var i = 0; i < leaves; i++)
                if (!entry(block.First + i).SequenceEqual(block.Entries.AsSpan(LeafEntry.Size * i, LeafEntry.Size)))
                {
                    yield return ("entries", block.First + i);
                    break;
                }
    }

    /// <param name="stored">The nodes of this tree that are stored.</param>
    /// <param name="computed">Those that there have to be.</param>
    public IEnumerable<Difference> Nodes(
        IReadOnlyDictionary<(int Level, long Index), byte[]> stored, IReadOnlyDictionary<(int Level, long Index), byte[]> computed)
    {
        foreach (var (at, hash) in computed)
            if (!stored.TryGetValue(at, out var there))
                yield return AtNode(at, "is missing");
            else if (!hash.AsSpan().SequenceEqual(there))
                yield return AtNode(at, "is not the hash of its leaves");
        foreach (var at in stored.Keys.Where(at => !computed.ContainsKey(at)))
            yield return AtNode(at, "belongs to no tree");
    }

    private Difference At(string field, string what) => new(DifferenceKind.Tree, tree, null, $"tree_blocks.{field}", what);

    private Difference AtNode((int Level, long Index) at, string what) => new(DifferenceKind.Tree, tree, null, "tree_nodes.hash",
        string.Create(CultureInfo.InvariantCulture, $"node {at.Index} of level {at.Level} {what}"));
}
