using CsCheck;
using LdcLedger.Domain.Norms;
using Xunit;

namespace LdcLedger.Domain.Tests;

public sealed class RankCorrelationTests
{
    [Fact]
    public void Tau_b_is_that_of_the_literature()
    {
        // The example of scipy.stats.kendalltau's documentation, with ties on both sides.
        Assert.Equal(-0.47140452079103173, RankCorrelation.TauB([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])!.Value, 1e-15);
        // By hand: of six pairs five agree and one does not.
        Assert.Equal(4.0 / 6, RankCorrelation.TauB([1, 2, 3, 4], [1, 2, 4, 3])!.Value, 1e-15);
        // By hand: two pairs agree, one is tied on one side: 2 / sqrt(3 * 2).
        Assert.Equal(2 / Math.Sqrt(6), RankCorrelation.TauB([1, 2, 3], [1, 5, 5])!.Value, 1e-15);
    }

    [Fact]
    public void There_is_none_where_nothing_differs()
    {
        Assert.Null(RankCorrelation.TauB([1, 1, 1], [1, 2, 3]));
        Assert.Null(RankCorrelation.TauB([1], [1]));
        Assert.Throws<ArgumentException>(() => RankCorrelation.TauB([1], [1, 2]));
    }

    [Fact]
    public void Any_scores_agree_with_themselves_fully_and_with_their_reverse_not_at_all() =>
        Gen.Int[0, 5].Select(i => (double)i).Array[2, 30].Where(a => a.Distinct().Count() > 1).Sample(a =>
            RankCorrelation.TauB(a, a) == 1 && RankCorrelation.TauB(a, [.. a.Select(v => -v)]) == -1
            && RankCorrelation.TauB(a, [.. a.Select(v => 3 * v + 1)]) == 1);
}
