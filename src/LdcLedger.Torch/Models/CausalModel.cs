using LdcLedger.Torch.Kernels;

namespace LdcLedger.Torch.Models;

/// <summary>
/// The frozen weights of a decoder: embedding, blocks, final norm, head. It holds no state of a run, so any number of runs may share it.
/// What happens inside a block is the family's own: <see cref="LlamaModel"/>, <see cref="Gemma3Model"/>.
/// </summary>
internal abstract class CausalModel(ModelConfig config, FrozenWeight embedding, FrozenWeight head, Matrix finalNorm,
    IReadOnlyList<DecoderBlock> blocks) : IDisposable
{
    public ModelConfig Config { get; } = config;

    public FrozenWeight Embedding { get; } = embedding;

    /// <summary>The embedding itself where they are tied.</summary>
    public FrozenWeight Head { get; } = head;

    public Matrix FinalNorm { get; } = finalNorm;

    public IReadOnlyList<DecoderBlock> Blocks { get; } = blocks;

    public virtual void Dispose()
    {
        foreach (var block in Blocks) block.Dispose();
        if (!ReferenceEquals(Head, Embedding)) Head.Dispose();
        Embedding.Dispose();
        FinalNorm.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>One layer's frozen weights. Projections that read the same input are one matrix: q, k and v; gate and up.</summary>
internal abstract class DecoderBlock(WeightReader weights, int layer) : IDisposable
{
    private readonly FrozenWeight[] _sites = [.. Enumerable.Range(0, LoraSite.Count).Select(site => weights.Site(layer, site))];

    public FrozenWeight Qkv => _sites[LoraSite.Qkv];

    public FrozenWeight Output => _sites[LoraSite.Output];

    public FrozenWeight GateUp => _sites[LoraSite.GateUp];

    public FrozenWeight Down => _sites[LoraSite.Down];

    /// <param name="site">By <see cref="LoraSite"/>'s numbers.</param>
    public FrozenWeight At(int site) => _sites[site];

    /// <summary>Room for what the backward pass needs from the forward one.</summary>
    public abstract BlockTape NewTape(Arithmetic arithmetic, int tokens);

    /// <summary>y = this layer of x; x must stay as it is until the backward pass.</summary>
    public abstract void Forward(BlockRun run, Matrix x, Matrix y, BlockTape tape);

    /// <summary>
    /// Gradients of the layer's adapters, and d, the gradient of y, becomes that of x. Where <paramref name="lowest"/>, nothing below is
    /// trained: only what the adapters need is computed, and d is not of use afterwards.
    /// </summary>
    public abstract void Backward(BlockRun run, Matrix x, BlockTape tape, Matrix d, bool lowest);

    public virtual void Dispose()
    {
        foreach (var weight in _sites) weight.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>What the backward pass of one layer needs from its forward pass.</summary>
internal abstract class BlockTape : IDisposable
{
    private readonly List<Matrix> _matrices = [];

    protected Matrix New(Arithmetic arithmetic, int rows, int columns) => Own(arithmetic.NewActivations(rows, columns));

    /// <summary>In fp32.</summary>
    protected Matrix Numbers(Arithmetic arithmetic, int rows, int columns) => Own(arithmetic.NewMatrix(rows, columns));

    private Matrix Own(Matrix matrix)
    {
        _matrices.Add(matrix);
        return matrix;
    }

    public void Dispose()
    {
        foreach (var matrix in _matrices) matrix.Dispose();
    }
}

/// <summary>
/// What a layer works with in one pass: the arithmetic, the tokens, what is trained of this layer, and room that all layers share.
/// </summary>
/// <param name="Sites">By <see cref="LoraSite"/> number; null where nothing is trained.</param>
internal readonly record struct BlockRun(Arithmetic Arithmetic, TokenBatch Batch, RopeTable Rope, TrainedSite?[] Sites,
    BlockScratch Scratch, DropoutKey Dropout);

/// <summary>Room that the layers use one after another, [tokens, …].</summary>
internal sealed class BlockScratch(Arithmetic arithmetic, ModelConfig config, int tokens, bool gradients) : IDisposable
{
    public Matrix Hidden { get; } = arithmetic.NewActivations(tokens, config.Intermediate);

    public Matrix DHidden { get; } = arithmetic.NewActivations(gradients ? tokens : 0, config.Intermediate);

    public Matrix DGateUp { get; } = arithmetic.NewActivations(gradients ? tokens : 0, 2 * config.Intermediate);

    public Matrix DQkv { get; } = arithmetic.NewActivations(gradients ? tokens : 0, (config.Heads + 2 * config.KvHeads) * config.HeadDim);

    public Matrix DRotated { get; } = arithmetic.NewActivations(gradients ? tokens : 0, (config.Heads + config.KvHeads) * config.HeadDim);

    public Matrix DAttended { get; } = arithmetic.NewActivations(gradients ? tokens : 0, config.Heads * config.HeadDim);

    public Matrix DNormed { get; } = arithmetic.NewActivations(gradients ? tokens : 0, config.Hidden);

    public Matrix DBranch { get; } = arithmetic.NewActivations(gradients ? tokens : 0, config.Hidden);

    public void Dispose()
    {
        foreach (var matrix in (Matrix[])[Hidden, DHidden, DGateUp, DQkv, DRotated, DAttended, DNormed, DBranch]) matrix.Dispose();
    }
}

/// <summary>Finds a family's tensors and freezes them.</summary>
internal sealed class WeightReader(WeightSource source, ModelConfig config, Arithmetic arithmetic, bool keepBrainFloats)
{
    private readonly string _prefix = source.Tower.Prefix;

    public string Layer(int layer) => $"{_prefix}layers.{layer}.";

    public FrozenWeight Embedding() =>
        arithmetic.Freeze([source[_prefix + "embed_tokens.weight", config.Vocab, config.Hidden]], keepBrainFloats);

    public FrozenWeight Head(FrozenWeight embedding) => config.TiedHead ? embedding
        : arithmetic.Freeze([source[source.Tower.Head ?? "lm_head.weight", config.Vocab, config.Hidden]], keepBrainFloats);

    /// <summary>The projections of one site, one below the other.</summary>
    public FrozenWeight Site(int layer, int site) => arithmetic.Freeze([.. Projection.All.Where(p => p.Site == site).Select(projection =>
    {
        var (outFeatures, inFeatures) = projection.ShapeIn(config);
        return source[$"{Layer(layer)}{projection.Module}.{projection.Name}.weight", outFeatures, inFeatures];
    })], keepBrainFloats);

    /// <param name="plus">Gemma stores w - 1.</param>
    public Matrix Norm(string name, int width, float plus)
    {
        var values = new float[width];
        source[name, width].CopyTo(values, 0);
        for (var i = 0; i < width; i++) values[i] += plus;
        return arithmetic.NewNorm(values);
    }

    public Matrix FinalNorm(float plus) => Norm(_prefix + "norm.weight", config.Hidden, plus);
}
