using CsCheck;
using LdcLedger.Torch.Packing;
using Xunit;

namespace LdcLedger.Torch.Tests.Packing;

public sealed class PieceTests
{
    private const long At = 1000;

    /// <summary>Tokens of the document, counted from 0, that these pieces score, if all of it but its first token is to be.</summary>
    private static IEnumerable<long> Scored(IEnumerable<Piece> pieces) =>
        pieces.SelectMany(p => Enumerable.Range(p.From, Math.Max(0, p.Length - p.From)).Select(i => p.At - At + i));

    [Fact]
    public void A_long_document_is_cut_and_nothing_is_predicted_across_a_cut()
    {
        var pieces = Piece.Cut(At, 10, 4).ToList();

        Assert.Equal([4, 4, 2], pieces.Select(p => p.Length));
        Assert.Equal([1L, 2, 3, 5, 6, 7, 9], Scored(pieces));
    }

    [Fact]
    public void Windows_score_each_token_once_with_all_the_context_they_can_have() =>
        Gen.Select(Gen.Int[2, 200], Gen.Int[2, 40], Gen.Int[1, 39])
            .Where((_, length, stride) => stride < length).Sample((tokens, length, stride) =>
        {
            var windows = Piece.Slide(At, tokens, length, stride).ToList();
            Assert.Equal(Enumerable.Range(1, tokens - 1).Select(i => (long)i), Scored(windows));
            Assert.All(windows, window =>
            {
                Assert.Equal(Math.Min(length, tokens), window.Length);
                Assert.True(window.At == At || window.From >= length - stride);
            });
        }, iter: 500);
}
