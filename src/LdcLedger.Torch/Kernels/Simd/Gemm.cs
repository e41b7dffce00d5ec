using System.Runtime.Intrinsics;

namespace LdcLedger.Torch.Kernels.Simd;

/// <summary>
/// Matrix product for one thread. The right factor comes in panels of 32 columns, row k of a panel at <c>b + k bStep</c>; the left one with
/// any strides, since it is only broadcast. Every element is one chain of fused multiply-adds in order of k, whatever tile it falls into
/// and however wide the vectors are: a row's result does not depend on its neighbours, nor on the processor.
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>Columns of a panel.</summary>
    public const int Width = 32;

    // Rows of a panel that is not full, taken at a time: whole tiles of 8 rows and of 6.
    private const int RaggedRows = 24;

    /// <summary>c[m x n] = scale a b, or added to; n is at most 32, and 32 columns of b can be read.</summary>
    /// <param name="piece">Memory that is asked for by the way, once for each tile.</param>
    public static void Panel(int m, int n, int k, float* a, long aRow, long aStep, float* b, long bStep, float* c, long cRow, float scale,
        bool add, Prefetch.Piece piece = default)
    {
        if (n is not (16 or Width)) Ragged(m, n, k, a, aRow, aStep, b, bStep, c, cRow, scale, add);
        else if (Vector512.IsHardwareAccelerated) Tiles512.Panel(m, n, k, a, aRow, aStep, b, bStep, c, cRow, scale, add, piece);
        else Tiles256.Panel(m, n, k, a, aRow, aStep, b, bStep, c, cRow, scale, add);
    }

    /// <summary>
    /// Panels that fill neither 16 nor 32 columns go through a panel of their own, so that nothing beside them is written.
    /// </summary>
    private static void Ragged(int m, int n, int k, float* a, long aRow, long aStep, float* b, long bStep, float* c, long cRow, float scale,
        bool add)
    {
        var panel = stackalloc float[RaggedRows * Width];
        for (var i = 0; i < m; i += RaggedRows)
        {
            var rows = Math.Min(RaggedRows, m - i);
            Panel(rows, n < 16 ? 16 : Width, k, a + i * aRow, aRow, aStep, b, bStep, panel, Width, scale, false);
            for (var r = 0; r < rows; r++)
            {
                float* from = panel + r * Width, to = c + (i + r) * cRow;
                if (add) for (var j = 0; j < n; j++) to[j] += from[j];
                else for (var j = 0; j < n; j++) to[j] = from[j];
            }
        }
    }
}
