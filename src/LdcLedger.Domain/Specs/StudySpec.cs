using LdcLedger.Domain.Identity;

namespace LdcLedger.Domain.Specs;

/// <summary>
/// What a study asks for, as its YAML file states it with every default filled in. Keys and defaults: README, "The study spec". A new key
/// is a field with the <see cref="FirstDefaultAttribute"/> of its release: it changes no id of a study that does not use it.
/// </summary>
public sealed record StudySpec(
    [property: NoIdentity] string Name,
    [property: NoIdentity] IReadOnlyList<ModelSpec> Models,
    [property: NoIdentity] IReadOnlyList<DomainSpec> Domains,
    [property: FirstDefault(new[] { 1 })] IReadOnlyList<int> Seeds,
    [property: FirstDefault(new[] { "attention", "mlp", "all" })] IReadOnlyList<string> Regimes,
    LoraSpec Lora,
    DataSpec Data,
    TrainingSpec Training,
    EvaluationSpec Evaluation,
    Stage2Spec Stage2)
{
    /// <summary>What a spec that names none asks for: written out, so that a regime added later changes no such spec.</summary>
    public static readonly IReadOnlyList<string> DefaultRegimes = [Layers.Regimes.Attention, Layers.Regimes.Mlp, Layers.Regimes.All];
}

/// <param name="Path">A Hugging Face model directory.</param>
public sealed record ModelSpec(string Name, string Path);

/// <param name="Format">auto, jsonl, parquet, text or code.</param>
/// <param name="Fields">Under which names its records keep what is read; null: the usual ones.</param>
public sealed record DomainSpec(string Name, string Path, string Format, DomainFields? Fields = null);

/// <summary>Names of the fields of a record: those of prompt and response, or that of a text.</summary>
/// <param name="Prompt">Of the prompt; a dot leads into an object. Null: the usual names.</param>
/// <param name="Response">Of the response, likewise.</param>
/// <param name="Text">Of the whole text, likewise; then there is no prompt.</param>
public sealed record DomainFields(
    [property: FirstDefault(null)] string? Prompt = null,
    [property: FirstDefault(null)] string? Response = null,
    [property: FirstDefault(null)] string? Text = null);

/// <param name="Rank">1 to min(in, out) of every adapted projection.</param>
/// <param name="Alpha">The update is (alpha / rank) B A.</param>
/// <param name="Dropout">0 up to but excluding 1; on the input of A, while training.</param>
public sealed record LoraSpec(
    [property: FirstDefault(16)] int Rank,
    [property: FirstDefault(32.0)] double Alpha,
    [property: FirstDefault(0.0)] double Dropout)
{
    public static readonly LoraSpec Default = new(16, 32, 0);
}

/// <param name="Length">Tokens in a packed row, and the longest piece of a document.</param>
/// <param name="Template">How prompt and response make a text, or <c>chat</c> for the family's own turn format.</param>
/// <param name="LossOn">response or all.</param>
/// <param name="HeldOut">Share of the records that is evaluated on and never trained on; in (0, 1).</param>
/// <param name="MaxTokens">At most so many tokens an epoch; null = all.</param>
/// <param name="OnBadRecord">What becomes of a corpus with records that cannot be used: refuse it, or skip them.</param>
public sealed record DataSpec(
    [property: FirstDefault(256)] int Length,
    [property: FirstDefault("{prompt}\n\n{response}")] string Template,
    [property: FirstDefault("response")] string LossOn,
    [property: FirstDefault(0.2)] double HeldOut,
    [property: FirstDefault(null)] int? MaxTokens,
    [property: FirstDefault("refuse")] string OnBadRecord = "refuse")
{
    public static readonly DataSpec Default = new(256, "{prompt}\n\n{response}", "response", 0.2, null);
}

/// <param name="Batch">Rows in a micro-batch.</param>
/// <param name="Accumulation">Micro-batches in a step.</param>
/// <param name="Schedule">linear or cosine, to zero.</param>
/// <param name="Warmup">Share of the steps in which the learning rate rises.</param>
/// <param name="Dtype">Of the frozen weights: float32 or bfloat16. Adapters and optimizer are float32.</param>
/// <param name="Base">The base's projections: as-is, as the checkpoint stores them; nf4 or nf4-double, quantised to 4 bits as bitsandbytes
/// does. Products and norms are of the weights that come out.</param>
public sealed record TrainingSpec(
    [property: FirstDefault(2)] int Epochs,
    [property: FirstDefault(4)] int Batch,
    [property: FirstDefault(1)] int Accumulation,
    [property: FirstDefault(2.0e-4)] double LearningRate,
    [property: FirstDefault("cosine")] string Schedule,
    [property: FirstDefault(0.1)] double Warmup,
    [property: FirstDefault(0.01)] double WeightDecay,
    [property: FirstDefault(1.0)] double MaxGradNorm,
    [property: FirstDefault("float32")] string Dtype,
    [property: FirstDefault("as-is")] string Base = "as-is")
{
    public static readonly TrainingSpec Default = new(2, 4, 1, 2.0e-4, "cosine", 0.1, 0.01, 1.0, "float32");
}

/// <summary>Held-out perplexity by a window of <paramref name="Length"/> tokens that moves by <paramref name="Stride"/>.</summary>
public sealed record EvaluationSpec(
    [property: FirstDefault(256)] int Length,
    [property: FirstDefault(128)] int Stride)
{
    public static readonly EvaluationSpec Default = new(256, 128);
}

/// <param name="Rule">Name of the aggregation rule that ranks the layers; what the rule says is the identity, not what it is
/// called.</param>
/// <param name="Top">How many of the highest layers a targeted run adapts: 1 = soloist, 3 = ensemble.</param>
/// <param name="Groups">mlp, attention.</param>
public sealed record Stage2Spec(
    [property: NoIdentity] string Rule,
    [property: FirstDefault(new[] { 1, 3 })] IReadOnlyList<int> Top,
    [property: FirstDefault(new[] { "mlp", "attention" })] IReadOnlyList<string> Groups)
{
    public static readonly Stage2Spec Default = new("block-sum", [1, 3], ["mlp", "attention"]);
}
