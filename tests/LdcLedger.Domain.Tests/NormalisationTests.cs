using CsCheck;
using LdcLedger.Domain.Rules;
using Xunit;

namespace LdcLedger.Domain.Tests;

public class NormalisationTests
{
    private static readonly Gen<double[]> Row = Gen.Double[1, 500].Array[1, 8];

    [Fact]
    public void Inverse_is_one_over_PPL() => Assert.Equal([0.5, null, 0.02], Of("inverse", 40, [2, null, 50]));

    [Fact]
    public void Relative_is_PT_over_PPL() => Assert.Equal([1, 2, 0.5], Of("relative", 40, [40, 20, 80]));

    [Fact]
    public void Relative_says_nothing_without_PT() => Assert.Equal([null, null], Of("relative", null, [null, 20]));

    [Fact]
    public void Min_max_spans_the_row() => Assert.Equal([0, 1, null, 0.75], Of("min-max", 40, [40, 20, null, 25]));

    [Fact]
    public void Min_max_of_equals_is_one() => Assert.Equal([1, 1], Of("min-max", 40, [40, 40]));

    [Fact]
    public void An_overflown_PPL_is_the_worst_and_spoils_no_other()
    {
        Assert.Equal([0, 1, 0], Of("min-max", null, [40, 20, double.PositiveInfinity]));
        Assert.Equal([0.025, 0], Of("inverse", null, [40, double.PositiveInfinity]));
    }

    [Fact]
    public void Higher_is_better_under_every_normalisation() =>
        Gen.Select(Row, Gen.OneOfConst([.. Normalisation.Rows.Names])).Sample((row, how) =>
        {
            var normalised = Of(how, row[0], [.. row.Select(v => (double?)v)]);
            return Enumerable.Range(1, row.Length - 1).All(i => row[i] == row[0]
                ? normalised[i] == normalised[0]
                : (row[i] < row[0]) == (normalised[i] > normalised[0]) || Math.Abs(row[i] - row[0]) < 1e-9);
        });

    [Fact]
    public void Min_max_and_inverse_lie_between_0_and_1() =>
        Row.Sample(
            row => Of("min-max", null, [.. row.Select(v => (double?)v)]).Concat(Of("inverse", null, [.. row.Select(v => (double?)v)]))
            .All(v => v is >= 0 and <= 1));

    [Fact]
    public void An_unknown_normalisation_is_refused() =>
        Assert.Equal("'softmax' is not a known normalisation; allowed are inverse, min-max, relative.",
            Assert.Throws<RuleViolation>(() => Of("softmax", null, [1])).Message);

    private static IReadOnlyList<double?> Of(string how, double? pretrained, double?[] row) =>
        Normalisation.Rows[how].Of(pretrained, row);
}
