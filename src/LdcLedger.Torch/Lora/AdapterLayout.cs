using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Lora;

/// <summary>
/// Where each module's factors lie in one flat row of parameters: per site the A of its parts one below the other, then their B transposed.
/// Optimizer state and gradients have the same layout, so that a step is a handful of passes over flat memory.
/// </summary>
internal sealed class AdapterLayout : TrainedLayout
{
    private readonly ModelConfig _config;

    /// <param name="A">Offset of A [Rank, In].</param>
    /// <param name="B">Offset of B^T [Rank, Out].</param>
    /// <param name="Column">First output of the projection in the site's fused weight.</param>
    internal sealed record Slot(int Layer, int Site, string Projection, int Rank, int In, int Out, int A, int B, int Column);

    /// <param name="ranks">Rank of each adapted projection.</param>
    public AdapterLayout(ModelConfig config, IReadOnlyDictionary<LoraTarget, int> ranks, int rank, double alpha)
    {
        (_config, Rank, Alpha) = (config, rank, alpha);
        List<Slot> slots = [];
        foreach (var layer in ranks.Keys.Select(target => target.Layer).Distinct().Order())
            for (var site = 0; site < LoraSite.Count; site++)
            {
                var adapted = Projection.All.Where(p => p.Site == site && ranks.ContainsKey(new LoraTarget(layer, p.Name))).ToList();
                var b = Total + adapted.Sum(p => ranks[new LoraTarget(layer, p.Name)] * p.ShapeIn(config).In);
                foreach (var projection in adapted)
                {
                    var (r, (outFeatures, inFeatures)) = (ranks[new LoraTarget(layer, projection.Name)], projection.ShapeIn(config));
                    slots.Add(new Slot(layer, site, projection.Name, r, inFeatures, outFeatures, Total, b,
                        projection.FirstOutputIn(config)));
                    (Total, b) = (Total + r * inFeatures, b + r * outFeatures);
                }
                Total = Math.Max(Total, b);
            }
        Slots = slots;
    }

    public int Rank { get; }

    public double Alpha { get; }

    public IReadOnlyList<Slot> Slots { get; }

    /// <summary>Trainable parameters.</summary>
    public int Total { get; }

    public override IReadOnlyList<int> RowSizes => [Total];

    public override int LowestLayer => Slots[0].Layer;

    public override bool AddsOnce => false;

    public static AdapterLayout For(ModelConfig config, LoraOptions options)
    {
        options.Validate(config);
        return new AdapterLayout(config, options.Targets.ToDictionary(target => target, _ => options.Rank), options.Rank, options.Alpha);
    }

    /// <exception cref="InvalidInputException">A tensor has another shape than the base's projection.</exception>
    public static AdapterLayout For(ModelConfig config, LoraAdapter adapter)
    {
        var ranks = new Dictionary<LoraTarget, int>();
        foreach (var module in adapter.Modules)
        {
            if (module.Layer >= config.Layers)
                throw new InvalidInputException($"The adapter has {module.ModulePath}, but the model has layers 0 to {config.Layers - 1}.");
            var (outFeatures, inFeatures) = config.ShapeOf(module.Projection);
            var rank = module.A.Length / module.InFeatures;
            if (module.InFeatures != inFeatures)
                throw new InvalidInputException($"The adapter's {module.ModulePath}.lora_A.weight is [{rank}, {module.InFeatures}]; "
                    + $"the model's projection is [{outFeatures}, {inFeatures}], so [{rank}, {inFeatures}] is needed.");
            if (module.OutFeatures != outFeatures)
                throw new InvalidInputException($"The adapter's {module.ModulePath}.lora_B.weight is [{module.OutFeatures}, {rank}]; "
                    + $"the model's projection is [{outFeatures}, {inFeatures}], so [{outFeatures}, {rank}] is needed.");
            if (rank < 1 || module.A.Length != rank * inFeatures || module.B.Length != rank * outFeatures)
                throw new InvalidInputException(
                    $"The adapter's factors of {module.ModulePath} have {module.A.Length} and {module.B.Length} elements; "
                    + $"no rank r gives them the shapes [r, {inFeatures}] and [{outFeatures}, r].");
            if (!ranks.TryAdd(new LoraTarget(module.Layer, module.Projection), rank))
                throw new InvalidInputException($"The adapter has {module.ModulePath} twice.");
        }
        if (ranks.Count == 0) throw new InvalidInputException("The adapter has no modules.");
        return new AdapterLayout(config, ranks, adapter.Rank, adapter.Alpha);
    }

    public override TrainedSite?[] SitesOf(int layer, FlatRows parameters, FlatRows gradients, Arithmetic arithmetic, int tokens,
        double dropout)
    {
        var (flat, slopes) = (parameters.Rows[0], gradients.Rows[0]);
        var sites = new TrainedSite?[LoraSite.Count];
        for (var site = 0; site < LoraSite.Count; site++)
        {
            var slots = Slots.Select((slot, module) => (Slot: slot, Module: module))
                .Where(s => s.Slot.Layer == layer && s.Slot.Site == site).ToList();
            if (slots.Count == 0) continue;
            int from = slots[0].Slot.A, width = slots[0].Slot.In, rows = slots.Sum(s => s.Slot.Rank);
            var parts = slots.Select(s => new LoraSite.Part(
                s.Slot.Column, (s.Slot.A - from) / width, (float)(Alpha / s.Slot.Rank), s.Module,
                flat.Reshaped(s.Slot.A, s.Slot.Rank, width), flat.Reshaped(s.Slot.B, s.Slot.Rank, s.Slot.Out),
                slopes.Reshaped(s.Slot.A, s.Slot.Rank, width), slopes.Reshaped(s.Slot.B, s.Slot.Rank, s.Slot.Out))).ToArray();
            sites[site] = new LoraSite(parts, flat.Reshaped(from, rows, width), slopes.Reshaped(from, rows, width), arithmetic,
                tokens, dropout);
        }
        return sites;
    }

    /// <summary>
    /// A = U(-1/sqrt(in), 1/sqrt(in)): Kaiming-uniform with a = sqrt 5, torch.nn.Linear's own default, which peft and microsoft/LoRA keep.
    /// B = 0. A module's numbers depend on the seed and its own name only, not on what else is adapted.
    /// </summary>
    public float[] Initial(long seed)
    {
        var flat = new float[Total];
        foreach (var slot in Slots)
        {
            var random = new SplitMix(SplitMix.Hash((ulong)seed, SplitMix.Hash($"{slot.Layer}.{slot.Projection}")));
            var bound = 1 / Math.Sqrt(slot.In);
            for (var i = 0; i < slot.Rank * slot.In; i++) flat[slot.A + i] = (float)((2 * random.NextDouble() - 1) * bound);
        }
        return flat;
    }

    public float[] Flatten(LoraAdapter adapter)
    {
        var flat = new float[Total];
        foreach (var slot in Slots)
        {
            var module = adapter.Modules.First(m => m.Layer == slot.Layer && m.Projection == slot.Projection);
            module.A.CopyTo(flat, slot.A);
            for (var o = 0; o < slot.Out; o++)
                for (var r = 0; r < slot.Rank; r++) flat[slot.B + r * slot.Out + o] = module.B[o * slot.Rank + r];
        }
        return flat;
    }

    public LoraAdapter Unflatten(ReadOnlySpan<float> flat)
    {
        List<LoraModule> modules = [];
        foreach (var slot in Slots)
        {
            var b = new float[slot.Out * slot.Rank];
            for (var o = 0; o < slot.Out; o++)
                for (var r = 0; r < slot.Rank; r++) b[o * slot.Rank + r] = flat[slot.B + r * slot.Out + o];
            modules.Add(new LoraModule(_config.ModulePath(slot.Layer, slot.Projection), slot.Layer, slot.Projection,
                flat.Slice(slot.A, slot.Rank * slot.In).ToArray(), b, slot.In, slot.Out));
        }
        return new LoraAdapter(Rank, Alpha, modules);
    }
}
