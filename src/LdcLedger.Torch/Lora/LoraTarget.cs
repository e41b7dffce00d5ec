using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Lora;

/// <summary>One projection of one layer that a run adapts.</summary>
/// <param name="Layer">Counted from 0.</param>
/// <param name="Projection">q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj or down_proj.</param>
public sealed record LoraTarget(int Layer, string Projection);

/// <summary>What LoRA adds to a base (arXiv 2106.09685).</summary>
/// <param name="Rank">r; at most min(in, out) of every target.</param>
/// <param name="Alpha">The update is scaled by alpha / r.</param>
/// <param name="Dropout">Share of a projection's input that A does not see, in [0, 1); training only.</param>
/// <param name="Targets">Distinct; at least one.</param>
public sealed record LoraOptions(int Rank, double Alpha, double Dropout, IReadOnlyList<LoraTarget> Targets)
{
    /// <exception cref="InvalidInputException">A value that this model does not allow.</exception>
    public void Validate(ModelConfig config)
    {
        if (Rank < 1) throw new InvalidInputException($"rank is {Rank}; 1 or more is allowed.");
        if (!double.IsFinite(Alpha) || Alpha <= 0) throw new InvalidInputException($"alpha is {Alpha}; a number above 0 is allowed.");
        if (!(Dropout >= 0 && Dropout < 1)) throw new InvalidInputException($"dropout is {Dropout}; 0 or more and less than 1 is allowed.");
        if (Targets.Count == 0) throw new InvalidInputException("No projection is adapted; at least one is needed.");
        if (Targets.Distinct().Count() != Targets.Count) throw new InvalidInputException("A projection is listed twice; list it once.");
        foreach (var target in Targets)
        {
            if (target.Layer < 0 || target.Layer >= config.Layers)
                throw new InvalidInputException($"Layer {target.Layer} cannot be adapted: the model has layers 0 to {config.Layers - 1}.");
            var (outFeatures, inFeatures) = config.ShapeOf(target.Projection);
            if (Rank > Math.Min(outFeatures, inFeatures))
                throw new InvalidInputException(
                    $"rank {Rank} exceeds min(in, "
                    + $"out) = {Math.Min(outFeatures, inFeatures)} of {config.ModulePath(target.Layer, target.Projection)}.");
        }
    }
}
