using CsCheck;
using LdcLedger.Torch.Packing;
using Xunit;

namespace LdcLedger.Torch.Tests.Packing;

public sealed class BestFitTests
{
    private const int Length = 64;

    [Fact]
    public void Every_piece_has_a_row_that_has_room_for_it() => Gen.Int[1, Length].List[1, 80].Sample(sizes =>
    {
        var (rowOf, rows) = BestFit.Pack(sizes.ToArray(), Length);
        Assert.Equal(sizes.Count, rowOf.Length);
        Assert.Equal(Enumerable.Range(0, rows), rowOf.Distinct().Order());
        Assert.All(rowOf.Zip(sizes).GroupBy(piece => piece.First), row => Assert.True(row.Sum(piece => piece.Second) <= Length));
    }, iter: 300);

    [Fact]
    public void Rows_are_numbered_in_order_of_their_earliest_piece() => Gen.Int[1, Length].List[1, 80].Sample(sizes =>
    {
        var (rowOf, rows) = BestFit.Pack(sizes.ToArray(), Length);
        Assert.Equal(Enumerable.Range(0, rows), rowOf.Distinct());
    }, iter: 200);

    [Fact]
    public void They_are_the_rows_that_they_always_were() => Gen.Int[1, Length].List[1, 200].Sample(sizes =>
        Assert.Equal(ByDefinition(sizes), BestFit.Pack(sizes.ToArray(), Length).RowOf), iter: 300);

    /// <summary>As one writes it down first: the longest first, each into the fullest row that has room, the newest of equals.</summary>
    private static int[] ByDefinition(List<int> sizes)
    {
        var rows = new List<(List<int> Pieces, int Room, int Touched)>();
        var clock = 0;
        foreach (var number in Enumerable.Range(0, sizes.Count).OrderByDescending(number => sizes[number]))
        {
            var fitting = Enumerable.Range(0, rows.Count).Where(row => rows[row].Room >= sizes[number])
                .OrderBy(row => rows[row].Room).ThenByDescending(row => rows[row].Touched).ToList();
            if (fitting.Count == 0)
            {
                rows.Add(([number], Length - sizes[number], clock++));
                continue;
            }
            var (pieces, room, _) = rows[fitting[0]];
            pieces.Add(number);
            rows[fitting[0]] = (pieces, room - sizes[number], clock++);
        }
        var ordered = rows.OrderBy(row => row.Pieces.Min()).ToList();
        return [.. Enumerable.Range(0, sizes.Count).Select(number => ordered.FindIndex(row => row.Pieces.Contains(number)))];
    }

    [Fact]
    public void Documents_of_everyday_lengths_leave_a_few_per_cent_empty()
    {
        var random = new Random(7);
        var sizes = Enumerable.Range(0, 400).Select(_ =>
            Math.Clamp((int)(Length * 0.45 * Math.Exp(0.5 * (random.NextDouble() + random.NextDouble() - 1) * 2)), 4, Length)).ToArray();

        Assert.InRange(1 - sizes.Sum() / (double)(BestFit.Pack(sizes, Length).Rows * Length), 0, 0.04);
    }

    [Theory]
    [InlineData(Length + 1)]
    [InlineData(0)]
    public void A_piece_that_no_row_can_hold_is_refused(int size) =>
        Assert.Throws<ArgumentException>(() => BestFit.Pack([size], Length));
}
