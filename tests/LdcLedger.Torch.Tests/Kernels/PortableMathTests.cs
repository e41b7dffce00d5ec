using System.Buffers.Binary;
using System.Security.Cryptography;
using CsCheck;
using Xunit;

namespace LdcLedger.Torch.Tests.Kernels;

public sealed class PortableMathTests
{
    private static readonly Gen<double> Any = Gen.Select(Gen.Double[-1, 1], Gen.Int[-40, 9], (x, exponent) => Math.ScaleB(x, exponent));

    [Fact]
    public void Every_function_is_within_two_units_in_the_last_place_of_the_runtime_s() =>
        Any.Sample(x =>
        {
            var (sin, cos) = PortableMath.SinCos(x);
            return Near(Math.Exp(x), PortableMath.Exp(x)) && Near(Math.Log(Math.Abs(x)), PortableMath.Log(Math.Abs(x)))
                && Near(Math.Sin(x), sin) && Near(Math.Cos(x), cos);
        }, iter: 100_000);

    [Fact]
    public void Powers_are_as_near_as_their_exponent_allows() =>
        Gen.Select(Gen.Double[1e-3, 1e6], Gen.Double[-3, 3]).Sample((x, y) =>
        {
            var expected = Math.Pow(x, y);
            return Math.Abs(PortableMath.Pow(x, y) - expected) <= (2 + 2 * Math.Abs(y * Math.Log(x))) * Unit(expected);
        }, iter: 20_000);

    [Theory]
    [InlineData(0.0)]
    [InlineData(-745.3)]
    [InlineData(-745.1)]
    [InlineData(-740.0)]
    [InlineData(709.7)]
    [InlineData(709.8)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NaN)]
    public void The_ends_of_the_exponential_are_the_runtime_s(double x) => Assert.True(Near(Math.Exp(x), PortableMath.Exp(x)));

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(1.0)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NaN)]
    public void The_ends_of_the_logarithm_are_the_runtime_s(double x) => Assert.True(Near(Math.Log(x), PortableMath.Log(x)));

    [Theory]
    [InlineData(1.0, 0)]
    [InlineData(9.999999999999998, 0)]
    [InlineData(10.0, 1)]
    [InlineData(1000.0, 3)]
    [InlineData(0.001, -3)]
    [InlineData(0.00099999, -4)]
    [InlineData(double.MaxValue, 308)]
    public void A_decade_is_the_largest_power_of_ten_below(double x, int decade)
    {
        Assert.Equal(decade, PortableMath.Decade(x));
        Assert.True(PortableMath.TenTo(decade) <= x);
    }

    [Fact]
    public void Angles_that_cannot_be_reduced_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PortableMath.SinCos(double.PositiveInfinity));

    [Fact]
    public void Every_bit_is_what_it_is_everywhere()
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var random = new SplitMix(1);
        for (var i = 0; i < 10_000; i++)
        {
            var x = Math.ScaleB(random.NextDouble() - 0.5, (int)(i % 50) - 40);
            var (sin, cos) = PortableMath.SinCos(x);
            foreach (var value in (double[])[PortableMath.Exp(x), PortableMath.Log(Math.Abs(x)), PortableMath.Pow(1 + Math.Abs(x), x), sin,
                cos])
            {
                var bytes = new byte[8];
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
                all.AppendData(bytes);
            }
        }

        Assert.Equal("2040af1a6c8f4585152ac7367e3a1778c2ea2651fea4908c4300e5ce05438c36", Convert.ToHexStringLower(all.GetHashAndReset()));
    }

    private static bool Near(double expected, double value) =>
        double.IsNaN(expected) ? double.IsNaN(value) : expected.Equals(value) || Math.Abs(value - expected) <= 2 * Unit(expected);

    private static double Unit(double x) => Math.BitIncrement(Math.Abs(x)) - Math.Abs(x);
}
