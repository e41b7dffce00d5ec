namespace LdcLedger.Torch.Models;

/// <summary>A linear map of a layer that LoRA can adapt. The table of them is here and nowhere else.</summary>
public sealed class Projection
{
    private readonly Func<ModelConfig, (int Out, int In)> _shape;

    private Projection(string name, string module, int site, Func<ModelConfig, (int Out, int In)> shape) =>
        (Name, Module, Site, _shape) = (name, module, site, shape);

    /// <summary>In the order in which a layer uses them; those that read one input follow one another.</summary>
    public static IReadOnlyList<Projection> All { get; } =
    [
        new("q_proj", Attention, LoraSite.Qkv, config => (config.Heads * config.HeadDim, config.Hidden)),
        new("k_proj", Attention, LoraSite.Qkv, config => (config.KvHeads * config.HeadDim, config.Hidden)),
        new("v_proj", Attention, LoraSite.Qkv, config => (config.KvHeads * config.HeadDim, config.Hidden)),
        new("o_proj", Attention, LoraSite.Output, config => (config.Hidden, config.Heads * config.HeadDim)),
        new("gate_proj", Mlp, LoraSite.GateUp, config => (config.Intermediate, config.Hidden)),
        new("up_proj", Mlp, LoraSite.GateUp, config => (config.Intermediate, config.Hidden)),
        new("down_proj", Mlp, LoraSite.Down, config => (config.Hidden, config.Intermediate)),
    ];

    /// <summary>Names of the modules of a layer that hold projections, in Hugging Face models.</summary>
    public const string Attention = "self_attn", Mlp = "mlp";

    /// <summary>As in Hugging Face models, e.g. q_proj.</summary>
    public string Name { get; }

    /// <summary>The module that holds it: <see cref="Attention"/> or <see cref="Mlp"/>.</summary>
    public string Module { get; }

    /// <summary>Which of the layer's fused weights it is a part of, by <see cref="LoraSite"/>'s numbers.</summary>
    internal int Site { get; }

    /// <exception cref="InvalidInputException">There is no projection of that name.</exception>
    public static Projection Named(string name) => All.FirstOrDefault(projection => projection.Name == name)
        ?? throw new InvalidInputException(
            $"There is no projection {name}; allowed are {string.Join(", ", All.Select(projection => projection.Name))}.");

    /// <summary>Names of the projections that a regime adapts.</summary>
    /// <param name="regime">attention, mlp or all; full-attention, full-mlp and full-all are the same, trained without adapters.</param>
    /// <exception cref="InvalidInputException">There is no such regime.</exception>
    public static IReadOnlyList<string> NamesIn(string regime) => regime switch
    {
        "full-attention" or "full-mlp" or "full-all" => NamesIn(regime["full-".Length..]),
        "attention" => [.. All.Where(projection => projection.Module == Attention).Select(projection => projection.Name)],
        "mlp" => [.. All.Where(projection => projection.Module == Mlp).Select(projection => projection.Name)],
        "all" => [.. All.Select(projection => projection.Name)],
        _ => throw new InvalidInputException(
            $"regime is {regime}; attention, mlp, all, full-attention, full-mlp and full-all are allowed."),
    };

    /// <summary>(out, in) features.</summary>
    public (int Out, int In) ShapeIn(ModelConfig config) => _shape(config);

    /// <summary>Where its outputs begin among those of its site's fused weight.</summary>
    internal int FirstOutputIn(ModelConfig config) =>
        All.TakeWhile(projection => projection != this)
            .Where(projection => projection.Site == Site).Sum(projection => projection.ShapeIn(config).Out);
}
