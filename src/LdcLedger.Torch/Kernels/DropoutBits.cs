using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LdcLedger.Torch.Kernels;

/// <summary>
/// 32 bits for each element of a matrix, without any pattern and without a generator's state: which elements are dropped follows from a key
/// and a place.
/// </summary>
internal static class DropoutBits
{
    public const uint First = 0x7feb352d, Second = 0x846ca68b;     // hash constants by Chris Wellons' search (lowbias32)

    public static uint Of(uint place, ulong key) => Mixed(Mixed(place ^ (uint)key) + (uint)(key >> 32));

    /// <summary>What an element's bits must reach to be kept, where a share p is dropped.</summary>
    public static uint Threshold(double p) => (uint)Math.Min(uint.MaxValue, p * 4294967296.0);

    /// <summary>y = x without what is dropped, the others / (1 - p); or that is added to y.</summary>
    /// <param name="place">Of the first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Drop(ReadOnlySpan<float> x, uint place, double p, ulong key, Span<float> y, bool add)
    {
        var (threshold, keep, i) = (Threshold(p), (float)(1 / (1 - p)), 0);
        Vector256<uint> low = Vector256.Create((uint)key), high = Vector256.Create((uint)(key >> 32)), least = Vector256.Create(threshold);
        for (; i + 8 <= x.Length; i += 8)
        {
            var at = Vector256.Create(place + (uint)i) + Vector256<uint>.Indices;
            var kept = Vector256.GreaterThanOrEqual(Mixed(Mixed(at ^ low) + high), least).AsSingle();
            var v = Vector256.BitwiseAnd(Vector256.Create(x[i..]) * Vector256.Create(keep), kept);
            if (add) v += Vector256.Create<float>(y[i..]);
            v.CopyTo(y[i..]);
        }
        for (; i < x.Length; i++)
        {
            var v = Of(place + (uint)i, key) >= threshold ? x[i] * keep : 0;
            y[i] = add ? y[i] + v : v;
        }
    }

    private static uint Mixed(uint x)
    {
        x = (x ^ (x >> 16)) * First;
        x = (x ^ (x >> 15)) * Second;
        return x ^ (x >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Mixed(Vector256<uint> x)
    {
        x = (x ^ Vector256.ShiftRightLogical(x, 16)) * Vector256.Create(First);
        x = (x ^ Vector256.ShiftRightLogical(x, 15)) * Vector256.Create(Second);
        return x ^ Vector256.ShiftRightLogical(x, 16);
    }
}
