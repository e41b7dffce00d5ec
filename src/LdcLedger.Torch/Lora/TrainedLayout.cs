using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Lora;

/// <summary>Where the numbers of what a run trains lie in flat rows.</summary>
internal abstract class TrainedLayout
{
    /// <summary>Numbers of each row.</summary>
    public abstract IReadOnlyList<int> RowSizes { get; }

    /// <summary>Below it nothing is trained.</summary>
    public abstract int LowestLayer { get; }

    /// <summary>
    /// Whether a pass adds to each row once, so that it may add to the sum of all passes as well as to rows of its own, with the same bits.
    /// </summary>
    public abstract bool AddsOnce { get; }

    /// <summary>Trainable parameters.</summary>
    public long Parameters => RowSizes.Sum(size => (long)size);

    /// <summary>What is trained of one layer, by site; null where nothing is.</summary>
    /// <param name="gradients">Without rows where none are asked for.</param>
    public abstract TrainedSite?[] SitesOf(int layer, FlatRows parameters, FlatRows gradients, Arithmetic arithmetic, int tokens,
        double dropout);
}

/// <summary>Projections that are trained themselves: a row for each, [out, in] row-major, in order of layer and projection.</summary>
internal sealed class FullLayout : TrainedLayout
{
    private readonly ModelConfig _config;

    internal sealed record Slot(int Layer, Projection Projection, int Out, int In);

    /// <exception cref="InvalidInputException">A layer or a projection that the model does not have, or none.</exception>
    public FullLayout(ModelConfig config, IEnumerable<LoraTarget> targets)
    {
        _config = config;
        var chosen = targets.ToHashSet();
        if (chosen.Count == 0) throw new InvalidInputException("No projection is trained; at least one is needed.");
        foreach (var target in chosen)
            if (target.Layer < 0 || target.Layer >= config.Layers)
                throw new InvalidInputException($"Layer {target.Layer} cannot be trained: the model has layers 0 to {config.Layers - 1}.");
            else
                _ = Projection.Named(target.Projection);
        Slots = [.. from layer in Enumerable.Range(0, config.Layers)
                    from projection in Projection.All
                    where chosen.Contains(new(layer, projection.Name))
                    let shape = projection.ShapeIn(config)
                    select new Slot(layer, projection, shape.Out, shape.In)];
        RowSizes = [.. Slots.Select(slot => checked(slot.Out * slot.In))];
    }

    public IReadOnlyList<Slot> Slots { get; }

    public override IReadOnlyList<int> RowSizes { get; }

    public override int LowestLayer => Slots[0].Layer;

    public override bool AddsOnce => true;

    public override TrainedSite?[] SitesOf(int layer, FlatRows parameters, FlatRows gradients, Arithmetic arithmetic, int tokens,
        double dropout)
    {
        var sites = new TrainedSite?[LoraSite.Count];
        for (var site = 0; site < LoraSite.Count; site++)
        {
            var parts = Slots.Index().Where(s => s.Item.Layer == layer && s.Item.Projection.Site == site).Select(s => new FullSite.Part(
                s.Item.Projection.FirstOutputIn(_config), View(parameters, s.Index, s.Item),
                gradients.Rows.Count == 0 ? null : View(gradients, s.Index, s.Item))).ToArray();
            if (parts.Length > 0)
                sites[site] = new FullSite(parts,
                    Projection.All.Where(p => p.Site == site).Sum(p => p.ShapeIn(_config).Out), arithmetic, tokens);
        }
        return sites;
    }

    private static Matrix View(FlatRows rows, int row, Slot slot) => rows.Rows[row].Reshaped(0, slot.Out, slot.In);
}
