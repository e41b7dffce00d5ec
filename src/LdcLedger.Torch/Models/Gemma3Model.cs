using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Lora;

namespace LdcLedger.Torch.Models;

/// <summary>
/// Gemma 3's text tower (arXiv 2503.19786; transformers' modeling_gemma3.py): norms before and after each branch, normalised queries and keys, GeGLU,
/// five layers with a sliding window to one without, each kind with rotary frequencies of its own. Norm weights are stored as w - 1.
/// </summary>
internal sealed class Gemma3Model : CausalModel
{
    private Gemma3Model(ModelConfig config, FrozenWeight embedding, FrozenWeight head, Matrix norm, IReadOnlyList<DecoderBlock> blocks) : base(config, embedding, head, norm, blocks) { }

    public static Gemma3Model Load(WeightSource source, ModelConfig config, Arithmetic arithmetic, bool keepBrainFloats)
    {
        var weights = new WeightReader(source, config, arithmetic, keepBrainFloats);
        var embedding = weights.Embedding();
        var blocks = Enumerable.Range(0, config.Layers).Select(layer => (DecoderBlock)new Gemma3Block(config, weights, layer)).ToList();
        return new Gemma3Model(config, embedding, weights.Head(embedding), weights.FinalNorm(plus: 1), blocks);
    }
}

/// <summary>x + norm(o(attention(rope(norm q), rope(norm k), v))), q, k, v of norm(x); then that + norm(down(gelu(gate) * up)), gate, up of its norm.</summary>
internal sealed class Gemma3Block : DecoderBlock
{
    // n: tokens; h: hidden; q, k: query and key heads x head_dim; m: intermediate
    private readonly int _q, _k;
    private readonly double _eps;
    private readonly AttentionShape _attention;

    public Gemma3Block(ModelConfig config, WeightReader weights, int layer)
        : base(weights.Projections(layer, "self_attn", "q_proj", "k_proj", "v_proj"), weights.Projections(layer, "self_attn", "o_proj"),
               weights.Projections(layer, "mlp", "gate_proj", "up_proj"), weights.Projections(layer, "mlp", "down_proj"))
    {
        (_q, _k, _eps) = (config.Heads * config.HeadDim, config.KvHeads * config.HeadDim, config.RmsNormEps);
        var window = config.LayerKinds[layer] == LayerKind.Local ? config.SlidingWindow!.Value : int.MaxValue;
        _attention = new AttentionShape(config.Heads, config.KvHeads, config.HeadDim, (float)config.AttentionScale, window);
        Matrix Norm(string name, int width) => weights.Norm(weights.Layer(layer) + name + ".weight", width, plus: 1);
        (InputNorm, PostAttentionNorm) = (Norm("input_layernorm", config.Hidden), Norm("post_attention_layernorm", config.Hidden));
        (PreMlpNorm, PostMlpNorm) = (Norm("pre_feedforward_layernorm", config.Hidden), Norm("post_feedforward_layernorm", config.Hidden));
        (QueryNorm, KeyNorm) = (Norm("self_attn.q_norm", config.HeadDim), Norm("self_attn.k_norm", config.HeadDim));
    }

    public Matrix InputNorm { get; }

    public Matrix PostAttentionNorm { get; }

    public Matrix PreMlpNorm { get; }

    public Matrix PostMlpNorm { get; }

    public Matrix QueryNorm { get; }

    public Matrix KeyNorm { get; }

    private sealed class Tape : BlockTape
    {
        public Tape(Arithmetic a, int n, Gemma3Block block)
        {
            int hidden = block.Output.Out, heads = block._attention.Heads, kvHeads = block._attention.KvHeads;
            (Normed, InputRms, Qkv) = (New(a, n, hidden), New(a, n, 1), New(a, n, block.Qkv.Out));
            (Q, K, V) = (Qkv.Slice(0, block._q), Qkv.Slice(block._q, block._k), Qkv.Slice(block._q + block._k, block._k));
            (Rotated, QueryRms, KeyRms) = (New(a, n, block._q + block._k), New(a, n, heads), New(a, n, kvHeads));
            (RotatedQ, RotatedK) = (Rotated.Slice(0, block._q), Rotated.Slice(block._q, block._k));
            (Attended, LogSumExp, Projected, ProjectedRms) = (New(a, n, block._q), New(a, n, heads), New(a, n, hidden), New(a, n, 1));
            (Middle, MiddleNormed, MiddleRms, GateUp) = (New(a, n, hidden), New(a, n, hidden), New(a, n, 1), New(a, n, block.GateUp.Out));
            (Mlp, MlpRms) = (New(a, n, hidden), New(a, n, 1));
        }

        public Matrix Normed, InputRms, Qkv, Q, K, V, Rotated, RotatedQ, RotatedK, QueryRms, KeyRms, Attended, LogSumExp, Projected, ProjectedRms;
        public Matrix Middle, MiddleNormed, MiddleRms, GateUp, Mlp, MlpRms;
    }

    public override BlockTape NewTape(Arithmetic arithmetic, int tokens) => new Tape(arithmetic, tokens, this);

    public override void Forward(BlockRun run, Matrix x, Matrix y, BlockTape tape)
    {
        var (a, t) = (run.Arithmetic, (Tape)tape);
        a.RmsNorm(x, InputNorm, _eps, t.Normed, t.InputRms);                                    // (n, h)
        LoraSite.Forward(LoraSite.Qkv, run, Qkv, t.Normed, t.Qkv);                              // (n, q + 2 k)
        a.RmsNorm(t.Q, QueryNorm, _eps, t.RotatedQ, t.QueryRms);
        a.RmsNorm(t.K, KeyNorm, _eps, t.RotatedK, t.KeyRms);
        a.Rotate(t.Rotated, run.Rope, run.Batch.Positions);
        a.Attend(_attention, run.Batch.Documents, t.RotatedQ, t.RotatedK, t.V, t.Attended, t.LogSumExp);   // (n, q)
        LoraSite.Forward(LoraSite.Output, run, Output, t.Attended, t.Projected);                // (n, h)
        a.Copy(x, t.Middle);
        a.RmsNorm(t.Projected, PostAttentionNorm, _eps, t.Middle, t.ProjectedRms, add: true);

        a.RmsNorm(t.Middle, PreMlpNorm, _eps, t.MiddleNormed, t.MiddleRms);                     // (n, h)
        LoraSite.Forward(LoraSite.GateUp, run, GateUp, t.MiddleNormed, t.GateUp);               // (n, 2 m)
        a.Gate(Activation.GeluTanh, t.GateUp, run.Scratch.Hidden);                              // (n, m)
        LoraSite.Forward(LoraSite.Down, run, Down, run.Scratch.Hidden, t.Mlp);                  // (n, h)
        a.Copy(t.Middle, y);
        a.RmsNorm(t.Mlp, PostMlpNorm, _eps, y, t.MlpRms, add: true);
    }

    public override void Backward(BlockRun run, Matrix x, BlockTape tape, Matrix d, bool lowest)
    {
        var (a, t, s) = (run.Arithmetic, (Tape)tape, run.Scratch);
        var attentionAdapted = run.Sites[LoraSite.Qkv] is not null || run.Sites[LoraSite.Output] is not null;
        a.RmsNormBackward(t.Mlp, PostMlpNorm, t.MlpRms, d, s.DBranch);                          // (n, h)
        if (lowest && !attentionAdapted && run.Sites[LoraSite.GateUp] is null)
        {
            a.Gate(Activation.GeluTanh, t.GateUp, s.Hidden);
            LoraSite.Backward(LoraSite.Down, run, Down, s.Hidden, s.DBranch, null);
            return;
        }
        LoraSite.InputGradient(LoraSite.Down, run, Down, s.DBranch, s.DHidden);                 // (n, m)
        a.GateBackward(Activation.GeluTanh, t.GateUp, s.DHidden, s.DGateUp, s.Hidden);          // (n, 2 m)
        LoraSite.WeightGradient(LoraSite.Down, run, s.Hidden, s.DBranch);
        var above = lowest && !attentionAdapted;
        LoraSite.Backward(LoraSite.GateUp, run, GateUp, t.MiddleNormed, s.DGateUp, above ? null : s.DNormed);
        if (above) return;
        a.RmsNormBackward(t.Middle, PreMlpNorm, t.MiddleRms, s.DNormed, d, add: true);          // d: of the middle

        a.RmsNormBackward(t.Projected, PostAttentionNorm, t.ProjectedRms, d, s.DBranch);
        var outputOnly = lowest && run.Sites[LoraSite.Qkv] is null;
        LoraSite.Backward(LoraSite.Output, run, Output, t.Attended, s.DBranch, outputOnly ? null : s.DAttended);
        if (outputOnly) return;
        Matrix dRotatedQ = s.DRotated.Slice(0, _q), dRotatedK = s.DRotated.Slice(_q, _k), dv = s.DQkv.Slice(_q + _k, _k);
        a.AttendBackward(_attention, run.Batch.Documents, t.RotatedQ, t.RotatedK, t.V, t.Attended, t.LogSumExp, s.DAttended, dRotatedQ, dRotatedK, dv);
        a.Rotate(s.DRotated, run.Rope, run.Batch.Positions, backwards: true);
        a.RmsNormBackward(t.Q, QueryNorm, t.QueryRms, dRotatedQ, s.DQkv.Slice(0, _q));
        a.RmsNormBackward(t.K, KeyNorm, t.KeyRms, dRotatedK, s.DQkv.Slice(_q, _k));
        LoraSite.Backward(LoraSite.Qkv, run, Qkv, t.Normed, s.DQkv, lowest ? null : s.DNormed);
        if (!lowest) a.RmsNormBackward(x, InputNorm, t.InputRms, s.DNormed, d, add: true);      // d: of x
    }

    public override void Dispose()
    {
        foreach (var norm in (Matrix[])[InputNorm, PostAttentionNorm, PreMlpNorm, PostMlpNorm, QueryNorm, KeyNorm]) norm.Dispose();
        base.Dispose();
    }
}
