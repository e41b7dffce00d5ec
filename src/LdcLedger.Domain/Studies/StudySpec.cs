namespace LdcLedger.Domain.Studies;

/// <summary>What a study asks for, as its YAML file states it with every default filled in. Keys and defaults: README, "The study spec".</summary>
public sealed record StudySpec(
    string Name,
    IReadOnlyList<ModelSpec> Models,
    IReadOnlyList<DomainSpec> Domains,
    IReadOnlyList<int> Seeds,
    IReadOnlyList<string> Regimes,
    LoraSpec Lora,
    DataSpec Data,
    TrainingSpec Training,
    EvaluationSpec Evaluation,
    Stage2Spec Stage2);

/// <param name="Path">A Hugging Face model directory.</param>
public sealed record ModelSpec(string Name, string Path);

/// <param name="Format">auto, jsonl, parquet, text or code.</param>
public sealed record DomainSpec(string Name, string Path, string Format);

/// <param name="Rank">1 to min(in, out) of every adapted projection.</param>
/// <param name="Alpha">The update is (alpha / rank) B A.</param>
/// <param name="Dropout">0 up to but excluding 1; on the input of A, while training.</param>
public sealed record LoraSpec(int Rank, double Alpha, double Dropout)
{
    public static readonly LoraSpec Default = new(16, 32, 0);
}

/// <param name="Length">Tokens in a packed row, and the longest piece of a document.</param>
/// <param name="Template">How prompt and response make a text, or <c>chat</c> for the family's own turn format.</param>
/// <param name="LossOn">response or all.</param>
/// <param name="HeldOut">Share of the records that is evaluated on and never trained on; in (0, 1).</param>
/// <param name="MaxTokens">At most so many tokens an epoch; null = all.</param>
public sealed record DataSpec(int Length, string Template, string LossOn, double HeldOut, int? MaxTokens)
{
    public static readonly DataSpec Default = new(256, "{prompt}\n\n{response}", "response", 0.2, null);
}

/// <param name="Batch">Rows in a micro-batch.</param>
/// <param name="Accumulation">Micro-batches in a step.</param>
/// <param name="Schedule">linear or cosine, to zero.</param>
/// <param name="Warmup">Share of the steps in which the learning rate rises.</param>
/// <param name="Dtype">Of the frozen weights: float32 or bfloat16. Adapters and optimizer are float32.</param>
public sealed record TrainingSpec(
    int Epochs, int Batch, int Accumulation, double LearningRate, string Schedule, double Warmup,
    double WeightDecay, double MaxGradNorm, string Dtype)
{
    public static readonly TrainingSpec Default = new(2, 4, 1, 2.0e-4, "cosine", 0.1, 0.01, 1.0, "float32");
}

/// <summary>Held-out perplexity by a window of <paramref name="Length"/> tokens that moves by <paramref name="Stride"/>.</summary>
public sealed record EvaluationSpec(int Length, int Stride)
{
    public static readonly EvaluationSpec Default = new(256, 128);
}

/// <param name="Rule">Name of the aggregation rule that ranks the layers.</param>
/// <param name="Top">How many of the highest layers a targeted run adapts: 1 = soloist, 3 = ensemble.</param>
/// <param name="Groups">mlp, attention.</param>
public sealed record Stage2Spec(string Rule, IReadOnlyList<int> Top, IReadOnlyList<string> Groups)
{
    public static readonly Stage2Spec Default = new("block-sum", [1, 3], ["mlp", "attention"]);
}

/// <summary>A model of the spec as it lies on disk: what it is, and the hashes that tell it apart from any other.</summary>
/// <param name="Family">llama or gemma3.</param>
/// <param name="Architecture">The first of config.json's architectures.</param>
/// <param name="Layers">Number of transformer layers.</param>
/// <param name="Parameters">Number of weights of the text model, a tied head counted once.</param>
/// <param name="WeightsSha256">SHA-256 of model.safetensors; of a sharded checkpoint that of the lines <c>sha256sum</c> prints for its shards, sorted by name.</param>
/// <param name="ConfigSha256">SHA-256 of config.json.</param>
/// <param name="TokenizerSha256">SHA-256 over everything that decides how text becomes ids: tokenizer.json and what the files beside it add.</param>
public sealed record ResolvedModel(
    string Name, string Path, string Family, string Architecture, int Layers, long Parameters,
    string WeightsSha256, string ConfigSha256, string TokenizerSha256);

/// <summary>A domain's corpus as it lies on disk.</summary>
/// <param name="Format">jsonl, parquet, text or code: what <c>auto</c> was resolved to.</param>
/// <param name="Sha256">Of the file; of a folder, of the lines <c>sha256sum</c> prints for its files, sorted by name.</param>
public sealed record ResolvedDomain(string Name, string Path, string Format, string Sha256, long Bytes, int Records, int HeldOutRecords);
