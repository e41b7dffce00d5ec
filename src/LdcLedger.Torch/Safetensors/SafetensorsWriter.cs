using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace LdcLedger.Torch.Safetensors;

/// <summary>A tensor to be written: fp32 numbers, or bf16 bit patterns of the same row-major shape.</summary>
public sealed record WrittenTensor(string Name, long[] Shape, ReadOnlyMemory<float> Floats, ReadOnlyMemory<ushort> BrainFloats = default)
{
    internal bool IsBrain => Floats.IsEmpty && !BrainFloats.IsEmpty;

    internal long Elements => IsBrain ? BrainFloats.Length : Floats.Length;
}

/// <summary>Writes <c>.safetensors</c> files whole or not at all: a temporary name, fsync, rename.</summary>
public static class SafetensorsWriter
{
    /// <param name="path">Replaced when it exists.</param>
    /// <param name="tensors">Written in order of name, as the reference implementation does for equal types.</param>
    /// <param name="metadata">Beside <c>format: pt</c>, which PyTorch readers ask for.</param>
    /// <exception cref="IOException">The disk is full or cannot be written; nothing is left behind.</exception>
    public static void Write(string path, IEnumerable<WrittenTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        var header = Header(ordered, metadata);
        WholeFile.Write(path, file =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            file.Write(length);
            file.Write(header);
            foreach (var tensor in ordered)
                file.Write(tensor.IsBrain ? MemoryMarshal.AsBytes(tensor.BrainFloats.Span) : MemoryMarshal.AsBytes(tensor.Floats.Span));
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
