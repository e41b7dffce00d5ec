namespace LdcLedger.Torch.Models;

/// <summary>How far a layer's attention looks back: over the whole document, or over a sliding window.</summary>
public enum LayerKind { Global, Local }

/// <summary>
/// What a Hugging Face <c>config.json</c> means once every default is filled in; of a multimodal Gemma 3, its text tower.
/// </summary>
/// <param name="Family">Which paper it follows.</param>
/// <param name="Multimodal">Whether the text tower sits inside a model with vision, so that module paths have <c>language_model</c> in
/// them.</param>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Intermediate">Width inside the MLP.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadDim">Width of one head; even.</param>
/// <param name="Vocab">Rows of the embedding matrix.</param>
/// <param name="RmsNormEps">Added to the mean square before the root.</param>
/// <param name="TiedHead">Whether the embedding matrix is the output head, too.</param>
/// <param name="AttentionScale">Factor of the scores before the softmax.</param>
/// <param name="EmbeddingScale">Factor of the embeddings as they enter layer 0.</param>
/// <param name="SlidingWindow">Tokens that a local layer sees, itself included; null in Llama, which has none.</param>
/// <param name="LayerKinds">One per layer.</param>
/// <param name="Ropes">Rotation frequencies of each kind of layer, rad per position, fp32 [HeadDim / 2].</param>
/// <param name="MaxPositions">Longest text that the model was made for.</param>
/// <param name="StoredDtype">As the file says, e.g. bfloat16; null where it does not.</param>
/// <param name="BosToken">null where the file has none.</param>
/// <param name="EosTokens">Ids that end a text; may be empty.</param>
public sealed record ModelConfig(
    ModelFamily Family, bool Multimodal, int Hidden, int Intermediate, int Heads, int KvHeads, int HeadDim, int Vocab, double RmsNormEps,
    bool TiedHead,
    double AttentionScale, double EmbeddingScale, int? SlidingWindow,
    IReadOnlyList<LayerKind> LayerKinds, IReadOnlyDictionary<LayerKind, float[]> Ropes,
    int MaxPositions, string? StoredDtype, int? BosToken, IReadOnlyList<int> EosTokens)
{
    public int Layers => LayerKinds.Count;

    /// <summary>nf4 or nf4-double, where the checkpoint itself was saved quantised; null where it was not, or nobody looked.</summary>
    public string? StoredForm { get; init; }

    /// <summary>The class of Hugging Face's transformers that reads such a checkpoint.</summary>
    public string Architecture => Family.Architectures.First(architecture => architecture.Multimodal == Multimodal).Name;

    /// <summary>Tokens that a layer's queries see, themselves included; int.MaxValue: all before them.</summary>
    public int WindowOf(int layer) => LayerKinds[layer] switch
    {
        LayerKind.Global => int.MaxValue,
        LayerKind.Local => SlidingWindow ?? throw new InvalidOperationException("A model with local layers has a sliding window."),
        _ => throw new InvalidOperationException($"A layer of the kind {LayerKinds[layer]} has no window."),
    };

    /// <summary>Names of the adaptable projections, in the order in which a layer uses them.</summary>
    public static IReadOnlyList<string> ProjectionNames { get; } = Projection.NamesIn("all");

    /// <summary>(out, in) features of a projection.</summary>
    /// <exception cref="InvalidInputException">There is no such projection.</exception>
    public (int Out, int In) ShapeOf(string projection) => Projection.Named(projection).ShapeIn(this);

    /// <summary>Path of a projection in the Hugging Face model, in the current spelling.</summary>
    public string ModulePath(int layer, string projection) =>
        $"model.{(Multimodal ? "language_model." : "")}layers.{layer}.{Projection.Named(projection).Module}.{projection}";

    /// <summary>Parameters of the text tower; a tied head counts once.</summary>
    public long TextParameters
    {
        get
        {
            long projections = ProjectionNames.Sum(name => (long)ShapeOf(name).Out * ShapeOf(name).In);
            return Layers * (projections + Family.NormWeights(this)) + Hidden + (long)Vocab * Hidden * (TiedHead ? 1 : 2);
        }
    }

    /// <summary>Parameters that LoRA of this rank trains in one layer's projections.</summary>
    public long LoraParameters(int rank, IEnumerable<string> projections) =>
        projections.Sum(name => (long)rank * (ShapeOf(name).Out + ShapeOf(name).In));

    private static readonly string[] WeightEndings = [".safetensors", ".gguf", ".bin", ".pt", ".pth"];

    /// <param name="directoryOrConfigJson">A Hugging Face directory, or its <c>config.json</c> alone.</param>
    /// <exception cref="InvalidInputException">It is missing, not JSON, of another architecture, or contradicts itself.</exception>
    public static ModelConfig Read(string directoryOrConfigJson) => Read(directoryOrConfigJson, out _);

    /// <param name="head">What the file says of the output head, for whoever has the weights before him as well.</param>
    internal static ModelConfig Read(string directoryOrConfigJson, out HeadStatement head)
    {
        var path = Directory.Exists(directoryOrConfigJson) ? Path.Combine(directoryOrConfigJson, "config.json") : directoryOrConfigJson;
        if (!InputEntry.At(path).IsThere)
            throw new InvalidInputException($"{path} does not exist; a Hugging Face directory with config.json is needed"
                + $"{PathHint.ForModel(directoryOrConfigJson)}.");
        if (WeightEndings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            throw new InvalidInputException($"{path} holds weights; the folder that holds it and config.json is needed.");
        try
        {
            using var document = JsonFile.Read(path);
            var reader = new ConfigReader(path, document.RootElement);
            var config = reader.Read();
            head = reader.Head();
            return config;
        }
        catch (Exception failure) when (failure is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidInputException($"{path} is not the configuration of a model: {failure.Message}", failure);
        }
    }
}
