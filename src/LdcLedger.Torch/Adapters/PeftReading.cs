using System.Globalization;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Adapters;

/// <summary>The tensors of an adapter's file, sorted into modules and what else there is.</summary>
internal sealed class PeftReading
{
    private const int NamedAtMost = 3;
    private const string Magnitude = "lora_magnitude_vector", Embedding = "lora_embedding_";

    private readonly string _path;
    private readonly PeftConfig _config;
    private readonly List<(PeftTensorName Name, string Stored, MappedTensor Tensor)> _tensors;
    private readonly Dictionary<string, MappedTensor> _byName;
    private readonly Dictionary<string, MappedTensor> _magnitudes;
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly List<(string Kind, string Name, IReadOnlyList<long> Shape)> _extras = [];
    private readonly List<PeftModule> _modules = [];

    /// <exception cref="InvalidInputException">The file is of several adapters at once.</exception>
    public PeftReading(string path, PeftConfig config, SafetensorsFile file)
    {
        (_path, _config) = (path, config);
        _tensors = [.. file.Tensors.OrderBy(t => t.Key, StringComparer.Ordinal)
            .Select(t => (PeftTensorName.Of(t.Key), t.Key, t.Value))];
        _byName = file.Tensors.ToDictionary(StringComparer.Ordinal);
        var adapters = _tensors.Where(t => t.Name.Part.Length > 0).Select(t => t.Name.Adapter).Distinct().ToList();
        if (adapters.Count > 1)
            throw new InvalidInputException($"{path} holds {adapters.Count} adapters ({string.Join(", ", adapters.Select(a =>
                a ?? "one without a name").Order(StringComparer.Ordinal))}), and a configuration is of one: save each into a folder of "
                + "its own.");
        _magnitudes = _tensors.Where(t => config.Decomposed && t.Name.Part == Magnitude)
            .ToDictionary(t => t.Name.Path, t => t.Tensor, StringComparer.Ordinal);
    }

    /// <exception cref="InvalidInputException">Tensors do not fit together or to the configuration: the first such is named.</exception>
    public PeftAdapter Adapter()
    {
        var isLora = _config.PeftType == PeftConfig.Lora;
        foreach (var (name, stored, tensor) in _tensors)
            if (!isLora)
                Keep(PeftTensorKinds.Other, name, tensor);
            else if (name.Part is "lora_A" or "lora_B" && name.Leaf == "weight" || name.Part is "lora_embedding_A" or "lora_embedding_B")
                TakeFactor(name, stored, tensor);
            else if (name.Part != Magnitude)
                Keep(name.KindOfExtra(), name, tensor);
        var decomposed = _modules.Where(m => m.Magnitudes is not null).Select(m => m.Factors.ModulePath).ToHashSet();
        foreach (var (name, _, tensor) in _tensors.Where(t => isLora && t.Name.Part == Magnitude
            && !decomposed.Contains(PeftAdapter.CurrentSpelling(t.Name.Path))))
            Keep(PeftTensorKinds.Magnitude, name, tensor);
        if (isLora && _modules.Count == 0 && _extras.Count == 0)
            throw new InvalidInputException($"{_path} holds no LoRA tensor.");
        var order = ModelConfig.ProjectionNames.ToList();
        var also = PeftTensorKinds.Told(_extras);
        return new PeftAdapter(
            [.. _modules.OrderBy(m => m.Factors.Layer < 0).ThenBy(m => m.Factors.Layer)
                .ThenBy(m => m.Factors.Layer < 0 ? 0 : order.IndexOf(m.Factors.Projection))
                .ThenBy(m => m.Factors.ModulePath, StringComparer.Ordinal)],
            also, [.. NotMerged(isLora, also)], _config.PeftType, _config.BaseModel, _config.Rank, _config.Alpha,
            _config.RankStabilised, _config.Dropout, _config.LayerReplication);
    }

    private IEnumerable<string> NotMerged(bool isLora, IReadOnlyList<PeftExtra> also)
    {
        if (!isLora)
        {
            yield return $"it is an adapter of the type {_config.PeftType}, not {PeftConfig.Lora}";
            yield break;
        }
        foreach (var peculiarity in _config.Peculiarities)
            yield return peculiarity.Says;
        foreach (var extra in also)
            yield return $"it holds {extra.Words}: {Some(extra.Tensors.Select(t => t.Name))}";
        var embeddings = _modules.Where(m => m.IsEmbedding).Select(m => m.Factors.ModulePath).ToList();
        if (embeddings.Count > 0)
            yield return $"it adapts an embedding, {Some(embeddings)}, which an output head may share";
    }

    private static string Some(IEnumerable<string> names)
    {
        var all = names.ToList();
        return string.Join(", ", all.Take(NamedAtMost))
            + (all.Count > NamedAtMost ? string.Create(CultureInfo.InvariantCulture, $" and {all.Count - NamedAtMost:N0} more") : "");
    }

    private void Keep(string kind, PeftTensorName name, MappedTensor tensor) => _extras.Add((kind, name.ToString(), tensor.Shape));

    private void TakeFactor(PeftTensorName name, string stored, MappedTensor tensor)
    {
        var isA = name.Part.EndsWith('A');
        var (part, other) = ($".{name.Part}", $".{name.Part[..^1]}{(isA ? 'B' : 'A')}");
        var at = stored.LastIndexOf(part, StringComparison.Ordinal);
        var partner = stored[..at] + other + stored[(at + part.Length)..];
        if (!_byName.TryGetValue(partner, out var found))
            throw new InvalidInputException($"{_path} has the tensor {stored}, but not {partner}.");
        if (KindOf(name, tensor, found) is { } kind)
            Keep(kind, name, tensor);
        else if (isA)
            _modules.Add(Module(name, stored, tensor, partner, found));
    }

    /// <summary>Null: a factor of an update as they usually are.</summary>
    private string? KindOf(PeftTensorName name, MappedTensor one, MappedTensor other)
    {
        var isEmbedding = name.Part.StartsWith(Embedding, StringComparison.Ordinal);
        if (_config.Peculiarities.Any(p => p.Kind == Peculiar.NotTheProduct) || isEmbedding && _config.Decomposed)
            return PeftTensorKinds.NotTheProduct;
        var module = name.Path;
        while (module.EndsWith(".base_layer", StringComparison.Ordinal))   // one in the other, where several parameters are adapted
            module = module[..^".base_layer".Length];
        if (_config.TargetParameters.Select(parameter => parameter[..Math.Max(0, parameter.LastIndexOf('.'))])
            .Any(owner => module == owner || module.EndsWith('.' + owner, StringComparison.Ordinal)))
            return PeftTensorKinds.OfParameter;
        return one.Shape.Count > 2 && other.Shape.Count > 2 ? PeftTensorKinds.Convolution : null;
    }

    private PeftModule Module(PeftTensorName name, string storedA, MappedTensor a, string storedB, MappedTensor b)
    {
        if (a.Shape.Count != 2 || b.Shape.Count != 2 || a.Shape[0] != b.Shape[1] || a.Elements == 0 || b.Elements == 0)
            throw new InvalidInputException($"{_path}: {storedA} is {PeftAdapter.Shape(a)} and {storedB} {PeftAdapter.Shape(b)}; "
                + "[r, in] and [out, r] are needed, none of them 0.");
        var rank = (int)a.Shape[0];
        int stated;
        double alpha, scale;
        try
        {
            (stated, alpha, scale) = (_config.RankOf(name.Path), _config.AlphaOf(name.Path), _config.ScaleOf(name.Path, rank));
        }
        catch (System.Text.RegularExpressions.RegexMatchTimeoutException e)
        {
            throw new InvalidInputException(
                $"A pattern of {PeftConfig.FileName} beside {_path} takes longer than a second to match {name.Path}: {e.Pattern}.", e);
        }
        if (rank != stated)
            throw new InvalidInputException(
                $"{_path}: {storedA} is {PeftAdapter.Shape(a)}, but {PeftConfig.FileName} gives the rank {stated}, "
                + $"so [{stated}, {a.Shape[1]}] is needed.");
        var modulePath = PeftAdapter.CurrentSpelling(name.Path);
        if (!_paths.Add(modulePath))
            throw new InvalidInputException($"{_path} has the module {modulePath} twice, in two spellings.");
        var isEmbedding = name.Part.StartsWith(Embedding, StringComparison.Ordinal);
        var known = PeftAdapter.BlockPath.Match(modulePath);
        var (layer, projection) = known.Success && !isEmbedding
            ? (int.Parse(known.Groups["layer"].ValueSpan, CultureInfo.InvariantCulture), known.Groups["projection"].Value)
            : (-1, modulePath[(modulePath.LastIndexOf('.') + 1)..]);
        return new PeftModule(
            new LoraModule(modulePath, layer, projection, a.ToFloats(), b.ToFloats(), (int)a.Shape[1], (int)b.Shape[0]),
            alpha, scale, MagnitudesOf(name, storedA, b), isEmbedding);
    }

    private float[]? MagnitudesOf(PeftTensorName name, string storedA, MappedTensor b)
    {
        if (!_config.Decomposed)
            return null;
        if (!_magnitudes.TryGetValue(name.Path, out var magnitudes))
            throw new InvalidInputException($"{_path} has the tensor {storedA}, but not lora_magnitude_vector of that module, which "
                + "use_dora asks for.");
        return magnitudes.Elements == b.Shape[0] ? magnitudes.ToFloats()
            : throw new InvalidInputException($"{_path}: {magnitudes.Name} is {PeftAdapter.Shape(magnitudes)}, and the module has "
                + $"{b.Shape[0]} outputs; [{b.Shape[0]}] is needed.");
    }
}
