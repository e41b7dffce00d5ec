using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LdcLedger.Torch.Kernels.Simd;

/// <summary>Rows into columns: how a matrix becomes panels of <see cref="Gemm.Width"/> columns.</summary>
internal static unsafe class Transpose
{
    /// <summary>to[j, i] = from[i, j] for rows x columns of from; the rest of the panel's 32 columns becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void IntoPanel(float* from, long fromRow, int rows, int columns, float* to)
    {
        var size = Avx512F.IsSupported ? 16 : Avx.IsSupported ? 8 : 0;
        for (var i = 0; i < Gemm.Width; i += 16)
        {
            var full = rows >= i + 16 && size > 0 ? columns / size * size : 0;
            for (var j = 0; j < full; j += size)
            {
                float* block = from + i * fromRow + j, turned = to + j * Gemm.Width + i;
                if (size == 16) Block16(block, fromRow, turned, Gemm.Width);
                else
                {
                    Block8(block, fromRow, turned, Gemm.Width);
                    Block8(block + 8 * fromRow, fromRow, turned + 8, Gemm.Width);
                }
            }
            for (var r = i; r < i + 16; r++)
                for (var j = full; j < columns; j++) to[j * Gemm.Width + r] = r < rows ? from[r * fromRow + j] : 0;
        }
    }

    /// <summary>The transpose of 8 x 8 elements: each 128-bit lane takes half of a row, and the lanes are 4 x 4 transposes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block8(float* from, long fromRow, float* to, long toRow)
    {
        for (var half = 0; half < 2; half++)
        {
            Vector256<float> r0 = Halves(from, fromRow), r1 = Halves(from + fromRow, fromRow), r2 = Halves(from + 2 * fromRow, fromRow),
                r3 = Halves(from + 3 * fromRow, fromRow);
            Vector256<double> low01 = Avx.UnpackLow(r0, r1).AsDouble(), high01 = Avx.UnpackHigh(r0, r1).AsDouble();
            Vector256<double> low23 = Avx.UnpackLow(r2, r3).AsDouble(), high23 = Avx.UnpackHigh(r2, r3).AsDouble();
            Avx.UnpackLow(low01, low23).AsSingle().Store(to);
            Avx.UnpackHigh(low01, low23).AsSingle().Store(to + toRow);
            Avx.UnpackLow(high01, high23).AsSingle().Store(to + 2 * toRow);
            Avx.UnpackHigh(high01, high23).AsSingle().Store(to + 3 * toRow);
            from += 4;
            to += 4 * toRow;
        }

        // Four numbers of a row, and beside them those of the fourth row below it.
        static Vector256<float> Halves(float* from, long fromRow) =>
            Vector256.Create(Vector128.Load(from), Vector128.Load(from + 4 * fromRow));
    }

    /// <summary>The transpose of 16 x 16 elements: four rows interleaved at a time, then the 128-bit lanes exchanged.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Block16(float* from, long fromRow, float* to, long toRow)
    {
        var mixed = stackalloc float[16 * 16];
        for (var g = 0; g < 4; g++)
        {
            var row = from + 4 * g * fromRow;
            Vector512<float> r0 = Vector512.Load(row), r1 = Vector512.Load(row + fromRow), r2 = Vector512.Load(row + 2 * fromRow),
                r3 = Vector512.Load(row + 3 * fromRow);
            Vector512<double> low01 = Avx512F.UnpackLow(r0, r1).AsDouble(), high01 = Avx512F.UnpackHigh(r0, r1).AsDouble();
            Vector512<double> low23 = Avx512F.UnpackLow(r2, r3).AsDouble(), high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
            var at = mixed + 16 * 4 * g;
            Avx512F.UnpackLow(low01, low23).AsSingle().Store(at);
            Avx512F.UnpackHigh(low01, low23).AsSingle().Store(at + 16);
            Avx512F.UnpackLow(high01, high23).AsSingle().Store(at + 32);
            Avx512F.UnpackHigh(high01, high23).AsSingle().Store(at + 48);
        }
        for (var c = 0; c < 4; c++)
        {
            var at = mixed + 16 * c;
            Vector512<float> a = Vector512.Load(at), b = Vector512.Load(at + 64), d = Vector512.Load(at + 128),
                e = Vector512.Load(at + 192);
            Vector512<float> evenAb = Avx512F.Shuffle4x128(a, b, 0x88), oddAb = Avx512F.Shuffle4x128(a, b, 0xDD);
            Vector512<float> evenDe = Avx512F.Shuffle4x128(d, e, 0x88), oddDe = Avx512F.Shuffle4x128(d, e, 0xDD);
            Avx512F.Shuffle4x128(evenAb, evenDe, 0x88).Store(to + c * toRow);
            Avx512F.Shuffle4x128(oddAb, oddDe, 0x88).Store(to + (4 + c) * toRow);
            Avx512F.Shuffle4x128(evenAb, evenDe, 0xDD).Store(to + (8 + c) * toRow);
            Avx512F.Shuffle4x128(oddAb, oddDe, 0xDD).Store(to + (12 + c) * toRow);
        }
    }
}
