using LdcLedger.Ledger.Views;
using Xunit;

namespace LdcLedger.Ledger.Tests.Views;

public sealed class LagTrendTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_a_stretch_of_time_the_worst_look_counts_and_of_half_an_hour_none_is_kept_longer()
    {
        var trend = Seen(LagTrend.None, (1, 5, 0.5), (4, 6, 3.0), (9, 9, null), (11, 9, null));
        Assert.Equal(
            [new(Noon, TimeSpan.FromSeconds(3)), new(Noon.AddSeconds(10), TimeSpan.Zero)], trend.Stretches);
        for (var second = 20; second < 4000; second++)
            trend = Seen(trend, (second, 9, null));
        Assert.Equal(LagTrend.MostStretches, trend.Stretches.Count);
        Assert.Equal(Noon.AddSeconds(3990), trend.Stretches[^1].Begins);
        // Nobody looked for long: what was before is told no more.
        Assert.Single(Seen(trend, (10_000, 9, null)).Stretches);
    }

    [Fact]
    public void They_stand_still_where_they_are_behind_and_take_no_step_for_ten_seconds()
    {
        var behind = Seen(LagTrend.None, (0, 5, 1.0), (9, 5, 10.0));
        Assert.Null(behind.StillSince);
        var still = Seen(behind, (10, 5, 11.0));
        Assert.Equal(Noon, still.StillSince);
        Assert.Equal(Noon, Seen(still, (60, 5, 61.0)).StillSince);
        // A step, and they follow, however far behind.
        Assert.Null(Seen(still, (11, 6, 12.0)).StillSince);
        Assert.Null(Seen(still, (11, 5, null), (12, 5, 0.1), (21, 5, 9.1)).StillSince);
    }

    private static LagTrend Seen(LagTrend trend, params (int Second, long Position, double? Lag)[] looks) => looks.Aggregate(
        trend, (seen, look) => seen.Seen(
            new(look.Position, 99, look.Lag is { } lag ? TimeSpan.FromSeconds(lag) : null, "", 0), Noon.AddSeconds(look.Second)));
}
