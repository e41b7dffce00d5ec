using System.Globalization;
using System.Text.RegularExpressions;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Adapters;

/// <summary>
/// A LoRA adapter in PEFT's directory format: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>. Writes what
/// <c>PeftModel.from_pretrained</c> loads; reads adapters of other makers, too, with their rank and alpha patterns, rank-stabilised scales
/// and spellings of module paths.
/// </summary>
/// <param name="Adapter">The projections of the text tower, in the current spelling. Its update of a module is (Alpha / r) B A with r the
/// module's own rank; where the file scales modules differently, B carries the difference.</param>
/// <param name="Others">Modules elsewhere (a vision tower, an output head), under the same scale; Layer is -1.</param>
/// <param name="BaseModel">What the adapter says it was trained on; may be null.</param>
/// <param name="Dropout">Of its training.</param>
public sealed partial record PeftAdapter(LoraAdapter Adapter, IReadOnlyList<LoraModule> Others, string? BaseModel, double Dropout)
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
        var ranks = adapter.Modules.Where(m => m.A.Length / m.InFeatures != adapter.Rank)
            .ToDictionary(m => Regex.Escape(m.ModulePath), m => m.A.Length / m.InFeatures);
        var json = PeftConfig.Write(baseModel, adapter.Rank, adapter.Alpha, dropout, targets.Names, targets.IsRegex, targets.Layers, ranks,
            new Dictionary<string, double>());
        SafetensorsWriter.Write(Path.Combine(directory, FileName), TensorsOf(adapter));
        WholeFile.Write(Path.Combine(directory, PeftConfig.FileName), json);
    }

    /// <exception cref="InvalidInputException">The folder holds no LoRA adapter, one of a kind that is not supported (DoRA, bias, whole
    /// modules), or tensors that do not fit together or to the configuration; the first such tensor is named.</exception>
    public static PeftAdapter Load(string directory)
    {
        var config = PeftConfig.Read(directory);
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            var pickle = File.Exists(Path.Combine(directory, "adapter_model.bin"))
                ? "; adapter_model.bin is a pickle, which is not read, so save the adapter as safetensors" : "";
            throw new InvalidInputException($"There is no {FileName} in \"{directory}\"{pickle}.");
        }
        using var file = new SafetensorsFile(path);
        var scaled = new List<(LoraModule Module, double Alpha)>();
        foreach (var (name, a) in file.Tensors.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            if (FactorName().Match(name) is not { Success: true } match)
                throw new InvalidInputException(
                    $"{path} has the tensor {name}; names of the form module.lora_A.weight and module.lora_B.weight are allowed.");
            var partner = name[..match.Groups["factor"].Index] + (match.Groups["factor"].Value == "A" ? "B" : "A")
                + name[(match.Groups["factor"].Index + 1)..];
            if (!file.Tensors.TryGetValue(partner, out var b))
                throw new InvalidInputException($"{path} has the tensor {name}, but not {partner}.");
            if (match.Groups["factor"].Value == "B")
                continue;
            if (a.Shape.Count != 2 || b.Shape.Count != 2 || a.Shape[0] != b.Shape[1])
                throw new InvalidInputException($"{path}: {name} is {Shape(a)} and {partner} {Shape(b)}; [r, in] and [out, r] are needed.");
            var modulePath = match.Groups["path"].Value;
            var rank = (int)a.Shape[0];
            if (config.RankOf(modulePath) is var stated && rank != stated)
                throw new InvalidInputException($"{path}: {name} is {Shape(a)}, but {PeftConfig.FileName} gives the rank {stated}, "
                    + $"so [{stated}, {a.Shape[1]}] is needed.");
            var known = BlockPath.Match(CurrentSpelling(modulePath));
            var (layer, projection) = known.Success
                ? (int.Parse(known.Groups["layer"].ValueSpan, CultureInfo.InvariantCulture), known.Groups["projection"].Value)
                : (-1, modulePath[(modulePath.LastIndexOf('.') + 1)..]);
            var module = new LoraModule(CurrentSpelling(modulePath), layer, projection, a.ToFloats(), b.ToFloats(), (int)a.Shape[1],
                (int)b.Shape[0]);
            scaled.Add((module, config.ScaleOf(modulePath, rank) * rank));
        }
        if (scaled.Count == 0)
            throw new InvalidInputException($"{path} holds no LoRA tensor.");
        var alphas = scaled.Select(s => s.Alpha).Distinct().ToList();
        var alpha = alphas.Count == 1 ? alphas[0] : config.Alpha;
        var order = ModelConfig.ProjectionNames.ToList();
        var modules = scaled.Select(s => s.Alpha == alpha
            ? s.Module : s.Module with { B = Array.ConvertAll(s.Module.B, value => (float)(value * (s.Alpha / alpha))) })
            .OrderBy(m => m.Layer).ThenBy(m => order.IndexOf(m.Projection)).ToList();
        return new PeftAdapter(new LoraAdapter(config.Rank, alpha, [.. modules.Where(m => m.Layer >= 0)]),
            [.. modules.Where(m => m.Layer < 0)], config.BaseModel, config.Dropout);
    }

    /// <summary>Under PEFT's names: A [r, in] and B [out, r] of every module.</summary>
    private static IEnumerable<WrittenTensor> TensorsOf(LoraAdapter adapter) => adapter.Modules.SelectMany(module =>
    {
        long r = module.A.Length / module.InFeatures;
        var name = $"base_model.model.{module.ModulePath}";
        return (WrittenTensor[])[new($"{name}.lora_A.weight", [r, module.InFeatures], module.A),
            new($"{name}.lora_B.weight", [module.OutFeatures, r], module.B)];
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

    /// <summary>Some makers leave PEFT's prefix out, put another before it, or keep the adapter's name ("default").</summary>
    [GeneratedRegex(@"^(?:module\.)?(?:base_model\.model\.)?(?<path>.+)\.lora_(?<factor>[AB])(?:\.[\w-]+)?\.weight$",
        RegexOptions.CultureInvariant)]
    private static partial Regex FactorName();

    /// <summary>The path of an adaptable projection in the text tower, in the current spelling.</summary>
    internal static Regex BlockPath { get; } = new(
        $@"^model\.(?:language_model\.)?layers\.(?<layer>\d{{1,6}})\.(?:{string.Join('|', Projection.All.GroupBy(p => p.Module).Select(
            module => $@"{module.Key}\.(?<projection>{string.Join('|', module.Select(p => p.Name))})"))})$",
        RegexOptions.CultureInvariant);
}
