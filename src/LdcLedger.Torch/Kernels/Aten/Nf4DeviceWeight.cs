using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Kernels.Aten;

/// <summary>A frozen weight of 4 bits on a device: every product dequantises it into the scope's memory, as bitsandbytes does.</summary>
internal sealed class Nf4DeviceWeight : DeviceWeight
{
    private readonly Tensor _codes, _factors, _pairs;
    private readonly int _blockSize;
    private readonly Dtype[] _roundings;

    /// <summary>Whether parts can be kept in 4 bits together: under the same blocks and rounding, and rows are whole blocks.</summary>
    public static bool Fit(IReadOnlyList<ITensorSource> parts) => parts[0] is Nf4Tensor first
        && parts.All(part => part is Nf4Tensor other && other.BlockSize == first.BlockSize && other.Rounding == first.Rounding
            && other.Shape[1] % first.BlockSize == 0);

    public Nf4DeviceWeight(IReadOnlyList<Nf4Tensor> parts, bool brainFloats, Device device)
        : base((int)parts.Sum(part => part.Shape[0]), (int)parts[0].Shape[1])
    {
        _blockSize = parts[0].BlockSize;
        List<Dtype> roundings = parts[0].Rounding switch
        {
            Rounding.None => [],
            Rounding.BrainFloat => [Dtype.BrainFloat16],
            Rounding.Half => [Dtype.Float16],
            _ => throw new InvalidOperationException($"Numbers are not rounded to {parts[0].Rounding}."),
        };
        roundings.Add(brainFloats ? Dtype.BrainFloat16 : Dtype.Float32);
        _roundings = [.. roundings];
        long elements = (long)Out * In, blocks = elements / _blockSize;
        if (!device.HasNumbers)
        {
            (_codes, _pairs) = (Tensor.emptyBytes(elements / 2, device).Kept(), Tensor.empty(256, 2, Dtype.Float32, device).Kept());
            _factors = Tensor.empty([blocks, 1], Dtype.Float32, device).Kept();
            return;
        }
        // Whole blocks, one part after the other.
        _codes = Tensor.Of([.. parts.SelectMany(part => part.Weight.Packed)], device).Kept();
        var factors = parts.SelectMany(part => part.Weight.Absmax).ToArray();
        // The two levels that a byte stands for.
        float[] pairs = [.. Enumerable.Range(0, 256).SelectMany(code => new[] { Nf4Codes.Levels[code >> 4], Nf4Codes.Levels[code & 0xF] })];
        _factors = Tensor.Of(factors, device, factors.Length, 1).Kept();
        _pairs = Tensor.Of(pairs, device, 256, 2).Kept();
    }

    public override Tensor As(Dtype type)
    {
        var values = Rows(0, Out);
        return _roundings[^1] == type ? values : values.to(type);
    }

    private Tensor Rows(int row, int rows)
    {
        long from = (long)row * In / _blockSize, blocks = (long)rows * In / _blockSize;
        var codes = _codes.narrow(0, from * _blockSize / 2, blocks * _blockSize / 2);
        var values = _pairs.index_select(codes.to(Dtype.Int32)).view(blocks, _blockSize).mul_(_factors.narrow(0, from, blocks))
            .view(rows, In);
        return _roundings.Aggregate(values, (rounded, type) => rounded.to(type));
    }

    public override double FrobeniusNorm(int row, int rows)
    {
        double sum = 0;
        for (var from = 0; from < rows; from += RowsAtOnce)
        {
            using var scope = Tensor.NewScope();
            sum += SumOfSquares(Rows(row + from, Math.Min(RowsAtOnce, rows - from)));
        }
        return Math.Sqrt(sum);
    }

    public override float[] ToArray(int row, int rows)
    {
        using var scope = Tensor.NewScope();
        var values = new float[(long)rows * In];
        Rows(row, rows).to(Dtype.Float32).CopyTo(values);
        return values;
    }

    public override void Dispose()
    {
        foreach (var tensor in (Tensor[])[_codes, _factors, _pairs]) tensor.Dispose();
    }
}
