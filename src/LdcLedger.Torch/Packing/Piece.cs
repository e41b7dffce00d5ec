using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Packing;

/// <summary>A stretch of a document that is read as one context; labels as in <see cref="PackedRows"/>.</summary>
public sealed record Piece(ReadOnlyMemory<int> Ids, ReadOnlyMemory<int> Labels)
{
    public int Length => Ids.Length;

    public int ScoredTokens
    {
        get
        {
            var scored = 0;
            foreach (var label in Labels.Span)
                scored += label == PackedRows.NotScored ? 0 : 1;
            return scored;
        }
    }

    /// <summary>A document cut every <paramref name="length"/> tokens; what scores nothing teaches nothing and is left out.</summary>
    public static IEnumerable<Piece> Cut(Document document, int length)
    {
        for (var start = 0; start < document.Ids.Length; start += length)
        {
            var piece = Of(document, start, Math.Min(start + length, document.Ids.Length), start + 1);
            if (piece.ScoredTokens > 0)
                yield return piece;
        }
    }

    /// <summary>
    /// A document as sliding windows: each scored token is scored in exactly one of them, the first that reaches it. Windows move by
    /// <paramref name="stride"/>, so that from the second on a token has at least length - stride before it; the last one moves back to be
    /// a whole window.
    /// </summary>
    public static IEnumerable<Piece> Slide(Document document, int length, int stride)
    {
        var tokens = document.Ids.Length;
        var done = 0;
        for (var start = 0; done < tokens; start += stride)
        {
            var end = Math.Min(start + length, tokens);
            var from = end == tokens ? Math.Max(0, tokens - length) : start;
            var piece = Of(document, from, end, Math.Max(done, from + 1));
            done = end;
            if (piece.ScoredTokens > 0)
                yield return piece;
        }
    }

    private static Piece Of(Document document, int start, int end, int firstScored)
    {
        var labels = new int[end - start];
        for (var i = start; i < end; i++)
            labels[i - start] = i >= firstScored && document.Scored[i] ? document.Ids[i] : PackedRows.NotScored;
        return new Piece(document.Ids.AsMemory(start, end - start), labels);
    }
}
