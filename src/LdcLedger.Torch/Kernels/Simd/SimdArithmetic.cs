using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Kernels.Simd;

/// <summary>
/// Exact arithmetic in fp32 on one CPU thread: the order of every sum and the rounding of every operation are fixed, so the bits are the
/// same whatever vectors the processor has. Parallel work is done by several instances on rows of their own, so no result depends on how
/// many threads there are.
/// </summary>
internal unsafe partial class SimdArithmetic : Arithmetic
{
    // Of a chain of multiply-adds; a sum over more is the sum of its chains in order, which is part of the bits.
    private const int ChainSteps = 1024;

    // Rows of a panel taken at a time: 2048 x 32 fp32 = 256 KB, which stay in the second-level cache while all rows of the left factor
    // pass by. So the sums of up to two chains meet in the first-level cache, before the next rows.
    private const int Steps = 2 * ChainSteps;

    // Rows of the left factor between two chains: one tile of 8 rows, or whole tiles of 6.
    private static int RowsBetween => Vector512.IsHardwareAccelerated ? 8 : 24;

    private float* _scratch;
    private long _scratchFloats;

    // Raised whenever any of its operations may give another number than before.
    internal const int Version = 1;

    public override string Name => $"exact/{Version} ({Processor})";

    /// <summary>Whether every multiply-add is computed by software: the same bits, some hundred times as slowly.</summary>
    public static bool IsSlow => !Vector512.IsHardwareAccelerated && !Fma.IsSupported && !AdvSimd.IsSupported;

    /// <summary>What of the processor does it, which decides the time that it takes and nothing else.</summary>
    private static string Processor => Vector512.IsHardwareAccelerated ? "AVX-512"
        : Fma.IsSupported ? "AVX2"
        : AdvSimd.IsSupported ? "ARM64"
        : "no fused multiply-add, slow";

    // Fewer leave the products of small models less efficient, more leave the second-level cache.
    public override int PassTokens => 512;

    public override int LogitRows(int vocabulary) => vocabulary <= 8192 ? 128 : 256;

    public override Matrix NewMatrix(int rows, int columns) => Matrix.InMemory(rows, columns);

    public override FrozenWeight Freeze(IReadOnlyList<ITensorSource> parts, bool keepBrainFloats) =>
        Nf4Panels.Fit(parts) ? new Nf4Panels([.. parts.Cast<Nf4Tensor>()], keepBrainFloats) : new PackedWeight(parts, keepBrainFloats);

    public override void Multiply(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false)
    {
        Fits(a.Columns == b.Rows && a.Rows == c.Rows && b.Columns == c.Columns, a, b, c);
        for (var p = 0; p < c.Columns; p += Gemm.Width)
            Gemm.Panel(a.Rows, Math.Min(Gemm.Width, c.Columns - p), a.Columns, a.Data, a.Stride, 1, b.Data + p, b.Stride, c.Data + p,
                c.Stride, scale, add);
    }

    public override void MultiplyTransposed(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false)
    {
        Fits(a.Columns == b.Columns && a.Rows == c.Rows && b.Rows == c.Columns, a, b, c);
        var panel = Scratch((long)Gemm.Width * b.Columns);
        for (var p = 0; p < c.Columns; p += Gemm.Width)
        {
            var wide = Math.Min(Gemm.Width, c.Columns - p);
            Transpose.IntoPanel(b.Row(p), b.Stride, wide, b.Columns, panel);
            Gemm.Panel(a.Rows, wide, a.Columns, a.Data, a.Stride, 1, panel, Gemm.Width, c.Data + p, c.Stride, scale, add);
        }
    }

    public override void TransposedMultiply(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false)
    {
        Fits(a.Rows == b.Rows && a.Columns == c.Rows && b.Columns == c.Columns, a, b, c);
        for (var p = 0; p < c.Columns; p += Gemm.Width)
            Gemm.Panel(c.Rows, Math.Min(Gemm.Width, c.Columns - p), a.Rows, a.Data, 1, a.Stride, b.Data + p, b.Stride, c.Data + p, c.Stride,
                scale, add);
    }

    public override void Apply(FrozenWeight w, Matrix x, Matrix y, bool add = false)
    {
        var panels = (PanelWeight)w;
        Fits(x.Columns == w.In && y.Columns == w.Out && x.Rows == y.Rows, x, null, y);
        var scratch = Scratch(PanelWeight.Scratch(Steps));
        for (var k = 0; k < w.In; k += Steps)
        {
            var steps = Math.Min(Steps, w.In - k);
            for (var p = 0; p < PanelWeight.Panels(w.Out); p++)
                Chains(x, k, steps, panels.Forward(p, k, steps, scratch), y, p, add, panels.PrefetchForward(p + 1, k, steps));
        }
    }

    /// <summary>Adds the product of columns [k, k + steps) of a with a panel's rows to panel p of the columns of c.</summary>
    private static void Chains(Matrix a, int k, int steps, float* panel, Matrix c, int p, bool add, Prefetch prefetch)
    {
        var wide = Math.Min(Gemm.Width, c.Columns - p * Gemm.Width);
        var rows = steps <= ChainSteps && !prefetch.HasPieces ? a.Rows : RowsBetween;
        for (var row = 0; row < a.Rows; row += rows)
            for (var from = 0; from < steps; from += ChainSteps)
            {
                var chain = Math.Min(ChainSteps, steps - from);
                Gemm.Panel(Math.Min(rows, a.Rows - row), wide, chain, a.Row(row) + k + from, a.Stride, 1, panel + (long)from * Gemm.Width,
                    Gemm.Width, c.Row(row) + p * Gemm.Width, c.Stride, 1, add || k + from > 0, prefetch.Next(chain));
            }
    }

    public override void ApplyBackward(FrozenWeight w, Matrix dy, Matrix dx, bool add = false)
    {
        var panels = (PanelWeight)w;
        Fits(dy.Columns == w.Out && dx.Columns == w.In && dx.Rows == dy.Rows, dy, null, dx);
        var scratch = Scratch(PanelWeight.Scratch(Steps));
        for (var k = 0; k < w.Out; k += Steps)
        {
            var steps = Math.Min(Steps, w.Out - k);
            for (var p = 0; p < PanelWeight.Panels(w.In); p++)
                Chains(dy, k, steps, panels.Backward(p, k, steps, scratch), dx, p, add, panels.PrefetchBackward(p + 1, k, steps));
        }
    }

    public override void Embed(FrozenWeight embedding, Batch batch, float scale, Matrix x)
    {
        var (panels, ids) = ((PanelWeight)embedding, batch.Ids);
        for (var row = 0; row < ids.Length; row++)
        {
            var to = x.Row(row);
            for (var i = 0; i < x.Columns; i++) to[i] = panels.At(ids[row], i) * scale;
        }
    }

    public override void Copy(Matrix from, Matrix to)
    {
        for (var row = 0; row < from.Rows; row++) from.Span(row).CopyTo(to.Span(row));
    }

    public override void TakeScored(Matrix from, Batch batch, int first, Matrix to)
    {
        for (var i = 0; i < to.Rows; i++) from.Span(batch.Scored[first + i]).CopyTo(to.Span(i));
    }

    public override void PutScored(Matrix from, Batch batch, int first, Matrix to)
    {
        for (var i = 0; i < from.Rows; i++) from.Span(i).CopyTo(to.Span(batch.Scored[first + i]));
    }

    public override void Zero(Matrix x)
    {
        for (var row = 0; row < x.Rows; row++) x.Span(row).Clear();
    }

    private float* Scratch(long floats)
    {
        if (floats <= _scratchFloats) return _scratch;
        if (_scratch is not null) NativeMemory.AlignedFree(_scratch);
        _scratchFloats = floats;
        return _scratch = (float*)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float) + 256, 64);
    }

    private static void Fits(bool fits, Matrix a, Matrix? b, Matrix c)
    {
        if (fits) return;
        throw new ArgumentException(
            $"[{a.Rows}, {a.Columns}]{(b is null ? "" : $" and [{b.Rows}, {b.Columns}]")} do not make [{c.Rows}, {c.Columns}].");
    }

    public override void Dispose()
    {
        if (_scratch is not null) NativeMemory.AlignedFree(_scratch);
        _scratch = null;
        _scratchFloats = 0;
        base.Dispose();
    }
}
