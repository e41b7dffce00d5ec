namespace LdcLedger.Torch.Kernels.Simd;

/// <summary>
/// A frozen weight as <see cref="Gemm"/> reads it: in panels of 32 outputs for y = x W^T, and of 32 inputs for dx = dy W. What is not kept
/// in that form is made in a caller's scratch, some rows of a panel at a time.
/// </summary>
internal abstract unsafe class PanelWeight(int outFeatures, int inFeatures) : FrozenWeight(outFeatures, inFeatures)
{
    public static int Panels(int columns) => (columns + Gemm.Width - 1) / Gemm.Width;

    /// <summary>Floats that a caller's scratch must hold for <paramref name="steps"/> rows of a panel.</summary>
    public static int Scratch(int steps) => (steps + Gemm.Width) * Gemm.Width;

    /// <summary>Rows [from, from + steps) of panel p of W^T [in, out].</summary>
    public abstract float* Forward(int p, int from, int steps, float* scratch);

    /// <summary>Rows [from, from + steps) of panel p of W [out, in]; from is a multiple of 32.</summary>
    public abstract float* Backward(int p, int from, int steps, float* scratch);

    /// <summary>Memory that <see cref="Forward"/> will read for these rows, where it is worth asking for beforehand.</summary>
    public virtual Prefetch PrefetchForward(int p, int from, int steps) => default;

    /// <summary>Memory that <see cref="Backward"/> will read for these rows, where it is worth asking for beforehand.</summary>
    public virtual Prefetch PrefetchBackward(int p, int from, int steps) => default;

    public abstract float At(int o, int i);

    public override double FrobeniusNorm(int row, int rows)
    {
        // Panel by panel, as they lie in memory; one sum per output.
        double sum = 0;
        var sums = stackalloc double[Gemm.Width];
        var wide = stackalloc float[Gemm.Width];
        for (var p = row / Gemm.Width; p <= (row + rows - 1) / Gemm.Width; p++)
        {
            new Span<double>(sums, Gemm.Width).Clear();
            for (var i = 0; i < In; i++)
            {
                var at = Forward(p, i, 1, wide);
                for (var o = 0; o < Gemm.Width; o++) sums[o] += (double)at[o] * at[o];
            }
            for (var o = Math.Max(row, p * Gemm.Width); o < Math.Min(row + rows, (p + 1) * Gemm.Width); o++) sum += sums[o % Gemm.Width];
        }
        return Math.Sqrt(sum);
    }

    public override float[] ToArray(int row, int rows)
    {
        var all = new float[(long)rows * In];
        for (var o = 0; o < rows; o++)
            for (var i = 0; i < In; i++) all[(long)o * In + i] = At(row + o, i);
        return all;
    }
}
