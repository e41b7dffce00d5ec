using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Kernels.Aten;

/// <summary>A frozen weight [out, in] on a device.</summary>
internal abstract class DeviceWeight(int outFeatures, int inFeatures) : FrozenWeight(outFeatures, inFeatures)
{
    protected const int RowsAtOnce = 4096;

    /// <summary>As products take it, in the type of their other factor; it belongs to the innermost scope.</summary>
    public abstract Tensor As(Dtype type);

    protected static double SumOfSquares(Tensor values)
    {
        var wide = values.to(Dtype.Float64);
        return wide.mul(wide).sum().item();
    }
}

/// <summary>One that is kept as it is used, fp32 or bf16.</summary>
internal sealed class DenseDeviceWeight : DeviceWeight
{
    private readonly Dtype _type;

    public DenseDeviceWeight(IReadOnlyList<ITensorSource> parts, bool keepBrainFloats, Device device)
        : base((int)parts.Sum(part => part.Shape[0]), (int)parts[0].Shape[1])
    {
        Values = Tensor.empty(Out, In, keepBrainFloats ? Dtype.BrainFloat16 : Dtype.Float32, device).Kept();
        (_type, var to) = (keepBrainFloats ? Dtype.BrainFloat16 : Dtype.Float32, 0);
        if (!device.HasNumbers) return;
        foreach (var part in parts)
            for (var from = 0; from < part.Shape[0]; from += RowsAtOnce)
            {
                var rows = (int)Math.Min(RowsAtOnce, part.Shape[0] - from);
                var values = new float[(long)rows * In];
                part.CopyTo(values, (long)from * In);
                using var scope = Tensor.NewScope();
                Values.narrow(0, to, rows).copy_(Tensor.Of(values, rows, In));
                to += rows;
            }
    }

    public Tensor Values { get; }

    public override Tensor As(Dtype type) => type == _type ? Values.alias() : Values.to(type);

    public override double FrobeniusNorm(int row, int rows)
    {
        double sum = 0;
        for (var from = 0; from < rows; from += RowsAtOnce)
        {
            using var scope = Tensor.NewScope();
            sum += SumOfSquares(Values.narrow(0, row + from, Math.Min(RowsAtOnce, rows - from)));
        }
        return Math.Sqrt(sum);
    }

    public override float[] ToArray(int row, int rows)
    {
        using var scope = Tensor.NewScope();
        var values = new float[(long)rows * In];
        Values.narrow(0, row, rows).to(Dtype.Float32).CopyTo(values);
        return values;
    }

    public override void Dispose() => Values.Dispose();
}
