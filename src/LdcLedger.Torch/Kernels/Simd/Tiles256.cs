using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LdcLedger.Torch.Kernels.Simd;

/// <summary>
/// Register tiles of <see cref="Gemm"/> for vectors of 8 numbers and 16 registers (AVX2), or of 4 and 32 (ARM64): 6 rows x 16 columns are
/// 12 accumulators, two vectors of the panel and one number of the left factor.
/// </summary>
internal static unsafe class Tiles256
{
    /// <summary>Of a panel whose columns are a multiple of 16.</summary>
    public static void Panel(int m, int n, int k, float* a, long aRow, long aStep, float* b, long bStep, float* c, long cRow, float scale,
        bool add)
    {
        for (var j = 0; j < n; j += 16)
        {
            var i = 0;
            for (; i + 6 <= m; i += 6) Tile6x16(k, a + i * aRow, aRow, aStep, b + j, bStep, c + i * cRow + j, cRow, scale, add);
            for (; i < m; i++) Tile1x16(k, a + i * aRow, aStep, b + j, bStep, c + i * cRow + j, scale, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6x16(int k, float* a, long aRow, long aStep, float* b, long bStep, float* c, long cRow, float scale, bool add)
    {
        Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        Vector256<float> c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        var a3 = a + 3 * aRow;
        var row2 = 2 * aRow;
        for (var i = 0; i < k; i++)
        {
            var b0 = Vector256.Load(b);
            var b1 = Vector256.Load(b + 8);
            var x = Vector256.Create(a[0]);
            c00 = Vector256.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector256.FusedMultiplyAdd(x, b1, c01);
            x = Vector256.Create(a[aRow]);
            c10 = Vector256.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector256.FusedMultiplyAdd(x, b1, c11);
            x = Vector256.Create(a[row2]);
            c20 = Vector256.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector256.FusedMultiplyAdd(x, b1, c21);
            x = Vector256.Create(a3[0]);
            c30 = Vector256.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector256.FusedMultiplyAdd(x, b1, c31);
            x = Vector256.Create(a3[aRow]);
            c40 = Vector256.FusedMultiplyAdd(x, b0, c40);
            c41 = Vector256.FusedMultiplyAdd(x, b1, c41);
            x = Vector256.Create(a3[row2]);
            c50 = Vector256.FusedMultiplyAdd(x, b0, c50);
            c51 = Vector256.FusedMultiplyAdd(x, b1, c51);
            a += aStep;
            a3 += aStep;
            b += bStep;
        }
        var s = Vector256.Create(scale);
        Put(c, c00, c01, s, add);
        Put(c += cRow, c10, c11, s, add);
        Put(c += cRow, c20, c21, s, add);
        Put(c += cRow, c30, c31, s, add);
        Put(c += cRow, c40, c41, s, add);
        Put(c += cRow, c50, c51, s, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x16(int k, float* a, long aStep, float* b, long bStep, float* c, float scale, bool add)
    {
        Vector256<float> c0 = default, c1 = default;
        for (var i = 0; i < k; i++, a += aStep, b += bStep)
        {
            var x = Vector256.Create(*a);
            c0 = Vector256.FusedMultiplyAdd(x, Vector256.Load(b), c0);
            c1 = Vector256.FusedMultiplyAdd(x, Vector256.Load(b + 8), c1);
        }
        Put(c, c0, c1, Vector256.Create(scale), add);
    }

    // Scaled first and added then, so that adding in place equals adding a product computed apart.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* c, Vector256<float> left, Vector256<float> right, Vector256<float> scale, bool add)
    {
        left *= scale;
        right *= scale;
        if (add)
        {
            left += Vector256.Load(c);
            right += Vector256.Load(c + 8);
        }
        left.Store(c);
        right.Store(c + 8);
    }
}
