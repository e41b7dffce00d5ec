using LdcLedger.Domain.Specs;
using LdcLedger.Specs.Resolution;
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
/// <param name="Notes">Sentences on what a user may not expect of it.</param>
public sealed record PlannedModel(ModelSpec Spec, ModelConfig? Config, string ShapeFrom, Tokenizer? Tokenizer, DocumentTemplate? Template,
    IReadOnlyList<Missing> Missing, IReadOnlyList<string> Notes)
{
    public string Name => Spec.Name;

    /// <param name="place">Where the spec file names it.</param>
    /// <param name="findings">Takes what speaks against its tokenizer.</param>
    /// <exception cref="InvalidInputException">What is there cannot be used.</exception>
    public static PlannedModel Of(SpecFile file, ModelSpec spec, string place, List<SpecFinding> findings)
    {
        var missing = new List<Missing>();
        var needs = $"model {spec.Name}";
        if (!InputEntry.At(spec.Path).IsThere)
        {
            missing.Add(new(needs, spec.Path,
                "a Hugging Face directory: config.json, tokenizer.json and model.safetensors (or its shards with their index)"
                + PathHint.ForModel(spec.Path, file.Folder)));
            var (shape, told) = ShapeByName(spec);
            return new(spec, shape, told, null, null, missing, []);
        }
        StudyResolution.CheckIsFolder(file, spec);
        bool configured = Holds("config.json"), weighed = Checkpoint.ExistsIn(spec.Path);
        if (!configured)
            missing.Add(new(needs, Path.Combine(spec.Path, "config.json"),
                "the model's configuration" + PathHint.ForModel(spec.Path, file.Folder)));
        if (!Holds("tokenizer.json"))
            missing.Add(new(needs, Path.Combine(spec.Path, "tokenizer.json"), "the model's tokenizer"));
        if (!weighed)
            missing.Add(new(needs, Path.Combine(spec.Path, "model.safetensors"),
                "the weights: this file, or shards with model.safetensors.index.json"));
        var notes = new List<string>();
        var (config, from) = configured ? (ConfigOf(spec.Path, weighed, notes), "config.json") : ShapeByName(spec);
        if (weighed && !configured)
            new Checkpoint(spec.Path).Dispose();
        var words = Holds("tokenizer.json") ? StudyResolution.WordsOf(file, spec, config, place, findings, notes) : null;
        return new(spec, config, from, words?.Tokenizer, words?.Template, missing, notes);

        bool Holds(string name) => InputEntry.At(Path.Combine(spec.Path, name)).IsThere;
    }

    private static ModelConfig ConfigOf(string path, bool weighed, List<string> notes)
    {
        if (!weighed)
            return ModelConfig.Read(path);
        using var opened = ModelDirectory.Open(path);
        notes.AddRange(opened.Notes);
        return opened.Config;
    }

    /// <summary>The shape of the published model that its name, or the last part of its path, tells; no file is looked at.</summary>
    public static (ModelConfig? Config, string From) ShapeByName(ModelSpec spec)
    {
        var shape = PublishedShapes.NamedBy(spec.Name)
            ?? PublishedShapes.NamedBy(Path.GetFileName(Path.TrimEndingDirectorySeparator(spec.Path)));
        return shape is null ? (null, "unknown") : (PublishedShapes.Of(shape), $"published {shape}");
    }
}
