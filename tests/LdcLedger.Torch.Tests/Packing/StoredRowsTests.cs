using CsCheck;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Packing;
using LdcLedger.Torch.Tests.Corpora;
using Xunit;

namespace LdcLedger.Torch.Tests.Packing;

public sealed class StoredRowsTests : IDisposable
{
    private const int Length = 16;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Documents whose ids say which of them it is and which token; every third token is not to be scored.</summary>
    private static Document Numbered(int number, int tokens) => new(
        [.. Enumerable.Range(0, tokens).Select(i => number * 1000 + i + 1)], [.. Enumerable.Range(0, tokens).Select(i => i % 3 > 0)], 0,
        System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number)));

    [Fact]
    public void Every_piece_stands_in_one_row_with_its_own_positions_and_labels() => Gen.Int[1, 40].List[1, 30].Sample(sizes =>
    {
        using var store = new TokenStore(_folder.Path);
        var documents = new StoredDocuments(store);
        foreach (var (number, tokens) in sizes.Index())
            documents.Add(Numbered(number, tokens));
        var pieces = documents.InOrderOfHash().SelectMany(d => Piece.Cut(d.At, d.Tokens, Length)).ToList();
        var rows = new StoredRows(store, pieces, Length);
        var found = new HashSet<int>();
        var (ids, labels, positions) = (new int[Length], new int[Length], new int[Length]);
        for (var row = 0; row < rows.Rows; row++)
        {
            rows.Read(row, ids, labels, positions);
            for (var i = 0; i < Length; i++)
            {
                Assert.True(positions[i] == 0 || i > 0 && positions[i] == positions[i - 1] + 1);
                if (ids[i] == 0)
                {
                    Assert.Equal(PackedRows.NotScored, labels[i]);
                    continue;
                }
                Assert.True(found.Add(ids[i]));
                var token = ids[i] % 1000 - 1;
                Assert.Equal(token % Length, positions[i]);
                Assert.Equal(token % 3 > 0 && positions[i] > 0 ? ids[i] : PackedRows.NotScored, labels[i]);
            }
        }
        Assert.Equal(sizes.Sum(), found.Count);
        Assert.Equal(sizes.Sum(), rows.RowTokens().Sum());
        Assert.Equal((found.Max(), 0), (rows.Extent.LargestId, rows.Extent.LeastPosition));
        Assert.Equal(found.Count == rows.Rows * Length ? found.Min() : 0, rows.Extent.LeastId);
    }, iter: 100);

    [Fact]
    public void What_is_stored_is_read_again_wherever_it_lies()
    {
        var numbers = Enumerable.Range(0, 3_000_000).ToArray();
        foreach (var inMemory in (long[])[long.MaxValue, 1_000_000, 0])
        {
            using var store = new TokenStore(_folder.Path, inMemory);
            for (var at = 0; at < numbers.Length; at += 777_777)
                Assert.Equal(at, store.Append(numbers.AsSpan(at, Math.Min(777_777, numbers.Length - at))));
            Assert.Equal(numbers.Length, store.Count);
            foreach (var (at, count) in ((int, int)[])[(0, 10), (262_140, 10), (999_999, 1_200_000), (2_999_990, 10), (0, 3_000_000)])
            {
                var read = new int[count];
                store.Read(at, read);
                Assert.Equal(numbers[at..(at + count)], read);
            }
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));   // a file without a name
        }
    }
}
