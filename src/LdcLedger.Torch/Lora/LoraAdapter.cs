namespace LdcLedger.Torch.Lora;

/// <summary>A whole LoRA adapter as plain numbers, independent of any device: W' = W + (alpha / r) B A for every module.</summary>
/// <param name="Rank">r, 1 or more; the rank of every module that has no other.</param>
/// <param name="Alpha">alpha; the update is scaled by alpha / r.</param>
/// <param name="Modules">Adapted projections in order of layer, then of projection within the layer.</param>
public sealed record LoraAdapter(int Rank, double Alpha, IReadOnlyList<LoraModule> Modules);

/// <summary>The two factors of one adapted projection.</summary>
/// <param name="ModulePath">The module's path in the Hugging Face model, e.g. <c>model.layers.3.self_attn.q_proj</c>; without PEFT's
/// <c>base_model.model.</c>.</param>
/// <param name="Layer">Block, counted from 0.</param>
/// <param name="Projection">q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj or down_proj.</param>
/// <param name="A">[r, InFeatures], row-major.</param>
/// <param name="B">[OutFeatures, r], row-major.</param>
/// <param name="InFeatures">Columns of the projection's weight.</param>
/// <param name="OutFeatures">Rows of the projection's weight.</param>
public sealed record LoraModule(string ModulePath, int Layer, string Projection, float[] A, float[] B, int InFeatures, int OutFeatures)
{
    /// <summary>r of this module: rows of A, columns of B.</summary>
    public int Rank => A.Length / InFeatures;
}
