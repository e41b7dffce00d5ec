using System.Runtime.CompilerServices;

namespace LdcLedger.Torch.Safetensors;

/// <summary>One tensor inside a mapped file; valid while the file is open. Row-major, without strides.</summary>
public sealed unsafe class MappedTensor : ITensorSource
{
    private readonly SafetensorsFile _file;
    private readonly byte* _data;

    internal MappedTensor(SafetensorsFile file, string name, string dtype, long[] shape, byte* data, long offset, long bytes)
    {
        (_file, Name, Dtype, Shape, Offset, Bytes) = (file, name, dtype, shape, offset, bytes);
        _data = data;
        Elements = shape.Aggregate(1L, (product, d) => product * d);
    }

    public string Name { get; }

    /// <summary>As the file spells it, e.g. <c>BF16</c>.</summary>
    public string Dtype { get; }

    public IReadOnlyList<long> Shape { get; }

    public long Elements { get; }

    internal long Offset { get; }

    internal long Bytes { get; }

    /// <exception cref="InvalidInputException">The shape is another one.</exception>
    public MappedTensor OfShape(params ReadOnlySpan<long> shape)
    {
        if (shape.SequenceEqual(Shape.ToArray())) return this;
        throw _file.Bad(
            $"gives tensor {Name} the shape [{string.Join(", ", Shape)}]; the configuration wants [{string.Join(", ", shape.ToArray())}]");
    }

    /// <exception cref="InvalidInputException">The elements are of a type that <see cref="CopyTo"/> does not read.</exception>
    public MappedTensor OfFloats() =>
        Dtype is "F32" or "BF16" or "F16" ? this : throw _file.Bad($"gives tensor {Name} the type {Dtype}; F32, BF16 or F16 is allowed");

    /// <summary>
    /// Copies <paramref name="to"/>.Length elements from <paramref name="from"/> on, widened to fp32 (exact for all three types).
    /// </summary>
    /// <exception cref="InvalidInputException">The elements are not floating-point numbers of 16 or 32 bits.</exception>
    public void CopyTo(Span<float> to, long from = 0)
    {
        if (from < 0 || from + to.Length > Elements) throw new ArgumentOutOfRangeException(nameof(from));
        switch (OfFloats().Dtype)
        {
            case "F32":
                new ReadOnlySpan<byte>(_data + from * 4, to.Length * 4).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(to));
                break;
            case "BF16":
                var brain = _data + from * 2;
                for (var i = 0; i < to.Length; i++)
                    to[i] = BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(brain + i * 2L) << 16);
                break;
            case "F16":
                var half = _data + from * 2;
                for (var i = 0; i < to.Length; i++) to[i] = (float)Unsafe.ReadUnaligned<Half>(half + i * 2L);
                break;
            default:
                throw new InvalidOperationException($"Elements of the type {Dtype} cannot be widened.");
        }
    }

    /// <summary>Whether the other holds the same numbers, whatever type either stores them in; shapes are the caller's matter.</summary>
    public bool HasNumbersOf(MappedTensor other)
    {
        if (Elements != other.Elements) return false;
        const int block = 1 << 18;
        float[] ours = new float[Math.Min(block, Elements)], theirs = new float[ours.Length];
        for (long from = 0; from < Elements; from += block)
        {
            var count = (int)Math.Min(block, Elements - from);
            CopyTo(ours.AsSpan(0, count), from);
            other.CopyTo(theirs.AsSpan(0, count), from);
            if (!ours.AsSpan(0, count).SequenceEqual(theirs.AsSpan(0, count))) return false;
        }
        return true;
    }

    /// <summary>All elements, widened to fp32.</summary>
    public float[] ToFloats()
    {
        var all = new float[Elements];
        CopyTo(all);
        return all;
    }

    /// <summary>The file's own bytes, whatever they mean.</summary>
    internal byte[] ToBytes() => new ReadOnlySpan<byte>(_data, checked((int)Bytes)).ToArray();

    /// <exception cref="InvalidInputException">The elements are not I64.</exception>
    public long[] ToLongs()
    {
        if (Dtype != "I64") throw _file.Bad($"gives tensor {Name} the type {Dtype}; I64 is needed");
        var all = new long[Elements];
        new ReadOnlySpan<byte>(_data, all.Length * 8).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(all.AsSpan()));
        return all;
    }

    /// <summary>Tokens and labels: I64 in the file, within the range of an int.</summary>
    public int[] ToInts() => Array.ConvertAll(ToLongs(), value => checked((int)value));
}
