using CsCheck;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Packing;
using Xunit;

namespace LdcLedger.Torch.Tests.Packing;

public sealed class BestFitTests
{
    private const int Length = 64;

    /// <summary>Pieces whose ids say which piece and which token they are.</summary>
    private static List<Piece> Pieces(IEnumerable<int> lengths) => [.. lengths.Select((length, number) =>
    {
        var ids = Enumerable.Range(0, length).Select(i => number * 1000 + i + 1).ToArray();
        return new Piece(ids, ids.Select((id, i) => i == 0 ? PackedRows.NotScored : id).ToArray());
    })];

    [Fact]
    public void Every_piece_is_packed_once_whole_and_with_its_own_positions() => Gen.Int[1, Length].List[1, 80].Sample(lengths =>
    {
        var pieces = Pieces(lengths);
        var rows = BestFit.Pack(pieces, Length);
        var found = new HashSet<int>();
        for (var at = 0; at < rows.InputIds.Length;)
        {
            if (rows.InputIds[at] == 0)
            {
                Assert.Equal(PackedRows.NotScored, rows.Labels[at++]);
                continue;
            }
            var number = rows.InputIds[at] / 1000;
            Assert.True(found.Add(number));
            Assert.True(at % Length + lengths[number] <= Length);
            Assert.Equal(pieces[number].Ids.ToArray(), rows.InputIds[at..(at + lengths[number])]);
            Assert.Equal(pieces[number].Labels.ToArray(), rows.Labels[at..(at + lengths[number])]);
            Assert.Equal(Enumerable.Range(0, lengths[number]), rows.PositionIds[at..(at + lengths[number])]);
            at += lengths[number];
        }
        Assert.Equal(lengths.Count, found.Count);
    }, iter: 300);

    [Fact]
    public void No_label_lies_on_the_first_token_of_a_context() => Gen.Int[1, Length].List[1, 80].Sample(lengths =>
    {
        var rows = BestFit.Pack(Pieces(lengths), Length);
        return rows.PositionIds.Zip(rows.Labels).All(pair => pair.First != 0 || pair.Second == PackedRows.NotScored);
    }, iter: 200);

    [Fact]
    public void What_stays_empty_is_a_context_of_its_own()
    {
        var rows = BestFit.Pack(Pieces([60]), Length);

        Assert.Equal([58, 59, 0, 1, 2, 3], rows.PositionIds[58..]);
        Assert.All(rows.Labels[60..], label => Assert.Equal(PackedRows.NotScored, label));
    }

    [Fact]
    public void Documents_of_everyday_lengths_leave_a_few_per_cent_empty()
    {
        var random = new Random(7);
        var lengths = Enumerable.Range(0, 400).Select(_ =>
            Math.Clamp((int)(Length * 0.45 * Math.Exp(0.5 * (random.NextDouble() + random.NextDouble() - 1) * 2)), 4, Length)).ToList();

        var rows = BestFit.Pack(Pieces(lengths), Length);

        Assert.InRange(1 - lengths.Sum() / (double)rows.InputIds.Length, 0, 0.04);
    }

    [Fact]
    public void A_piece_longer_than_a_row_is_refused() =>
        Assert.Throws<ArgumentException>(() => BestFit.Pack(Pieces([Length + 1]), Length));
}
