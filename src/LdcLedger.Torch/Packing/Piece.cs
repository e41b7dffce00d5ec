namespace LdcLedger.Torch.Packing;

/// <summary>A stretch of a document that is read as one context.</summary>
/// <param name="At">Where its tokens begin in the <see cref="StoredDocuments"/>.</param>
/// <param name="Length">Tokens.</param>
/// <param name="From">The first of them, counted from 0, that may be scored here: 1 or later.</param>
public readonly record struct Piece(long At, int Length, int From)
{
    /// <summary>A document cut every <paramref name="length"/> tokens.</summary>
    public static IEnumerable<Piece> Cut(long at, int tokens, int length)
    {
        for (var start = 0; start < tokens; start += length)
            yield return new Piece(at + start, Math.Min(length, tokens - start), 1);
    }

    /// <summary>
    /// A document as sliding windows: each scored token is scored in exactly one of them, the first that reaches it. Windows move by
    /// <paramref name="stride"/>, so that from the second on a token has at least length - stride before it; the last one moves back to be
    /// a whole window.
    /// </summary>
    public static IEnumerable<Piece> Slide(long at, int tokens, int length, int stride)
    {
        var done = 0;
        for (var start = 0; done < tokens; start += stride)
        {
            var end = Math.Min(start + length, tokens);
            var from = end == tokens ? Math.Max(0, tokens - length) : start;
            yield return new Piece(at + from, end - from, Math.Max(done - from, 1));
            done = end;
        }
    }
}
