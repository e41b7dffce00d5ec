using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Kernels.Simd;

/// <summary>
/// Makes nothing and reckons what the SIMD kernels would take for it: by the same constructors, so that no estimate can drift from them.
/// </summary>
internal sealed class Rehearsal : SimdArithmetic
{
    public long MatrixBytes { get; private set; }

    public long WeightBytes { get; private set; }

    public override Matrix NewMatrix(int rows, int columns)
    {
        MatrixBytes += Matrix.BytesOf(rows, columns);
        return Matrix.Nowhere(rows, columns);
    }

    public override FrozenWeight Freeze(IReadOnlyList<ITensorSource> parts, bool keepBrainFloats)
    {
        var weight = new Absent((int)parts.Sum(part => part.Shape[0]), (int)parts[0].Shape[1]);
        WeightBytes += Nf4Panels.Fit(parts) ? Nf4Panels.BytesOf(weight.Out, weight.In, ((Nf4Tensor)parts[0]).BlockSize)
            : PackedWeight.BytesOf(weight.Out, weight.In, keepBrainFloats);
        return weight;
    }

    private sealed class Absent(int outFeatures, int inFeatures) : FrozenWeight(outFeatures, inFeatures)
    {
        public override double FrobeniusNorm(int row, int rows) => throw new NotSupportedException();

        public override float[] ToArray(int row, int rows) => throw new NotSupportedException();

        public override void Dispose() { }
    }
}
