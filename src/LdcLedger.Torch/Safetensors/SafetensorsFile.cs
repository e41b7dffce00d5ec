using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace LdcLedger.Torch.Safetensors;

/// <summary>The element types that model and adapter files use.</summary>
public enum ElementType { F32, BF16, F16, I64 }

/// <summary>
/// A memory-mapped <c>.safetensors</c> file: 8 bytes length (little-endian), that many bytes of JSON header, then the tensors' bytes.
/// Opening checks everything that could make a read go wrong; pages are read when touched.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const long LongestHeader = 100_000_000;                // the limit of the reference implementation

    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly SafeMemoryMappedViewHandle? _acquired;

    /// <exception cref="InvalidInputException">The file is missing, truncated, or contradicts itself.</exception>
    public SafetensorsFile(string path)
    {
        Path = path;
        try
        {
            var length = new FileInfo(path).Length;
            if (length < 8) throw Bad($"holds {length} bytes, fewer than the 8 of its header's length");
            _map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            _view = _map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            _acquired = _view.SafeMemoryMappedViewHandle;
            start += _view.PointerOffset;
            var header = *(ulong*)start;
            if (header > LongestHeader) throw Bad($"states a header of {header} bytes; at most {LongestHeader} are allowed");
            if ((long)header > length - 8) throw Bad($"states a header of {header} bytes, but only {length - 8} follow");
            (Tensors, Metadata) = ReadHeader(new ReadOnlySpan<byte>(start + 8, (int)header), start + 8 + header, length - 8 - (long)header);
        }
        catch (Exception failure)
        {
            Dispose();
            if (failure is FileNotFoundException or DirectoryNotFoundException)
                throw new InvalidInputException($"{path} does not exist.", failure);
            if (failure is UnauthorizedAccessException)
                throw new InvalidInputException($"{path} cannot be read: {failure.Message}", failure);
            throw;
        }
    }

    public string Path { get; }

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
        // Vision towers may hold types that nothing here reads; their extent is checked all the same.
        var size = dtype switch
        {
            "F64" or "I64" or "U64" => 8,
            "F32" or "I32" or "U32" => 4,
            "BF16" or "F16" or "I16" or "U16" => 2,
            "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" => 1,
            _ => throw Bad($"gives tensor {entry.Name} the unknown type {dtype}"),
        };
        if (shape.Any(d => d < 0)) throw Bad($"gives tensor {entry.Name} the shape [{string.Join(", ", shape)}]");
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0])
            throw Bad($"gives tensor {entry.Name} the range [{string.Join(", ", offsets)}]");
        if (offsets[1] > dataLength)
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"is truncated: tensor {entry.Name} ends at byte {offsets[1]} of the data, but only {dataLength} are there"));
        var elements = shape.Aggregate(1L, (product, d) => checked(product * d));
        if (checked(elements * size) != offsets[1] - offsets[0])
            throw Bad(
                $"gives tensor {entry.Name} {offsets[1] - offsets[0]} bytes; {dtype} [{string.Join(", ", shape)}] needs {elements * size}");
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
