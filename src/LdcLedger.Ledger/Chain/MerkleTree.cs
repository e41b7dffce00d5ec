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

    public long Count { get; private set; }

    public void Add(ReadOnlySpan<byte> leaf)
    {
        var node = Hash(0x00, leaf, []);
        for (var pairs = BitOperations.TrailingZeroCount(~Count); pairs > 0; pairs--)
        {
            node = Hash(0x01, _subtrees[^1], node);
            _subtrees.RemoveAt(_subtrees.Count - 1);
        }
        _subtrees.Add(node);
        Count++;
    }

    /// <summary>Lower-case hexadecimal; of no leaves, the SHA-256 of nothing.</summary>
    public string Root()
    {
        if (_subtrees.Count == 0)
            return Convert.ToHexStringLower(SHA256.HashData([]));
        var root = _subtrees[^1];
        for (var i = _subtrees.Count - 2; i >= 0; i--)
            root = Hash(0x01, _subtrees[i], root);
        return Convert.ToHexStringLower(root);
    }

    private static byte[] Hash(byte prefix, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var bytes = new byte[1 + left.Length + right.Length];
        bytes[0] = prefix;
        left.CopyTo(bytes.AsSpan(1));
        right.CopyTo(bytes.AsSpan(1 + left.Length));
        return SHA256.HashData(bytes);
    }
}
