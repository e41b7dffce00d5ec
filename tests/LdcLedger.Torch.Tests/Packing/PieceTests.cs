using CsCheck;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Packing;
using Xunit;

namespace LdcLedger.Torch.Tests.Packing;

public sealed class PieceTests
{
    private static Document Document(int tokens, Func<int, bool> scored) =>
        new([.. Enumerable.Range(100, tokens)], [.. Enumerable.Range(0, tokens).Select(i => i > 0 && scored(i))], 0, new byte[32]);

    private static IEnumerable<int> Scored(IEnumerable<Piece> pieces) =>
        pieces.SelectMany(p => p.Labels.ToArray()).Where(label => label != PackedRows.NotScored);

    [Fact]
    public void A_long_document_is_cut_and_nothing_is_predicted_across_a_cut()
    {
        var pieces = Piece.Cut(Document(10, _ => true), 4).ToList();

        Assert.Equal([4, 4, 2], pieces.Select(p => p.Length));
        Assert.Equal([101, 102, 103, 105, 106, 107, 109], Scored(pieces));
    }

    [Fact]
    public void A_piece_that_scores_nothing_is_left_out() =>
        Assert.Equal([2], Piece.Cut(Document(10, i => i >= 8), 4).Select(p => p.Length));

    [Fact]
    public void Windows_score_each_token_once_with_all_the_context_they_can_have() =>
        Gen.Select(Gen.Int[2, 200], Gen.Int[2, 40], Gen.Int[1, 39])
            .Where((_, length, stride) => stride < length).Sample((tokens, length, stride) =>
        {
            var windows = Piece.Slide(Document(tokens, i => i % 7 != 3), length, stride).ToList();
            Assert.Equal(Enumerable.Range(1, tokens - 1).Where(i => i % 7 != 3).Select(i => i + 100), Scored(windows));
            foreach (var window in windows)
            {
                Assert.True(window.Length == Math.Min(length, tokens));
                var first = Array.FindIndex(window.Labels.ToArray(), label => label != PackedRows.NotScored);
                Assert.True(window.Ids.Span[0] == 100 || first >= length - stride);
            }
        }, iter: 500);
}
