using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LdcLedger.Torch.Kernels.Simd;

/// <summary>Functions of 16 numbers at a time, and loads that end inside a vector.</summary>
internal static unsafe class VectorMath
{
    /// <summary>e^x to about 1e-7 relative: x = n ln 2 + r, |r| below ln 2 / 2, and the polynomial of Cephes' expf.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // in this order NaN stays NaN
        x = Vector512.MinNative(Vector512.Create(88.37f), Vector512.MaxNative(Vector512.Create(-87.33f), x));
        // 1.5 x 2^23: rounds to the nearest whole
        var shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), Vector512.Create(12582912f));
        var n = shifted - Vector512.Create(12582912f);
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
        return (p.AsInt32() + Vector512.ShiftLeft(shifted.AsInt32(), 23)).AsSingle();
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>The hyperbolic tangent, by the sigmoid of twice its argument.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x) =>
        Vector512.FusedMultiplyAdd(Vector512.Create(2f), Sigmoid(x + x), Vector512.Create(-1f));

    /// <summary>
    /// Sum by pairs of neighbours: ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)), and so on, whatever the processor's vectors are.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> x) => Sum(x.GetLower()) + Sum(x.GetUpper());

    private static float Sum(Vector256<float> x) => Sum(x.GetLower()) + Sum(x.GetUpper());

    private static float Sum(Vector128<float> x)
    {
        var pairs = x + Vector128.Shuffle(x, Vector128.Create(1, 0, 3, 2));
        return pairs[0] + pairs[2];
    }

    /// <summary>
    /// Up to 16 numbers; zeros where fewer are left. All 16 must be readable: matrices have room behind their last row for that.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* from, int left) =>
        left >= 16 ? Vector512.Load(from) : Vector512.BitwiseAnd(Vector512.Load(from), First(left));

    /// <summary>Up to 16 numbers; what lies behind them is written as it was, so nobody else may write there meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> x, float* to, int left)
    {
        if (left < 16) x = Vector512.ConditionalSelect(First(left), x, Vector512.Load(to));
        x.Store(to);
    }

    /// <summary>Ones in the first lanes, zeros in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> First(int lanes) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(lanes)).AsSingle();
}
