using System.Numerics;
using System.Security.Cryptography;

namespace LdcLedger.Ledger.Chain;

/// <summary>
/// The root of a Merkle tree (RFC 6962 section 2.1) that grows leaf by leaf: SHA-256 with 0x00 before a leaf and 0x01 before a node, so
/// that neither can pass for the other. A leaf's content is an event's chain hash, its 32 bytes.
/// </summary>
public sealed class MerkleTree
{
    // Roots of the perfect subtrees that the leaves so far make, largest first: one for every bit set in Count.
    private readonly List<byte[]> _subtrees = [];

    public MerkleTree()
    {
    }

    /// <summary>Goes on where a tree stopped.</summary>
    /// <param name="subtrees">Roots of the perfect subtrees of <see cref="MerkleProofs.Subtrees"/>(0, <paramref name="count"/>).</param>
    internal MerkleTree(long count, IEnumerable<byte[]> subtrees)
    {
        (Count, _subtrees) = (count, [.. subtrees]);
        if (_subtrees.Count != BitOperations.PopCount((ulong)count))
            throw new ArgumentException($"A tree of {count} leaves is not made of {_subtrees.Count} perfect ones.", nameof(subtrees));
    }

    public long Count { get; private set; }

    /// <summary>Called for every perfect subtree of at least two leaves when its last leaf is added: level, index, hash.</summary>
    internal Action<int, long, byte[]>? Completed { get; init; }

    public void Add(ReadOnlySpan<byte> leaf)
    {
        var node = LeafHash(leaf);
        var pairs = BitOperations.TrailingZeroCount(~Count);
        for (var level = 1; level <= pairs; level++)
        {
            node = NodeHash(_subtrees[^1], node);
            _subtrees.RemoveAt(_subtrees.Count - 1);
            Completed?.Invoke(level, Count >> level, node);
        }
        _subtrees.Add(node);
        Count++;
    }

    /// <summary>Lower-case hexadecimal; of no leaves, the SHA-256 of nothing.</summary>
    public string Root() => Convert.ToHexStringLower(Join(_subtrees));

    /// <summary>The root over perfect subtrees that lie side by side, each larger than those to its right.</summary>
    internal static byte[] Join(IReadOnlyList<byte[]> subtrees)
    {
        if (subtrees.Count == 0)
            return SHA256.HashData([]);
        var root = subtrees[^1];
        for (var i = subtrees.Count - 2; i >= 0; i--)
            root = NodeHash(subtrees[i], root);
        return root;
    }

    internal static byte[] LeafHash(ReadOnlySpan<byte> leaf)
    {
        Span<byte> bytes = leaf.Length <= 64 ? stackalloc byte[1 + leaf.Length] : new byte[1 + leaf.Length];
        bytes[0] = 0x00;
        leaf.CopyTo(bytes[1..]);
        return SHA256.HashData(bytes);
    }

    internal static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> bytes = stackalloc byte[1 + 2 * SHA256.HashSizeInBytes];
        bytes[0] = 0x01;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + SHA256.HashSizeInBytes)..]);
        return SHA256.HashData(bytes);
    }
}
