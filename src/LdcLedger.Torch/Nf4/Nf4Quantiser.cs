using System.Runtime.Intrinsics;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Nf4;

/// <summary>
/// Quantises as bitsandbytes 0.50 does on a CPU, byte for byte: blocks of 64 elements, and where it is done twice, their largest numbers
/// less their mean in blocks of 256. One thing there depends on the machine: the mean of more than a few thousand numbers, which torch
/// sums in fp32 in an order of its vectors and threads. Here the sum is exact and rounded once.
/// </summary>
internal static class Nf4Quantiser
{
    public const int BlockSize = 64, NestedBlockSize = 256;

    // Elements that a thread reads at a time.
    private const int Chunk = 1024 * BlockSize;

    // The smallest divisor: a block of zeros has only zeros.
    private const float Least = 1e-38f;

    /// <param name="source">Numbers that are finite.</param>
    /// <param name="rounding">The type in which the weight is quantised: its numbers are rounded to it first.</param>
    /// <param name="twice">Whether the largest numbers of the blocks are quantised, too.</param>
    public static Nf4Weight Of(ITensorSource source, Rounding rounding, bool twice)
    {
        var elements = source.Shape.Aggregate(1L, (product, d) => product * d);
        var packed = new byte[(elements + 1) / 2];
        var absmax = new float[(elements + BlockSize - 1) / BlockSize];
        Parallel.For(0L, (elements + Chunk - 1) / Chunk, chunk =>
        {
            var from = chunk * Chunk;
            var values = new float[Math.Min(Chunk, elements - from)];
            source.CopyTo(values, from);
            if (rounding != Rounding.None)
                for (var i = 0; i < values.Length; i++) values[i] = rounding.Of(values[i]);
            for (var at = 0; at < values.Length; at += BlockSize)
                absmax[(from + at) / BlockSize] = Block(values.AsSpan(at, Math.Min(BlockSize, values.Length - at)),
                    packed.AsSpan((int)((from + at) / 2)));
        });
        var nested = twice ? Nested(absmax) : null;
        return new(elements, (int)source.Shape[^1], BlockSize, packed, nested?.Dequantised() ?? absmax, rounding, nested);
    }

    /// <returns>The block's largest number.</returns>
    private static float Block(Span<float> values, Span<byte> packed)
    {
        float absmax = 0;
        foreach (var value in values) absmax = Math.Max(absmax, Math.Abs(value));
        Span<int> codes = stackalloc int[BlockSize];
        codes.Fill(Nf4Codes.Zero);                                 // half a byte may be left over
        if (values.Length == BlockSize)
        {
            var factor = Vector512.Create(1f / Math.Max(absmax, Least));
            for (var i = 0; i < BlockSize; i += 16)
                CodesOf(Vector512.Create<float>(values.Slice(i, 16)) * factor).CopyTo(codes[i..]);
        }
        else
        {
            absmax = Math.Max(absmax, Least);
            for (var i = 0; i < values.Length; i++) codes[i] = CodesOf(Vector512.Create(values[i] / absmax))[0];
        }
        for (var i = 0; i < values.Length; i += 2) packed[i / 2] = (byte)(codes[i] << 4 | codes[i + 1]);
        return absmax;
    }

    private static Vector512<int> CodesOf(Vector512<float> scaled)
    {
        var codes = Vector512<int>.Zero;
        foreach (var bound in Nf4Codes.Bounds) codes -= Vector512.GreaterThan(scaled, Vector512.Create(bound)).AsInt32();   // true is -1
        return codes;
    }

    private static Nf4Absmax Nested(float[] absmax)
    {
        double sum = 0;
        foreach (var value in absmax) sum += value;
        var offset = (float)sum / absmax.Length;
        var codes = new byte[absmax.Length];
        var scales = new float[(absmax.Length + NestedBlockSize - 1) / NestedBlockSize];
        for (var block = 0; block < scales.Length; block++)
        {
            var (from, to) = (block * NestedBlockSize, Math.Min((block + 1) * NestedBlockSize, absmax.Length));
            for (var i = from; i < to; i++) scales[block] = Math.Max(scales[block], Math.Abs(absmax[i] - offset));
            if (scales[block] == 0) continue;                      // code 0, as there
            var factor = 1f / scales[block];
            for (var i = from; i < to; i++) codes[i] = Nf4Codes.DynamicCode((absmax[i] - offset) * factor);
        }
        return new(codes, Nf4Codes.Dynamic, scales, NestedBlockSize, offset);
    }
}
