using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Models;

/// <summary>
/// A Hugging Face directory, opened: its configuration as its weights bear it out, and its weights. Whatever a run will read of them is
/// known to be there, in the shapes and types that it needs; bytes of weights are read only where a head has to be compared.
/// </summary>
public sealed class ModelDirectory : IDisposable
{
    private readonly TextTower _tower;

    private ModelDirectory(ModelConfig config, Checkpoint weights, TextTower tower, IReadOnlyList<string> notes) =>
        (Config, Weights, _tower, Notes) = (config, weights, tower, notes);

    public ModelConfig Config { get; }

    public Checkpoint Weights { get; }

    /// <summary>Sentences on what a user may not expect of this directory: what is passed over, and what was decided how.</summary>
    public IReadOnlyList<string> Notes { get; }

    internal WeightSource Source => new CheckpointSource(Weights, _tower);

    /// <param name="path">Folder of config.json and model.safetensors, or shards with their index.</param>
    /// <exception cref="InvalidInputException">Something is missing, of another shape or type than the configuration implies, quantised by
    /// a scheme that is not read, or contradicts the configuration.</exception>
    public static ModelDirectory Open(string path)
    {
        // The configuration first where there are no weights: a path that is none of a model's is told best by what it lacks.
        if (!Checkpoint.ExistsIn(path)) _ = ModelConfig.Read(path);
        var weights = new Checkpoint(path);
        try
        {
            var stored = Quantisation.Of(weights);
            var stated = ModelConfig.Read(path, out var head);
            var tower = TextTower.In(weights, stated);
            var notes = weights.Notes.ToList();
            var config = stated with
            {
                // A text model that stands alone is one, whatever class its config.json names.
                Multimodal = stated.Multimodal && tower.BelongsToMultimodal,
                TiedHead = HeadIsTied(weights, stated, head, tower, notes),
                StoredForm = stored,
            };
            var source = new CheckpointSource(weights, tower);
            BaseModel.Check(source, config);
            if (tower.Others.Count > 0)
                notes.Add($"{path} holds text models of the same shapes under {tower.Prefix} and {string.Join(" and ", tower.Others)}; "
                    + $"{tower.Prefix} is read.");
            if (source.Unasked is [var first, ..] unasked)
                notes.Add($"{path} holds {unasked.Count} {(unasked.Count == 1 ? "tensor" : "tensors")} of its layers that a "
                    + $"{config.Family.Title} of {config.Layers} layers does not have and that are not read, e.g. {first}.");
            return new ModelDirectory(config, weights, tower, notes);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether the head is the embedding. A stored head that a configuration denies is read by transformers 5 and passed over by the ones
    /// before, so the spelling of the file decides.
    /// </summary>
    private static bool HeadIsTied(Checkpoint weights, ModelConfig config, HeadStatement stated, TextTower tower, List<string> notes)
    {
        var file = Path.Combine(weights.Directory, "config.json");
        if (tower.Head is not { } name)
        {
            if (stated.Tied == false)
                throw new InvalidInputException($"{file} says tie_word_embeddings false, but the weights hold no lm_head.weight; "
                    + "if the embedding is the head, true says so.");
            if (!config.TiedHead)
                notes.Add($"{file} does not say tie_word_embeddings, and the weights hold no lm_head.weight: the head is the embedding.");
            return true;
        }
        if (!config.TiedHead) return false;
        var embedding = weights[tower.Prefix + "embed_tokens.weight"].OfShape(config.Vocab, config.Hidden).OfFloats();
        if (weights[name].OfShape(config.Vocab, config.Hidden).OfFloats().HasNumbersOf(embedding)) return true;
        var contradiction = $"{file} ties the head to the embedding (tie_word_embeddings is "
            + $"{(stated.Tied is null ? "true unless stated" : "true")}), but the weights hold {name} with other numbers";
        if (stated.Spelling is not { } version)
            throw new InvalidInputException($"{contradiction}: transformers 5 would read it, earlier ones the embedding in its place. "
                + "Say false to read it, or take it out of the weights.");
        notes.Add(version == 5 ? $"{contradiction}: they are read, as in transformers 5, for which the file is written."
            : $"{contradiction}: they are not read, as in transformers 4, for which the file is written.");
        return version < 5;
    }

    public void Dispose() => Weights.Dispose();
}
