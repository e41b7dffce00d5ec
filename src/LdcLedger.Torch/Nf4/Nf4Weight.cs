using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Nf4;

/// <summary>What a dequantised number is rounded to: the type of the weight that was quantised.</summary>
internal enum Rounding { None, BrainFloat, Half }

internal static class Roundings
{
    public static float Of(this Rounding rounding, float value) => rounding switch
    {
        Rounding.None => value,
        Rounding.BrainFloat => BrainFloat.Value(BrainFloat.Of(value)),
        Rounding.Half => (float)(Half)value,
        _ => throw new InvalidOperationException($"Numbers are not rounded to {rounding}."),
    };
}

/// <summary>
/// A weight in 4 bits, as bitsandbytes makes it: blocks of consecutive elements of the row-major weight, each with its largest number.
/// </summary>
/// <param name="Elements">Of the weight.</param>
/// <param name="Columns">Of a row.</param>
/// <param name="BlockSize">Elements of a block; even. The last one may be shorter.</param>
/// <param name="Packed">Two codes a byte, the first in the upper half.</param>
/// <param name="Absmax">Of each block: what the level of a code is multiplied by.</param>
/// <param name="Rounding">Of the product.</param>
/// <param name="Nested">Where <paramref name="Absmax"/> is itself the result of a quantisation: what it was made from; else null.</param>
internal sealed record Nf4Weight(
    long Elements, int Columns, int BlockSize, byte[] Packed, float[] Absmax, Rounding Rounding, Nf4Absmax? Nested)
{
    // Numbers that bitsandbytes' kernel for AVX-512 takes at a time.
    private const int Together = 16;


    public byte Code(long element) => (byte)(element % 2 == 0 ? Packed[element / 2] >> 4 : Packed[element / 2] & 0xF);

    public float this[long element] => Rounding.Of(Nf4Codes.Levels[Code(element)] * Absmax[FactorOf(element)]);

    /// <summary>
    /// The block whose largest number a code is multiplied by: the one that the element lies in. Where rows are not whole blocks it is what
    /// bitsandbytes' kernel for AVX-512 takes for that, counting the whole blocks of every row only: so are the reference cases made, and
    /// no published model has such rows.
    /// </summary>
    public long FactorOf(long element) => Columns % BlockSize == 0 || Columns % Together != 0 ? element / BlockSize
        : element / Columns * (Columns / BlockSize) + element % Columns / BlockSize;
}

/// <summary>The largest numbers of blocks in 8 bits, less their mean, in blocks of their own.</summary>
/// <param name="Map">256 levels.</param>
/// <param name="Scales">The largest number of each block of <paramref name="Codes"/>.</param>
/// <param name="Offset">The mean.</param>
internal sealed record Nf4Absmax(byte[] Codes, float[] Map, float[] Scales, int BlockSize, float Offset)
{
    public float[] Dequantised()
    {
        var absmax = new float[Codes.Length];
        for (var i = 0; i < absmax.Length; i++)
        {
            var product = Map[Codes[i]] * Scales[i / BlockSize];   // rounded before the mean comes to it
            absmax[i] = product + Offset;
        }
        return absmax;
    }
}

/// <summary>A weight of 4 bits among the tensors of a model: made when somebody reads it, and then as it is after dequantisation.</summary>
internal sealed class Nf4Tensor(long[] shape, int blockSize, Rounding rounding, Func<Nf4Weight> make) : ITensorSource
{
    private readonly Lazy<Nf4Weight> _weight = new(make);

    public IReadOnlyList<long> Shape => shape;

    public int BlockSize => blockSize;

    public Rounding Rounding => rounding;

    public Nf4Weight Weight => _weight.Value;

    public void CopyTo(Span<float> to, long from)
    {
        var weight = Weight;
        for (var i = 0; i < to.Length; i++) to[i] = weight[from + i];
    }
}
