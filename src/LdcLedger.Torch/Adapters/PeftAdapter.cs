using System.Text.RegularExpressions;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Adapters;

/// <summary>One adapted module, as its file has it: Scale B A is what the adapter adds to its weight.</summary>
/// <param name="Factors">B [out, r] and A [r, in]; Layer is -1 outside of the text tower's blocks.</param>
/// <param name="Alpha">lora_alpha of this module.</param>
/// <param name="Scale">alpha / r, or alpha / sqrt(r) where the adapter is rank-stabilised; may be 0 or negative.</param>
/// <param name="Magnitudes">[out] of DoRA: the norm of every row of the adapted weight, which is (W + Scale B A) scaled to it; else
/// null.</param>
/// <param name="IsEmbedding">Whether its weight is stored [in, out], as an embedding's: B A is added transposed.</param>
public sealed record PeftModule(LoraModule Factors, double Alpha, double Scale, float[]? Magnitudes = null, bool IsEmbedding = false)
{
    /// <summary>||dW||_F; null where it depends on W, as DoRA's does.</summary>
    public double? DeltaFrobenius() => Magnitudes is null ? Math.Abs(Scale) * UpdateNorms.ProductFrobenius(Factors) : null;
}

/// <summary>
/// A LoRA adapter in PEFT's directory format: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>. Writes what
/// <c>PeftModel.from_pretrained</c> loads; reads adapters of other makers, too, with their rank and alpha patterns, rank-stabilised scales
/// and spellings of module paths, and tells what else is in them.
/// </summary>
/// <param name="Modules">Those of the text tower in order of layer and projection, then the others in order of path; in the current
/// spelling. None, where the adapter is of another type than LoRA.</param>
/// <param name="Also">What else the file holds.</param>
/// <param name="NotMerged">Why W + dW would not be the adapted model, reason by reason; empty where it is.</param>
/// <param name="PeftType">LORA, or another.</param>
/// <param name="BaseModel">What the adapter says it was trained on; may be null.</param>
/// <param name="Rank">r of a module that no pattern names.</param>
/// <param name="Alpha">lora_alpha of a module that no pattern names.</param>
/// <param name="RankStabilised">Whether scales are alpha / sqrt(r).</param>
/// <param name="Dropout">Of its training.</param>
/// <param name="LayerReplication">Which layers of the base its layers are, where some repeat; else null.</param>
public sealed record PeftAdapter(
    IReadOnlyList<PeftModule> Modules, IReadOnlyList<PeftExtra> Also, IReadOnlyList<string> NotMerged, string PeftType,
    string? BaseModel, int Rank, double Alpha, bool RankStabilised, double Dropout, string? LayerReplication)
{
    private const string FileName = "adapter_model.safetensors";

    /// <param name="directory">Created if need be; files of an adapter that it holds are replaced.</param>
    /// <param name="config">The base model, whose layers and family decide how the targets are named.</param>
    /// <param name="baseModel">What to name as the base: a path or a hub's name, or null.</param>
    /// <exception cref="IOException">The disk is full or cannot be written.</exception>
    public static void Save(LoraAdapter adapter, string directory, ModelConfig config, string? baseModel = null, double dropout = 0)
    {
        Directory.CreateDirectory(directory);
        var targets = PeftTargets.For(adapter, config);
        // alpha is one for all: a module of another rank needs its own rank only.
        var ranks = adapter.Modules.Where(m => m.Rank != adapter.Rank).ToDictionary(m => Regex.Escape(m.ModulePath), m => m.Rank);
        var json = PeftConfig.Write(baseModel, adapter.Rank, adapter.Alpha, dropout, targets.Names, targets.IsRegex, targets.Layers, ranks,
            new Dictionary<string, double>());
        SafetensorsWriter.Write(Path.Combine(directory, FileName), TensorsOf(adapter));
        WholeFile.Write(Path.Combine(directory, PeftConfig.FileName), json);
    }

    /// <summary>What a run has trained, as if it had been loaded.</summary>
    public static PeftAdapter Of(LoraAdapter trained) => new(
        [.. trained.Modules.Select(m => new PeftModule(m, trained.Alpha, trained.Alpha / m.Rank))], [], [], PeftConfig.Lora,
        null, trained.Rank, trained.Alpha, RankStabilised: false, 0, null);

    /// <exception cref="InvalidInputException">The folder holds no adapter; B A is not what was learned, since its factors were taken out
    /// of the base; or tensors do not fit together or to the configuration: the first such tensor is named.</exception>
    public static PeftAdapter Load(string directory)
    {
        var config = PeftConfig.Read(directory);
        var path = Path.Combine(directory, FileName);
        if (!InputEntry.At(path).IsThere)
        {
            var pickle = File.Exists(Path.Combine(directory, "adapter_model.bin"))
                ? "; adapter_model.bin is a pickle, which is not read, so save the adapter as safetensors" : "";
            throw new InvalidInputException($"There is no {FileName} in \"{directory}\"{pickle}.");
        }
        if (config.Peculiarities.FirstOrDefault(p => p.Kind == Peculiar.FromTheBase) is { } taken)
            throw new InvalidInputException($"{Path.Combine(directory, PeftConfig.FileName)}: {taken.Says}.");
        using var file = new SafetensorsFile(path);
        return new PeftReading(path, config, file).Adapter();
    }

    /// <summary>
    /// The projections of the text tower as models take them, under one alpha: where the file scales modules differently, B carries the
    /// difference.
    /// </summary>
    /// <exception cref="InvalidInputException">A module's update is not a multiple of B A (DoRA).</exception>
    public LoraAdapter TextTower()
    {
        var modules = Modules.Where(m => m.Factors.Layer >= 0).ToList();
        if (modules.Find(m => m.Magnitudes is not null) is { } decomposed)
            throw new InvalidInputException(
                $"The adapter's {decomposed.Factors.ModulePath} is DoRA's; a model takes plain LoRA, so merge the adapter into its base.");
        var alphas = modules.ConvertAll(m => RankStabilised ? m.Scale * m.Factors.Rank : m.Alpha);
        var one = alphas.Count == 0 ? Alpha : alphas.MaxBy(Math.Abs);
        return new LoraAdapter(Rank, one, [.. modules.Zip(alphas, (m, alpha) => alpha == one
            ? m.Factors : m.Factors with { B = Array.ConvertAll(m.Factors.B, value => (float)(value * (alpha / one))) })]);
    }

    /// <summary>Under PEFT's names: A [r, in] and B [out, r] of every module.</summary>
    private static IEnumerable<WrittenTensor> TensorsOf(LoraAdapter adapter) => adapter.Modules.SelectMany(module =>
    {
        var name = $"base_model.model.{module.ModulePath}";
        return (WrittenTensor[])[new($"{name}.lora_A.weight", [module.Rank, module.InFeatures], module.A),
            new($"{name}.lora_B.weight", [module.OutFeatures, module.Rank], module.B)];
    });

    /// <summary>
    /// The path of a module or tensor as current transformers spells it: the towers of a multimodal model lie inside <c>model</c>.
    /// </summary>
    internal static string CurrentSpelling(string path)
    {
        if (path.StartsWith("language_model.model.", StringComparison.Ordinal))
            return "model.language_model." + path["language_model.model.".Length..];
        if (path.StartsWith("language_model.lm_head", StringComparison.Ordinal))
            return path["language_model.".Length..];
        return path.StartsWith("vision_tower.", StringComparison.Ordinal)
            || path.StartsWith("multi_modal_projector.", StringComparison.Ordinal)
            || path.StartsWith("language_model.layers.", StringComparison.Ordinal) || path.StartsWith("layers.", StringComparison.Ordinal)
                ? "model." + path : path;
    }

    internal static string Shape(MappedTensor tensor) => $"[{string.Join(", ", tensor.Shape)}]";

    /// <summary>The path of an adaptable projection in the text tower, in the current spelling.</summary>
    internal static Regex BlockPath { get; } = new(
        $@"^model\.(?:language_model\.)?layers\.(?<layer>[0-9]{{1,6}})\.(?:{string.Join('|', Projection.All.GroupBy(p => p.Module).Select(
            module => $@"{module.Key}\.(?<projection>{string.Join('|', module.Select(p => p.Name))})"))})$",
        RegexOptions.CultureInvariant);
}
