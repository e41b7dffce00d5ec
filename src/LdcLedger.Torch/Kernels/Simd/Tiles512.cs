using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LdcLedger.Torch.Kernels.Simd;

/// <summary>
/// Register tiles of <see cref="Gemm"/> for vectors of 16 numbers and 32 registers (AVX-512): 8 rows x 32 columns are 16 accumulators,
/// enough to hide the latency of the multiply-adds.
/// </summary>
internal static unsafe class Tiles512
{
    /// <summary>Of a panel of 16 or 32 columns.</summary>
    public static void Panel(int m, int n, int k, float* a, long aRow, long aStep, float* b, long bStep, float* c, long cRow, float scale,
        bool add, Prefetch.Piece piece)
    {
        var i = 0;
        if (n == Gemm.Width)
        {
            for (; i + 8 <= m; i += 8) Tile8x32(k, a + i * aRow, aRow, aStep, b, bStep, c + i * cRow, cRow, scale, add, piece);
            for (; i < m; i++) Tile1x32(k, a + i * aRow, aStep, b, bStep, c + i * cRow, scale, add);
            return;
        }
        for (; i + 8 <= m; i += 8) Tile8x16(k, a + i * aRow, aRow, aStep, b, bStep, c + i * cRow, cRow, scale, add);
        for (; i < m; i++) Tile1x16(k, a + i * aRow, aStep, b, bStep, c + i * cRow, scale, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x32(int k, float* a, long aRow, long aStep, float* b, long bStep, float* c, long cRow, float scale, bool add,
        Prefetch.Piece piece)
    {
        Vector512<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default,
            c31 = default;
        Vector512<float> c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default,
            c71 = default;
        var a4 = a + 4 * aRow;
        long row2 = 2 * aRow, row3 = 3 * aRow;
        var ahead = piece.From(b);
        for (var i = 0; i < k; ahead += piece.Step)
        {
            Prefetch.Line(ahead);
            for (var end = Math.Min(k, i + Prefetch.Interval); i < end; i++)
            {
                var b0 = Vector512.Load(b);
                var b1 = Vector512.Load(b + 16);
                var x = Vector512.Create(a[0]);
                c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
                c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
                x = Vector512.Create(a[aRow]);
                c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
                c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
                x = Vector512.Create(a[row2]);
                c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
                c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
                x = Vector512.Create(a[row3]);
                c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
                c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
                x = Vector512.Create(a4[0]);
                c40 = Vector512.FusedMultiplyAdd(x, b0, c40);
                c41 = Vector512.FusedMultiplyAdd(x, b1, c41);
                x = Vector512.Create(a4[aRow]);
                c50 = Vector512.FusedMultiplyAdd(x, b0, c50);
                c51 = Vector512.FusedMultiplyAdd(x, b1, c51);
                x = Vector512.Create(a4[row2]);
                c60 = Vector512.FusedMultiplyAdd(x, b0, c60);
                c61 = Vector512.FusedMultiplyAdd(x, b1, c61);
                x = Vector512.Create(a4[row3]);
                c70 = Vector512.FusedMultiplyAdd(x, b0, c70);
                c71 = Vector512.FusedMultiplyAdd(x, b1, c71);
                a += aStep;
                a4 += aStep;
                b += bStep;
            }
        }
        var s = Vector512.Create(scale);
        Put(c, c00, c01, s, add);
        Put(c += cRow, c10, c11, s, add);
        Put(c += cRow, c20, c21, s, add);
        Put(c += cRow, c30, c31, s, add);
        Put(c += cRow, c40, c41, s, add);
        Put(c += cRow, c50, c51, s, add);
        Put(c += cRow, c60, c61, s, add);
        Put(c += cRow, c70, c71, s, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x16(int k, float* a, long aRow, long aStep, float* b, long bStep, float* c, long cRow, float scale, bool add)
    {
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        var a4 = a + 4 * aRow;
        long row2 = 2 * aRow, row3 = 3 * aRow;
        for (var i = 0; i < k; i++)
        {
            var b0 = Vector512.Load(b);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[0]), b0, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(a[aRow]), b0, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(a[row2]), b0, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(a[row3]), b0, c3);
            c4 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[0]), b0, c4);
            c5 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[aRow]), b0, c5);
            c6 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[row2]), b0, c6);
            c7 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[row3]), b0, c7);
            a += aStep;
            a4 += aStep;
            b += bStep;
        }
        var s = Vector512.Create(scale);
        Put(c, c0, s, add);
        Put(c += cRow, c1, s, add);
        Put(c += cRow, c2, s, add);
        Put(c += cRow, c3, s, add);
        Put(c += cRow, c4, s, add);
        Put(c += cRow, c5, s, add);
        Put(c += cRow, c6, s, add);
        Put(c += cRow, c7, s, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x32(int k, float* a, long aStep, float* b, long bStep, float* c, float scale, bool add)
    {
        Vector512<float> c0 = default, c1 = default;
        for (var i = 0; i < k; i++, a += aStep, b += bStep)
        {
            var x = Vector512.Create(*a);
            c0 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b), c0);
            c1 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 16), c1);
        }
        Put(c, c0, c1, Vector512.Create(scale), add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x16(int k, float* a, long aStep, float* b, long bStep, float* c, float scale, bool add)
    {
        Vector512<float> c0 = default;
        for (var i = 0; i < k; i++, a += aStep, b += bStep) c0 = Vector512.FusedMultiplyAdd(Vector512.Create(*a), Vector512.Load(b), c0);
        Put(c, c0, Vector512.Create(scale), add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* c, Vector512<float> left, Vector512<float> right, Vector512<float> scale, bool add)
    {
        Put(c, left, scale, add);
        Put(c + 16, right, scale, add);
    }

    // Scaled first and added then, so that adding in place equals adding a product computed apart.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* c, Vector512<float> sum, Vector512<float> scale, bool add)
    {
        sum *= scale;
        if (add) sum += Vector512.Load(c);
        sum.Store(c);
    }
}
