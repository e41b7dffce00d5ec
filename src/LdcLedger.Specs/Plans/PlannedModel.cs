using LdcLedger.Domain.Specs;
using LdcLedger.Torch;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Specs.Plans;

/// <summary>Something that the study needs and that is not there.</summary>
/// <param name="Needs">What misses it: <c>model llama-3.2-1b</c>.</param>
/// <param name="Place">Where it is expected.</param>
/// <param name="What">What is expected there.</param>
public sealed record Missing(string Needs, string Place, string What);

/// <summary>A model of the spec with as much of it as is on disk.</summary>
/// <param name="Config">Null where neither config.json nor the name tells the shape.</param>
/// <param name="ShapeFrom">Where <paramref name="Config"/> comes from, in words.</param>
public sealed record PlannedModel(ModelSpec Spec, ModelConfig? Config, string ShapeFrom, Tokenizer? Tokenizer, DocumentTemplate? Template,
    IReadOnlyList<Missing> Missing)
{
    public string Name => Spec.Name;

    /// <exception cref="InvalidInputException">What is there cannot be used.</exception>
    public static PlannedModel Of(ModelSpec spec, string template)
    {
        var missing = new List<Missing>();
        var (config, from) = ShapeOf(spec);
        var needs = $"model {spec.Name}";
        if (!Directory.Exists(spec.Path))
        {
            missing.Add(new(needs, spec.Path,
                "a Hugging Face directory: config.json, tokenizer.json and model.safetensors (or its shards with their index)"));
            return new(spec, config, from, null, null, missing);
        }
        if (!File.Exists(Path.Combine(spec.Path, "config.json")))
            missing.Add(new(needs, Path.Combine(spec.Path, "config.json"), "the model's configuration"));
        Tokenizer? tokenizer = null;
        if (File.Exists(Path.Combine(spec.Path, "tokenizer.json")))
            tokenizer = Tokenizer.Load(spec.Path);
        else
            missing.Add(new(needs, Path.Combine(spec.Path, "tokenizer.json"), "the model's tokenizer"));
        if (Checkpoint.ExistsIn(spec.Path))
            new Checkpoint(spec.Path).Dispose();
        else
            missing.Add(new(needs, Path.Combine(spec.Path, "model.safetensors"),
                "the weights: this file, or shards with model.safetensors.index.json"));
        return new(spec, config, from, tokenizer, tokenizer is null ? null : DocumentTemplate.Read(template, tokenizer), missing);
    }

    private static (ModelConfig? Config, string From) ShapeOf(ModelSpec spec)
    {
        if (File.Exists(Path.Combine(spec.Path, "config.json")))
            return (ModelConfig.Read(spec.Path), "config.json");
        var shape = PublishedShapes.NamedBy(spec.Name)
            ?? PublishedShapes.NamedBy(Path.GetFileName(Path.TrimEndingDirectorySeparator(spec.Path)));
        return shape is null ? (null, "unknown") : (PublishedShapes.Of(shape), $"published {shape}");
    }
}
