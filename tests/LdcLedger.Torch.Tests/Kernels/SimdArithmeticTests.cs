using CsCheck;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Kernels.Simd;
using Xunit;

namespace LdcLedger.Torch.Tests.Kernels;

/// <summary>The hand-written kernels against the definitions, at sizes that fill their tiles and at sizes that do not.</summary>
public sealed class SimdArithmeticTests
{
    private static readonly Gen<(int, int, int)> Sizes = Gen.Select(Gen.Int[1, 70], Gen.Int[1, 70], Gen.Int[1, 70]);

    [Fact]
    public void Products_of_any_size_equal_the_sums_that_define_them()
    {
        Sizes.Sample(EqualTheirSums, iter: 100);
    }

    private static void EqualTheirSums((int N, int K, int M) size)
    {
        var (n, k, m) = size;
        using var arithmetic = new SimdArithmetic();
        using Matrix a = Numbers(arithmetic, n, k), b = Numbers(arithmetic, k, m), turned = Numbers(arithmetic, m, k),
            tall = Numbers(arithmetic, n, m), c = Numbers(arithmetic, n, m), small = Numbers(arithmetic, k, m);
        var before = c.ToArray();
        arithmetic.Multiply(a, b, c, 0.5f, add: true);
        Near(n, m, (i, j) => before[i * m + j] + 0.5 * Sum(k, s => At(a, i, s) * At(b, s, j)), c);
        arithmetic.MultiplyTransposed(a, turned, c);
        Near(n, m, (i, j) => Sum(k, s => At(a, i, s) * At(turned, j, s)), c);
        arithmetic.TransposedMultiply(a, tall, small, 2);
        Near(k, m, (i, j) => 2 * Sum(n, s => At(a, s, i) * At(tall, s, j)), small);
    }

    [Fact]
    public void A_row_does_not_depend_on_the_rows_beside_it()
    {
        using var arithmetic = new SimdArithmetic();
        using Matrix a = Numbers(arithmetic, 19, 50), b = Numbers(arithmetic, 50, 75), all = arithmetic.NewMatrix(19, 75),
            one = arithmetic.NewMatrix(1, 75);
        arithmetic.Multiply(a, b, all);
        for (var row = 0; row < 19; row++)
        {
            arithmetic.Multiply(a.View(row, 1, 0, 50), b, one);
            Assert.Equal(all.View(row, 1, 0, 75).ToArray(), one.ToArray());
        }
    }

    [Fact]
    public void Kept_elements_are_scaled_and_their_share_is_right()
    {
        using var arithmetic = new SimdArithmetic();
        using Matrix x = arithmetic.NewMatrix(200, 130), y = arithmetic.NewMatrix(200, 130), part = arithmetic.NewMatrix(50, 130);
        x.Set([.. Enumerable.Repeat(3f, 200 * 130)]);
        arithmetic.Drop(x, 0.25, 77, 0, y);
        var all = y.ToArray();

        Assert.Equal([0f, 4f], all.Distinct().Order());
        Assert.InRange(all.Count(value => value == 0) / (double)all.Length, 0.24, 0.26);
        arithmetic.Drop(x.Top(50), 0.25, 77, 100, part);
        Assert.Equal(all[(100 * 130)..(150 * 130)], part.ToArray());    // a piece of a batch drops what the whole would
        arithmetic.Drop(x, 0.25, 78, 0, y);
        Assert.NotEqual(all, y.ToArray());
    }

    [Fact]
    public void Extreme_logits_have_finite_losses()
    {
        using var arithmetic = new SimdArithmetic();
        using var logits = arithmetic.NewMatrix(2, 5);
        logits.Set([1e4f, 0, 0, 0, 0, -300, -300, -300, -300, -300]);
        var nats = new float[2];
        arithmetic.CrossEntropy(logits, new Places([0, 1], targets: [0, 3]), 0, null, new HostSum(), nats);

        Assert.Equal(0, nats[0], 1e-6);
        Assert.Equal(Math.Log(5), nats[1], 1e-5);
    }

    private static Matrix Numbers(Arithmetic arithmetic, int rows, int columns)
    {
        var random = new SplitMix((ulong)(rows * 131 + columns));
        var matrix = arithmetic.NewMatrix(rows, columns);
        matrix.Set([.. Enumerable.Range(0, rows * columns).Select(_ => (float)(2 * random.NextDouble() - 1))]);
        return matrix;
    }

    private static double At(Matrix x, int row, int column) => x.Span(row)[column];

    private static double Sum(int count, Func<int, double> term) => Enumerable.Range(0, count).Sum(term);

    private static void Near(int rows, int columns, Func<int, int, double> expected, Matrix actual)
    {
        var all = actual.ToArray();
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++) Assert.Equal(expected(i, j), all[i * columns + j], 1e-4);
    }
}
