using System.Numerics;

namespace LdcLedger.Ledger.Chain;

/// <summary>
/// Proofs over Merkle trees (RFC 6962 sections 2.1.1 and 2.1.2, verified as RFC 9162 section 2.1 says): that a leaf is in a tree, and that
/// a tree begins with another. A proof is made of hashes of runs of leaves; here is which runs, the tree's keeper has their hashes.
/// </summary>
public static class MerkleProofs
{
    /// <summary>The runs of leaves whose hashes prove that a leaf is in a tree, from the leaf up: its audit path.</summary>
    /// <param name="index">Of the leaf, from 0.</param>
    /// <param name="size">Of the tree.</param>
    public static IReadOnlyList<(long From, long To)> Inclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        List<(long, long)> runs = [];
        for (var (from, to) = (0L, size); to - from > 1;)
        {
            var middle = from + LeftLeaves(to - from);
            runs.Add(index < middle ? (middle, to) : (from, middle));
            (from, to) = index < middle ? (from, middle) : (middle, to);
        }
        runs.Reverse();
        return runs;
    }

    /// <summary>The runs of leaves whose hashes prove that a tree begins with a smaller one.</summary>
    /// <param name="first">Size of the smaller tree, at least 1.</param>
    /// <param name="size">Of the tree; where it is the same, nothing is needed.</param>
    public static IReadOnlyList<(long From, long To)> Consistency(long first, long size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, size);
        List<(long, long)> runs = [];
        var (from, to) = (0L, size);
        while (to != first)
        {
            var middle = from + LeftLeaves(to - from);
            runs.Add(first <= middle ? (middle, to) : (from, middle));
            (from, to) = first <= middle ? (from, middle) : (middle, to);
        }
        if (from > 0)
            runs.Add((from, to));   // what is left of the smaller tree; the whole of it is known to whoever verifies
        runs.Reverse();
        return runs;
    }

    /// <summary>
    /// The perfect subtrees that a run of leaves consists of, largest first. Subtree (level, index) holds the leaves from index * 2^level
    /// on, 2^level of them.
    /// </summary>
    public static IEnumerable<(int Level, long Index)> Subtrees(long from, long to)
    {
        while (from < to)
        {
            var level = BitOperations.Log2((ulong)(to - from));
            yield return (level, from >> level);
            from += 1L << level;
        }
    }

    /// <summary>Whether the path leads from the leaf to the root.</summary>
    public static bool Includes(ReadOnlySpan<byte> leaf, long index, long size, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size)
            return false;
        var (node, last, hash) = (index, size - 1, MerkleTree.LeafHash(leaf));
        foreach (var sibling in path)
        {
            if (last == 0)
                return false;
            if (long.IsOddInteger(node) || node == last)
            {
                hash = MerkleTree.NodeHash(sibling, hash);
                while (long.IsEvenInteger(node) && node != 0)
                    (node, last) = (node >> 1, last >> 1);
            }
            else
                hash = MerkleTree.NodeHash(hash, sibling);
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && root.SequenceEqual(hash);
    }

    /// <summary>Whether the tree of the second root begins with that of the first.</summary>
    public static bool Continues(
        long first, ReadOnlySpan<byte> firstRoot, long second, ReadOnlySpan<byte> secondRoot, IReadOnlyList<byte[]> proof)
    {
        if (first < 1 || first > second)
            return false;
        if (first == second)
            return proof.Count == 0 && firstRoot.SequenceEqual(secondRoot);
        // A smaller tree that is perfect is a node of the larger one, and left out of the proof.
        IReadOnlyList<byte[]> path = BitOperations.IsPow2(first) ? [firstRoot.ToArray(), .. proof] : proof;
        if (path.Count == 0)
            return false;
        var (node, last) = (first - 1, second - 1);
        while (long.IsOddInteger(node))
            (node, last) = (node >> 1, last >> 1);
        var (older, newer) = (path[0], path[0]);
        foreach (var sibling in path.Skip(1))
        {
            if (last == 0)
                return false;
            if (long.IsOddInteger(node) || node == last)
            {
                (older, newer) = (MerkleTree.NodeHash(sibling, older), MerkleTree.NodeHash(sibling, newer));
                while (long.IsEvenInteger(node) && node != 0)
                    (node, last) = (node >> 1, last >> 1);
            }
            else
                newer = MerkleTree.NodeHash(newer, sibling);
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && firstRoot.SequenceEqual(older) && secondRoot.SequenceEqual(newer);
    }

    // The largest power of two below a size.
    private static long LeftLeaves(long size) => 1L << BitOperations.Log2((ulong)(size - 1));
}
