using System.Buffers.Binary;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace LdcLedger.Torch.Safetensors;

/// <summary>
/// A memory-mapped <c>.safetensors</c> file: 8 bytes length (little-endian), that many bytes of JSON header, then the tensors' bytes.
/// Opening checks everything that could make a read go wrong; pages are read when touched.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const long LongestHeader = 100_000_000;                // the limit of the reference implementation

    // Those of the reference implementation. Quantised weights and vision towers have types that nothing here reads; their extent is
    // checked all the same.
    private static readonly Dictionary<string, int> Bits = new(StringComparer.Ordinal)
    {
        ["C64"] = 64, ["F64"] = 64, ["I64"] = 64, ["U64"] = 64, ["F32"] = 32, ["I32"] = 32, ["U32"] = 32,
        ["BF16"] = 16, ["F16"] = 16, ["I16"] = 16, ["U16"] = 16, ["I8"] = 8, ["U8"] = 8, ["BOOL"] = 8,
        ["F8_E4M3"] = 8, ["F8_E5M2"] = 8, ["F8_E8M0"] = 8, ["F8_E4M3FNUZ"] = 8, ["F8_E5M2FNUZ"] = 8,
        ["F6_E2M3"] = 6, ["F6_E3M2"] = 6, ["F4"] = 4,
    };

    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly SafeMemoryMappedViewHandle? _acquired;

    /// <exception cref="InvalidInputException">The file is missing, truncated, or contradicts itself.</exception>
    public SafetensorsFile(string path)
    {
        Path = path;
        try
        {
            var file = InputFile.Plain(path);
            Length = file.Length;
            RefuseOtherFormats(file);
            if (Length < 8) throw Bad($"holds {Length} bytes, fewer than the 8 of its header's length");
            _map = MemoryMappedFile.CreateFromFile(file.Open(), null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None,
                leaveOpen: false);
            _view = _map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            _acquired = _view.SafeMemoryMappedViewHandle;
            start += _view.PointerOffset;
            var header = *(ulong*)start;
            if (header > LongestHeader) throw Bad($"states a header of {header} bytes; at most {LongestHeader} are allowed");
            if ((long)header > Length - 8) throw Bad($"states a header of {header} bytes, but only {Length - 8} follow");
            (Tensors, Metadata) = ReadHeader(new ReadOnlySpan<byte>(start + 8, (int)header), start + 8 + header, Length - 8 - (long)header);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Formats that are renamed to this one more often than converted.</summary>
    private void RefuseOtherFormats(InputFile file)
    {
        var head = file.Head(8);
        if (head.AsSpan().StartsWith("GGUF"u8)) throw Bad("is a GGUF file, whatever its name; safetensors is needed");
        // A header of 640 bytes begins so, too.
        if (head is [0x80, <= 5, ..] && (head.Length < 8 || BinaryPrimitives.ReadUInt64LittleEndian(head) > LongestHeader))
            throw Bad("is a pickle of PyTorch's, whatever its name; safetensors is needed");
    }

    public string Path { get; }

    /// <summary>Bytes; behind a link those of its target.</summary>
    public long Length { get; }

    public IReadOnlyDictionary<string, MappedTensor> Tensors { get; } = new Dictionary<string, MappedTensor>();

    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <exception cref="InvalidInputException">There is no tensor of that name.</exception>
    public MappedTensor this[string name] => Tensors.TryGetValue(name, out var tensor) ? tensor : throw Bad($"has no tensor {name}");

    private (Dictionary<string, MappedTensor>, Dictionary<string, string>) ReadHeader(ReadOnlySpan<byte> json, byte* data, long dataLength)
    {
        var tensors = new Dictionary<string, MappedTensor>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(Encoding.UTF8.GetString(json));
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw Bad("has a header that is not a JSON object");
            foreach (var entry in document.RootElement.EnumerateObject())
            {
                if (entry.Name == "__metadata__")
                    foreach (var pair in entry.Value.EnumerateObject()) metadata[pair.Name] = pair.Value.GetString() ?? "";
                else if (!tensors.TryAdd(entry.Name, ReadTensor(entry, data, dataLength)))
                    throw Bad($"names tensor {entry.Name} twice");
            }
        }
        catch (Exception failure)
            when (failure is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new InvalidInputException($"{Path} has a header that is not that of a safetensors file: {failure.Message}", failure);
        }
        long end = 0;
        var last = "the header";
        foreach (var (name, tensor) in tensors.OrderBy(t => t.Value.Offset))
        {
            if (tensor.Offset < end) throw Bad($"stores tensor {name} over the bytes of {last}");
            (end, last) = (tensor.Offset + tensor.Bytes, name);
        }
        return (tensors, metadata);
    }

    private MappedTensor ReadTensor(JsonProperty entry, byte* data, long dataLength)
    {
        var dtype = entry.Value.GetProperty("dtype").GetString();
        var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToArray();
        var offsets = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(d => d.GetInt64()).ToArray();
        if (!Bits.TryGetValue(dtype ?? "", out var bits)) throw Bad($"gives tensor {entry.Name} the unknown type {dtype}");
        if (shape.Any(d => d < 0)) throw Bad($"gives tensor {entry.Name} the shape [{string.Join(", ", shape)}]");
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0])
            throw Bad($"gives tensor {entry.Name} the range [{string.Join(", ", offsets)}]");
        if (offsets[1] > dataLength)
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"is truncated: tensor {entry.Name} ends at byte {offsets[1]} of the data, but only {dataLength} are there"));
        var elements = shape.Aggregate(1L, (product, d) => checked(product * d));
        var size = (checked(elements * bits) + 7) / 8;
        if (size != offsets[1] - offsets[0])
            throw Bad($"gives tensor {entry.Name} {offsets[1] - offsets[0]} bytes; {dtype} [{string.Join(", ", shape)}] needs {size}");
        return new MappedTensor(this, entry.Name, dtype!, shape, data + offsets[0], offsets[0], offsets[1] - offsets[0]);
    }

    internal InvalidInputException Bad(string what) => new($"{Path} {what}.");

    public void Dispose()
    {
        if (_acquired is { IsClosed: false }) _acquired.ReleasePointer();
        _view?.Dispose();
        _map?.Dispose();
    }
}
