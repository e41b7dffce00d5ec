using Xunit;

namespace LdcLedger.Domain.Tests;

public sealed class SampleTests
{
    [Theory]
    [InlineData(new[] { 7.0 }, 7)]
    [InlineData(new[] { 4.0, 1.0 }, 2.5)]
    [InlineData(new[] { 9.0, 1.0, 2.0 }, 2)]
    public void The_median_is_the_middle_or_the_mean_of_the_two_in_the_middle(double[] values, double median) =>
        Assert.Equal(median, Sample.Median(values));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(20, 19)]
    [InlineData(21, 20)]
    [InlineData(100, 95)]
    public void Ninety_five_of_a_hundred_do_not_exceed_the_p95(int count, double p95) =>
        Assert.Equal(p95, Sample.P95(Enumerable.Range(1, count).Reverse().Select(i => (double)i)));
}
