using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Lora;

namespace LdcLedger.Torch.Models;

/// <summary>
/// Llama 3 (arXiv 2407.21783; transformers' modeling_llama.py): pre-normalised blocks of grouped-query attention with rotary positions and a SwiGLU MLP.
/// </summary>
internal sealed class LlamaModel : CausalModel
{
    private LlamaModel(ModelConfig config, FrozenWeight embedding, FrozenWeight head, Matrix norm, IReadOnlyList<DecoderBlock> blocks) : base(config, embedding, head, norm, blocks) { }

    public static LlamaModel Load(WeightSource source, ModelConfig config, Arithmetic arithmetic, bool keepBrainFloats)
    {
        var weights = new WeightReader(source, config, arithmetic, keepBrainFloats);
        var embedding = weights.Embedding();
        var blocks = Enumerable.Range(0, config.Layers).Select(layer => (DecoderBlock)new LlamaBlock(config, weights, layer)).ToList();
        return new LlamaModel(config, embedding, weights.Head(embedding), weights.FinalNorm(plus: 0), blocks);
    }
}

/// <summary>x + o(attention(rope(q), rope(k), v)), q, k, v of norm(x); then that + down(silu(gate) * up), gate, up of its norm.</summary>
internal sealed class LlamaBlock : DecoderBlock
{
    // n: tokens; h: hidden; q, k: query and key heads x head_dim; m: intermediate
    private readonly int _q, _k;
    private readonly double _eps;
    private readonly AttentionShape _attention;

    public LlamaBlock(ModelConfig config, WeightReader weights, int layer)
        : base(weights.Projections(layer, "self_attn", "q_proj", "k_proj", "v_proj"), weights.Projections(layer, "self_attn", "o_proj"),
               weights.Projections(layer, "mlp", "gate_proj", "up_proj"), weights.Projections(layer, "mlp", "down_proj"))
    {
        (_q, _k, _eps) = (config.Heads * config.HeadDim, config.KvHeads * config.HeadDim, config.RmsNormEps);
        _attention = new AttentionShape(config.Heads, config.KvHeads, config.HeadDim, (float)config.AttentionScale, int.MaxValue);
        InputNorm = weights.Norm(weights.Layer(layer) + "input_layernorm.weight", config.Hidden, plus: 0);
        PostAttentionNorm = weights.Norm(weights.Layer(layer) + "post_attention_layernorm.weight", config.Hidden, plus: 0);
    }

    public Matrix InputNorm { get; }

    public Matrix PostAttentionNorm { get; }

    private sealed class Tape : BlockTape
    {
        public Tape(Arithmetic a, int n, LlamaBlock block)
        {
            int hidden = block.Output.Out;
            (Normed, InputRms, Qkv) = (New(a, n, hidden), New(a, n, 1), New(a, n, block.Qkv.Out));
            (Q, K, V) = (Qkv.Slice(0, block._q), Qkv.Slice(block._q, block._k), Qkv.Slice(block._q + block._k, block._k));
            (Attended, LogSumExp, Middle) = (New(a, n, block._q), New(a, n, block._attention.Heads), New(a, n, hidden));
            (MiddleNormed, MiddleRms, GateUp) = (New(a, n, hidden), New(a, n, 1), New(a, n, block.GateUp.Out));
        }

        public Matrix Normed, InputRms, Qkv, Q, K, V, Attended, LogSumExp, Middle, MiddleNormed, MiddleRms, GateUp;
    }

    public override BlockTape NewTape(Arithmetic arithmetic, int tokens) => new Tape(arithmetic, tokens, this);

    public override void Forward(BlockRun run, Matrix x, Matrix y, BlockTape tape)
    {
        var (a, t) = (run.Arithmetic, (Tape)tape);
        a.RmsNorm(x, InputNorm, _eps, t.Normed, t.InputRms);                                    // (n, h)
        LoraSite.Forward(LoraSite.Qkv, run, Qkv, t.Normed, t.Qkv);                              // (n, q + 2 k)
        a.Rotate(t.Q, run.Rope, run.Batch.Positions);
        a.Rotate(t.K, run.Rope, run.Batch.Positions);
        a.Attend(_attention, run.Batch.Documents, t.Q, t.K, t.V, t.Attended, t.LogSumExp);      // (n, q)
        a.Copy(x, t.Middle);
        LoraSite.Forward(LoraSite.Output, run, Output, t.Attended, t.Middle, add: true);        // (n, h)

        a.RmsNorm(t.Middle, PostAttentionNorm, _eps, t.MiddleNormed, t.MiddleRms);              // (n, h)
        LoraSite.Forward(LoraSite.GateUp, run, GateUp, t.MiddleNormed, t.GateUp);               // (n, 2 m)
        a.Gate(Activation.Silu, t.GateUp, run.Scratch.Hidden);                                  // (n, m)
        a.Copy(t.Middle, y);
        LoraSite.Forward(LoraSite.Down, run, Down, run.Scratch.Hidden, y, add: true);           // (n, h)
    }

    public override void Backward(BlockRun run, Matrix x, BlockTape tape, Matrix d, bool lowest)
    {
        var (a, t, s) = (run.Arithmetic, (Tape)tape, run.Scratch);
        var attentionAdapted = run.Sites[LoraSite.Qkv] is not null || run.Sites[LoraSite.Output] is not null;
        if (lowest && !attentionAdapted && run.Sites[LoraSite.GateUp] is null)
        {
            a.Gate(Activation.Silu, t.GateUp, s.Hidden);
            LoraSite.Backward(LoraSite.Down, run, Down, s.Hidden, d, null);
            return;
        }
        LoraSite.InputGradient(LoraSite.Down, run, Down, d, s.DHidden);                         // (n, m)
        a.GateBackward(Activation.Silu, t.GateUp, s.DHidden, s.DGateUp, s.Hidden);              // (n, 2 m)
        LoraSite.WeightGradient(LoraSite.Down, run, s.Hidden, d);
        var above = lowest && !attentionAdapted;
        LoraSite.Backward(LoraSite.GateUp, run, GateUp, t.MiddleNormed, s.DGateUp, above ? null : s.DNormed);
        if (above) return;
        a.RmsNormBackward(t.Middle, PostAttentionNorm, t.MiddleRms, s.DNormed, d, add: true);   // d: of the middle

        var outputOnly = lowest && run.Sites[LoraSite.Qkv] is null;
        LoraSite.Backward(LoraSite.Output, run, Output, t.Attended, d, outputOnly ? null : s.DAttended);
        if (outputOnly) return;
        Matrix dq = s.DQkv.Slice(0, _q), dk = s.DQkv.Slice(_q, _k), dv = s.DQkv.Slice(_q + _k, _k);
        a.AttendBackward(_attention, run.Batch.Documents, t.Q, t.K, t.V, t.Attended, t.LogSumExp, s.DAttended, dq, dk, dv);
        a.Rotate(dq, run.Rope, run.Batch.Positions, backwards: true);
        a.Rotate(dk, run.Rope, run.Batch.Positions, backwards: true);
        LoraSite.Backward(LoraSite.Qkv, run, Qkv, t.Normed, s.DQkv, lowest ? null : s.DNormed);
        if (!lowest) a.RmsNormBackward(x, InputNorm, t.InputRms, s.DNormed, d, add: true);      // d: of x
    }

    public override void Dispose()
    {
        InputNorm.Dispose();
        PostAttentionNorm.Dispose();
        base.Dispose();
    }
}
