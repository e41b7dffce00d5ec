namespace LdcLedger.Domain.Norms;

/// <summary>How far two scores put the same things into the same order.</summary>
public static class RankCorrelation
{
    /// <summary>
    /// Kendall's tau-b, -1 to 1: pairs in the same order minus pairs in opposite order, over the geometric mean of the pairs that are not
    /// tied in either. Null where one side has no two different scores.
    /// </summary>
    /// <param name="a">Scores, in the order of the things scored.</param>
    /// <param name="b">Scores of the same things in the same order.</param>
    public static double? TauB(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        if (a.Count != b.Count)
            throw new ArgumentException($"{b.Count} scores cannot be compared with {a.Count}.", nameof(b));
        var (agreement, untiedA, untiedB) = (0L, 0L, 0L);
        for (var i = 0; i < a.Count; i++)
            for (var j = 0; j < i; j++)
            {
                var (inA, inB) = (a[i].CompareTo(a[j]), b[i].CompareTo(b[j]));
                agreement += Math.Sign(inA) * Math.Sign(inB);
                untiedA += inA == 0 ? 0 : 1;
                untiedB += inB == 0 ? 0 : 1;
            }
        return untiedA == 0 || untiedB == 0 ? null : agreement / Math.Sqrt((double)untiedA * untiedB);
    }
}
