using System.Text.Json;

namespace LdcLedger.Torch.Safetensors;

/// <summary>
/// The weights of a Hugging Face directory: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names. Where
/// both are there the whole file is read, as transformers does.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    /// <summary>The file of an unsharded checkpoint, and the one that names the shards of another.</summary>
    public const string WholeName = "model.safetensors", IndexName = "model.safetensors.index.json";

    // Weights that other programs write; none of them is read.
    private static readonly string[] OtherEndings = [".safetensors", ".bin", ".pth", ".pt", ".gguf", ".h5", ".msgpack", ".onnx"];

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, MappedTensor> _tensors = new(StringComparer.Ordinal);

    /// <exception cref="InvalidInputException">No weights are there, a shard is missing, or a file is damaged.</exception>
    public Checkpoint(string directory)
    {
        Directory = directory;
        var whole = Path.Combine(directory, WholeName);
        var index = Path.Combine(directory, IndexName);
        try
        {
            var indexed = InputEntry.At(index).IsThere;
            if (InputEntry.At(whole).IsThere)
            {
                Files = [whole];
                if (indexed)
                    Notes = [$"{directory} holds both {WholeName} and an index of shards, {IndexName}; "
                        + "the whole file is read, as in transformers, and no shard."];
            }
            else
            {
                (Files, Index) = (indexed ? ShardsOf(directory, index) : throw Absent(directory), index);
                var beside = OtherWeights(directory).Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal))
                    .Except(Files.Select(file => Path.GetFileName(file))).ToList();
                if (beside.Count > 0)
                    Notes = [$"{index} does not name all weights of its folder: {Lie(beside)} there, and only what it names is read."];
            }
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

    /// <summary>The index that named them; null where one file holds all.</summary>
    public string? Index { get; }

    /// <summary>Sentences on what else is there and is not read.</summary>
    public IReadOnlyList<string> Notes { get; } = [];

    /// <summary>Bytes of the files, of their targets where they are links.</summary>
    public long Bytes => _files.Sum(file => file.Length);

    public IReadOnlyDictionary<string, MappedTensor> Tensors => _tensors;

    /// <exception cref="InvalidInputException">There is no tensor of that name.</exception>
    public MappedTensor this[string name] =>
        _tensors.TryGetValue(name, out var tensor)
            ? tensor : throw new InvalidInputException($"{Directory} has no tensor {name}, which its config.json implies.");

    /// <summary>Whether the directory seems to hold weights at all.</summary>
    public static bool ExistsIn(string directory) =>
        InputEntry.At(Path.Combine(directory, WholeName)).IsThere || InputEntry.At(Path.Combine(directory, IndexName)).IsThere;

    private static List<string> ShardsOf(string directory, string index)
    {
        using var document = JsonFile.Read(index);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException(
                $"{index} is not the index of a sharded checkpoint: it has no weight_map of tensors and their shards.");
        var shards = map.EnumerateObject().Select(entry => entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()!
                : throw new InvalidInputException(
                    $"{index} is not the index of a sharded checkpoint: it names {entry.Value.GetRawText()} as the shard of {entry.Name}."))
            .Distinct().Order(StringComparer.Ordinal).ToList();
        if (shards.Count == 0)
            throw new InvalidInputException($"{index} is not the index of a sharded checkpoint: its weight_map is empty.");
        foreach (var shard in shards)
            if (Path.GetFileName(shard) != shard || !shard.EndsWith(".safetensors", StringComparison.Ordinal))
                throw new InvalidInputException($"{index} names the shard {shard}; a plain file name that ends in .safetensors is needed.");
        var missing = shards.Where(shard => !InputEntry.At(Path.Combine(directory, shard)).IsThere).ToList();
        if (missing.Count == 0)
            return [.. shards.Select(shard => Path.Combine(directory, shard))];
        var more = missing.Count == 1 ? "" : $" (and {missing.Count - 1} of its {shards.Count} shards besides)";
        var beside = OtherWeights(directory).Except(shards).ToList();
        throw new InvalidInputException($"{index} names the shard {missing[0]}, which is not there{more}"
            + (beside.Count == 0 ? "." : $"; beside it, not named by it, {Lie(beside)}."));
    }

    private static InvalidInputException Absent(string directory)
    {
        if (InputEntry.At(directory) is { Kind: not EntryKind.Folder } entry)
            return new($"{directory} {entry.Objection ?? "is a file, not the folder of a model"}{PathHint.ForModel(directory)}.");
        var others = OtherWeights(directory);
        var shards = others.Where(name => name.StartsWith("model-", StringComparison.Ordinal) && name.EndsWith(".safetensors",
            StringComparison.Ordinal)).ToList();
        return new($"{directory} holds neither {WholeName} nor {IndexName}"
            + (shards.Count > 0 ? $"; shards without the index that names them {Lie(shards)}."
                : others.Contains("adapter_model.safetensors") ? "; it holds a PEFT adapter, so the folder of its base is needed."
                : others.Count > 0 ? $"; {Lie(others)} there, but only these two are read, so save the model as safetensors." : "."));
    }

    private static List<string> OtherWeights(string directory) =>
        [.. System.IO.Directory.EnumerateFiles(directory).Select(file => Path.GetFileName(file)!)
            .Where(name => OtherEndings.Contains(Path.GetExtension(name))).Order(StringComparer.Ordinal)];

    private static string Lie(List<string> names) =>
        string.Join(", ", names.Take(3)) + (names.Count > 3 ? $" and {names.Count - 3} more" : "") + (names.Count == 1 ? " lies" : " lie");

    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
        _files.Clear();
    }
}
