using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LdcLedger.Torch.Safetensors;

/// <summary>A tensor to be written: fp32 numbers, or bf16 bit patterns of the same row-major shape.</summary>
public sealed record WrittenTensor(string Name, long[] Shape, ReadOnlyMemory<float> Floats, ReadOnlyMemory<ushort> BrainFloats = default)
{
    private readonly Func<float[]>? _later;

    /// <param name="later">Makes the fp32 numbers when they are written, so that not all tensors' have to be there at a time.</param>
    public WrittenTensor(string name, long[] shape, Func<float[]> later)
        : this(name, shape, ReadOnlyMemory<float>.Empty) => _later = later;

    internal bool IsBrain => _later is null && Floats.IsEmpty && !BrainFloats.IsEmpty;

    internal long Elements => _later is not null ? Shape.Aggregate(1L, (product, d) => product * d)
        : IsBrain ? BrainFloats.Length : Floats.Length;

    internal ReadOnlyMemory<float> Numbers => _later is null ? Floats
        : _later() is { } made && made.LongLength == Elements ? made
        : throw new InvalidOperationException($"{Name} was made with other than its {Elements} elements.");
}

/// <summary>Writes <c>.safetensors</c> files whole or not at all: a temporary name, fsync, rename.</summary>
public static class SafetensorsWriter
{
    /// <param name="path">Replaced when it exists.</param>
    /// <param name="tensors">Written in order of name, as the reference implementation does for equal types.</param>
    /// <param name="metadata">Beside <c>format: pt</c>, which PyTorch readers ask for.</param>
    /// <exception cref="IOException">The disk is full or cannot be written; nothing is left behind.</exception>
    public static void Write(string path, IEnumerable<WrittenTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        Write(path, tensors, metadata, null);

    /// <returns>SHA-256 of the file, lower-case hex, computed while it is written.</returns>
    /// <inheritdoc cref="Write(string, IEnumerable{WrittenTensor}, IReadOnlyDictionary{string, string})"/>
    internal static string WriteHashed(
        string path, IEnumerable<WrittenTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Write(path, tensors, metadata, hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Write(
        string path, IEnumerable<WrittenTensor> tensors, IReadOnlyDictionary<string, string>? metadata, IncrementalHash? hash)
    {
        var ordered = tensors.OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        var header = Header(ordered, metadata);
        WholeFile.Write(path, file =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            Put(length);
            Put(header);
            foreach (var tensor in ordered)
                Put(tensor.IsBrain ? MemoryMarshal.AsBytes(tensor.BrainFloats.Span) : MemoryMarshal.AsBytes(tensor.Numbers.Span));

            void Put(ReadOnlySpan<byte> bytes)
            {
                file.Write(bytes);
                hash?.AppendData(bytes);
            }
        });
    }

    private static byte[] Header(List<WrittenTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("__metadata__");
            writer.WriteString("format", "pt");
            foreach (var (key, value) in metadata ?? new Dictionary<string, string>()) writer.WriteString(key, value);
            writer.WriteEndObject();
            long offset = 0;
            foreach (var tensor in tensors)
            {
                if (tensor.Elements != tensor.Shape.Aggregate(1L, (product, d) => product * d))
                    throw new ArgumentException(
                        $"{tensor.Name}: {tensor.Elements} elements do not fill [{string.Join(", ", tensor.Shape)}].", nameof(tensors));
                var bytes = tensor.Elements * (tensor.IsBrain ? 2 : 4);
                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", tensor.IsBrain ? "BF16" : "F32");
                writer.WriteStartArray("shape");
                foreach (var d in tensor.Shape) writer.WriteNumberValue(d);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(offset + bytes);
                writer.WriteEndArray();
                writer.WriteEndObject();
                offset += bytes;
            }
            writer.WriteEndObject();
        }
        var text = Encoding.UTF8.GetString(json.ToArray());
        return Encoding.UTF8.GetBytes(text.PadRight((text.Length + 7) / 8 * 8));   // the data begins at a multiple of 8
    }
}
