using System.Globalization;

namespace LdcLedger;

/// <summary>
/// Elementary functions whose every bit is the same on every machine. Those of <see cref="Math"/> are the C runtime's, which chooses code
/// by processor and changes it with its version; these are additions, multiplications, divisions and fused multiply-adds of fp64 in a
/// fixed order, each of which IEEE 754 rounds one way only. Within 2 units in the last place of the true value. Torch and Reports compile
/// this file as well.
/// </summary>
internal static class PortableMath
{
    private const double Ln2 = 0.69314718055994531, Ln2Rest = 2.3190468138462996e-17, LogOf2 = 1.4426950408889634;

    // pi / 2 in three parts, each the nearest fp64 to what the ones before leave.
    private const double HalfPi = 1.5707963267948966, HalfPiRest = 6.123233995736766e-17, HalfPiRest2 = -1.4973849048591698e-33;

    private const int LowestDecade = -323, HighestDecade = 308;

    private static readonly double[] Decades =
    [
        .. Enumerable.Range(LowestDecade, HighestDecade - LowestDecade + 1)
            .Select(exponent => double.Parse(string.Create(CultureInfo.InvariantCulture, $"1e{exponent}"), CultureInfo.InvariantCulture)),
    ];

    /// <summary>e^x: x = n ln 2 + r, |r| at most ln 2 / 2, and Taylor's polynomial of degree 13.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x > 709.79) return double.PositiveInfinity;
        if (x < -745.2) return 0;
        var n = Math.Round(x * LogOf2);
        var r = Math.FusedMultiplyAdd(n, -Ln2Rest, Math.FusedMultiplyAdd(n, -Ln2, x));
        var sum = 1.0;
        for (var i = 13; i > 0; i--) sum = Math.FusedMultiplyAdd(sum, r / i, 1);
        return Math.ScaleB(sum, (int)n);
    }

    /// <summary>
    /// The natural logarithm: x = 2^n m, m between the root of 1/2 and that of 2, and 2 artanh((m - 1) / (m + 1)) as its series.
    /// </summary>
    public static double Log(double x)
    {
        if (double.IsNaN(x) || x < 0) return double.NaN;
        if (x == 0) return double.NegativeInfinity;
        if (double.IsPositiveInfinity(x)) return x;
        var n = Math.ILogB(x);
        var m = Math.ScaleB(x, -n);
        if (m > 1.4142135623730951) (n, m) = (n + 1, m / 2);
        double s = (m - 1) / (m + 1), square = s * s, series = 0;
        for (var i = 21; i > 1; i -= 2) series = Math.FusedMultiplyAdd(series, square, 1.0 / i);
        // The two large terms last, so that their roundings are the only ones that count.
        var small = Math.FusedMultiplyAdd(n, Ln2Rest, 2 * s * (series * square));
        return Math.FusedMultiplyAdd(n, Ln2, 2 * s + small);
    }

    /// <summary>x^y of a positive x, as e^(y ln x); so with a relative error of some |y ln x| units in the last place.</summary>
    public static double Pow(double x, double y) => Exp(y * Log(x));

    /// <summary>Both of an angle in rad.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The angle is beyond 2^30, where reducing it would lose digits.</exception>
    public static (double Sin, double Cos) SinCos(double x)
    {
        if (!(Math.Abs(x) <= 1 << 30)) throw new ArgumentOutOfRangeException(nameof(x), x, "Angles up to 2^30 rad are reduced.");
        var n = Math.Round(x / HalfPi);
        var r = Math.FusedMultiplyAdd(n, -HalfPiRest2, Math.FusedMultiplyAdd(n, -HalfPiRest, Math.FusedMultiplyAdd(n, -HalfPi, x)));
        double square = r * r, sin = 1, cos = 1;
        for (var i = 17; i > 1; i -= 2)
        {
            sin = Math.FusedMultiplyAdd(sin, -square / (i * (i - 1)), 1);
            cos = Math.FusedMultiplyAdd(cos, -square / ((i - 1) * (i - 2)), 1);
        }
        sin *= r;
        return ((long)n & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            3 => (-cos, sin),
            var quadrant => throw new InvalidOperationException($"There is no quadrant {quadrant}."),
        };
    }

    /// <summary>The largest k with 10^k at most x, for a positive x.</summary>
    public static int Decade(double x)
    {
        if (!(x > 0) || double.IsInfinity(x))
            throw new ArgumentOutOfRangeException(nameof(x), x, "Positive, finite numbers have a decade.");
        var found = Array.BinarySearch(Decades, x);
        return LowestDecade + (found >= 0 ? found : Math.Max(0, ~found - 1));
    }

    /// <summary>10^k, the fp64 nearest to it; k from -323 to 308.</summary>
    public static double TenTo(int k) => Decades[k - LowestDecade];
}
