using System.Security.Cryptography;
using LdcLedger.Ledger.Chain;
using Xunit;

namespace LdcLedger.Ledger.Tests.Chain;

[Trait("Needs", "nothing")]
public sealed class MerkleProofTests
{
    // The tree of eight leaves that certificate-transparency implementations test with.
    private static readonly byte[][] Leaves =
    [
        .. new[] { "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" }
            .Select(Convert.FromHexString),
    ];

    // Theirs, too.
    [Theory]
    [InlineData(0, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 "
        + "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e "
        + "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(5, 8, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b "
        + "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 "
        + "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(1, 5, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d "
        + "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e "
        + "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    [InlineData(0, 1, "")]
    public void Audit_paths_are_those_of_rfc_6962(int index, int size, string path) =>
        Assert.Equal(path, Hex(MerkleProofs.Inclusion(index, size).Select(run => Hash(Leaves, run))));

    [Theory]
    [InlineData(1, 1, "")]
    [InlineData(1, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 "
        + "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e "
        + "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(6, 8, "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a "
        + "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 "
        + "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 5, "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e "
        + "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    public void Consistency_proofs_are_those_of_rfc_6962(int first, int size, string proof) =>
        Assert.Equal(proof, Hex(MerkleProofs.Consistency(first, size).Select(run => Hash(Leaves, run))));

    [Fact]
    public void Every_leaf_of_every_tree_is_proved_to_be_where_it_is_and_nowhere_else()
    {
        var leaves = Many(70);
        for (var size = 1; size <= leaves.Length; size++)
        {
            var root = Hash(leaves, (0, size));
            for (var index = 0; index < size; index++)
            {
                var path = MerkleProofs.Inclusion(index, size).Select(run => Hash(leaves, run)).ToList();
                Assert.True(MerkleProofs.Includes(leaves[index], index, size, path, root));
                Assert.False(MerkleProofs.Includes(leaves[(index + 1) % leaves.Length], index, size, path, root));
                Assert.False(size > 1 && MerkleProofs.Includes(leaves[index], (index + 1) % size, size, path, root));
                Assert.False(MerkleProofs.Includes(leaves[index], index, size, [.. path, root], root));
                Assert.False(path.Count > 0 && MerkleProofs.Includes(leaves[index], index, size, path[..^1], root));
                Assert.False(MerkleProofs.Includes(leaves[index], size, size, path, root));
            }
        }
    }

    [Fact]
    public void Every_tree_is_proved_to_begin_with_every_smaller_one_and_with_no_other()
    {
        var (leaves, others) = (Many(40), Many(40, "other"));
        for (var size = 1; size <= leaves.Length; size++)
            for (var first = 1; first <= size; first++)
            {
                var proof = MerkleProofs.Consistency(first, size).Select(run => Hash(leaves, run)).ToList();
                var (before, after) = (Hash(leaves, (0, first)), Hash(leaves, (0, size)));
                Assert.True(MerkleProofs.Continues(first, before, size, after, proof));
                Assert.False(MerkleProofs.Continues(first, Hash(others, (0, first)), size, after, proof));
                Assert.False(MerkleProofs.Continues(first, before, size, Hash(others, (0, size)), proof));
                Assert.False(first < size && MerkleProofs.Continues(first, before, size, after, [.. proof, after]));
                Assert.False(proof.Count > 0 && MerkleProofs.Continues(first, before, size, after, proof[..^1]));
            }
        Assert.False(MerkleProofs.Continues(0, Hash(leaves, (0, 1)), 1, Hash(leaves, (0, 1)), []));
    }

    private static byte[][] Many(int count, string name = "leaf") =>
        [.. Enumerable.Range(0, count).Select(i => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{name} {i}")))];

    // MTH of RFC 6962 section 2.1, as it stands there.
    private static byte[] Hash(byte[][] leaves, (long From, long To) run)
    {
        var (from, to) = ((int)run.From, (int)run.To);
        if (to - from == 1)
            return SHA256.HashData([0, .. leaves[from]]);
        var left = 1;
        while (2 * left < to - from)
            left *= 2;
        return SHA256.HashData([1, .. Hash(leaves, (from, from + left)), .. Hash(leaves, (from + left, to))]);
    }

    private static string Hex(IEnumerable<byte[]> hashes) => string.Join(' ', hashes.Select(Convert.ToHexStringLower));
}
