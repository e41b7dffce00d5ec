using System.Text.Json;

namespace LdcLedger.Torch.Safetensors;

/// <summary>
/// The weights of a Hugging Face directory: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, MappedTensor> _tensors = new(StringComparer.Ordinal);

    /// <exception cref="InvalidInputException">No weights are there, a shard is missing, or a file is damaged.</exception>
    public Checkpoint(string directory)
    {
        Directory = directory;
        try
        {
            Files = FilesOf(directory);
            foreach (var path in Files)
            {
                var file = new SafetensorsFile(path);
                _files.Add(file);
                foreach (var (name, tensor) in file.Tensors)
                    if (!_tensors.TryAdd(name, tensor)) throw file.Bad($"holds tensor {name}, which another shard holds, too");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Directory { get; }

    /// <summary>The files that hold the weights, in order of name.</summary>
    public IReadOnlyList<string> Files { get; } = [];

    public IReadOnlyDictionary<string, MappedTensor> Tensors => _tensors;

    /// <exception cref="InvalidInputException">There is no tensor of that name.</exception>
    public MappedTensor this[string name] =>
        _tensors.TryGetValue(name, out var tensor)
            ? tensor : throw new InvalidInputException($"{Directory} has no tensor {name}, which its config.json implies.");

    /// <summary>Whether the directory seems to hold weights at all.</summary>
    public static bool ExistsIn(string directory) =>
        File.Exists(Path.Combine(directory, "model.safetensors")) || File.Exists(Path.Combine(directory, "model.safetensors.index.json"));

    private static List<string> FilesOf(string directory)
    {
        var index = Path.Combine(directory, "model.safetensors.index.json");
        var single = Path.Combine(directory, "model.safetensors");
        if (!File.Exists(index))
            return File.Exists(single) ? [single]
                : throw new InvalidInputException($"{directory} holds neither model.safetensors nor model.safetensors.index.json.");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(index));
            var shards = document.RootElement.GetProperty("weight_map")
                .EnumerateObject().Select(entry => entry.Value.GetString()!).Distinct().Order(StringComparer.Ordinal).ToList();
            foreach (var shard in shards)
            {
                if (Path.GetFileName(shard) != shard)
                    throw new InvalidInputException($"{index} names the shard {shard}; a plain file name is needed.");
                if (!File.Exists(Path.Combine(directory, shard)))
                    throw new InvalidInputException($"{index} names the shard {shard}, which is not there.");
            }
            return [.. shards.Select(shard => Path.Combine(directory, shard))];
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidInputException($"{index} is not the index of a sharded checkpoint: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
        _files.Clear();
    }
}
