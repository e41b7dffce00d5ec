using System.Text.Json;
using LdcLedger.Torch.Kernels;

namespace LdcLedger.Torch.Models;

/// <summary>
/// Gemma 3's text tower (arXiv 2503.19786; transformers' modeling_gemma3.py): norms before and after each branch, normalised queries and
/// keys, GeGLU, five layers with a sliding window to one without, each kind with rotary frequencies of its own. Norm weights are stored as
/// w - 1.
/// </summary>
internal sealed class Gemma3Model : CausalModel
{
    private Gemma3Model(ModelConfig config, FrozenWeight embedding, FrozenWeight head, Matrix norm, IReadOnlyList<DecoderBlock> blocks)
        : base(config, embedding, head, norm, blocks) { }

    public static ModelConfig ReadConfig(ConfigReader config, bool multimodal)
    {
        config.Expect("hidden_activation", "gelu_pytorch_tanh");
        config.Refuse("attention_bias");
        config.Refuse("use_bidirectional_attention");
        foreach (var cap in (string[])["attn_logit_softcapping", "final_logit_softcapping"])
            if (config.Has(cap)) throw config.Bad($"sets {cap}, which Gemma 3 does not have; null is allowed");
        int hidden = config.Hidden(2304), headDim = config.HeadDim(256),
            layers = config.Layers(26), window = config.Positive("sliding_window", 4096);
        return new ModelConfig(
            ModelFamilies.Gemma3, multimodal, hidden, config.Intermediate(9216), config.Heads(8),
            config.KvHeads(4), headDim,
            config.Positive("vocab_size", 262_208), config.Number(config.Values, "rms_norm_eps") ?? 1e-6,
            config.Flag("tie_word_embeddings", true),
            1 / Math.Sqrt(config.Number(config.Values, "query_pre_attn_scalar") ?? 256.0), Math.Sqrt(hidden), window,
            Kinds(config, layers), Ropes(config, headDim),
            config.Positive("max_position_embeddings", 131_072), config.StoredDtype(), config.Token("bos_token_id"),
            config.Tokens("eos_token_id"));
    }

    /// <summary>
    /// Of both kinds of layer: each may have values of its own in rope_parameters; where they are not split by kind, and in rope_scaling,
    /// they are those of the global layers.
    /// </summary>
    private static Dictionary<LayerKind, float[]> Ropes(ConfigReader config, int headDim)
    {
        var parameters = config.Object("rope_parameters");
        JsonElement? global = config.Object(parameters, "full_attention"), local = config.Object(parameters, "sliding_attention");
        if (global is null && local is null) global = parameters;
        var scaling = config.Object("rope_scaling") ?? global;
        var globalTheta = config.Number(config.Object("rope_scaling"), "rope_theta") ?? config.Number(global, "rope_theta")
            ?? config.Number(config.Values, "rope_theta") ?? 1_000_000.0;
        var localTheta = config.Number(local, "rope_theta") ?? config.Number(config.Values, "rope_local_base_freq") ?? 10_000.0;
        return new()
        {
            [LayerKind.Global] = config.Rope(scaling, globalTheta, headDim),
            [LayerKind.Local] = config.Rope(local, localTheta, headDim),
        };
    }

    /// <summary>Listed one by one, or every n-th layer global (n = 6 unless said otherwise).</summary>
    private static List<LayerKind> Kinds(ConfigReader config, int layers)
    {
        if (config.Has("layer_types"))
        {
            var kinds = config.Values.GetProperty("layer_types").EnumerateArray().Select(kind => kind.GetString() switch
            {
                "full_attention" => LayerKind.Global,
                "sliding_attention" => LayerKind.Local,
                var other => throw config.Bad($"names the layer type {other}; allowed are full_attention and sliding_attention"),
            }).ToList();
            return kinds.Count == layers ? kinds : throw config.Bad($"lists {kinds.Count} layer_types for {layers} layers");
        }
        var pattern = config.Has("sliding_window_pattern")
            ? config.Positive("sliding_window_pattern", 6) : config.Positive("_sliding_window_pattern", 6);
        return [.. Enumerable.Range(0, layers).Select(layer => (layer + 1) % pattern == 0 ? LayerKind.Global : LayerKind.Local)];
    }

    public static CausalModel Load(WeightSource source, ModelConfig config, Arithmetic arithmetic, bool keepBrainFloats)
    {
        var weights = new WeightReader(source, config, arithmetic, keepBrainFloats);
        var embedding = weights.Embedding();
        var blocks = Enumerable.Range(0, config.Layers).Select(layer => (DecoderBlock)new Gemma3Block(config, weights, layer)).ToList();
        return new Gemma3Model(config, embedding, weights.Head(embedding), weights.FinalNorm(plus: 1), blocks);
    }

    /// <summary>Elements of one layer's norm weights.</summary>
    public static long NormWeights(ModelConfig config) => 4L * config.Hidden + 2L * config.HeadDim;

    public static ChatTemplate Chat { get; } = new(
        "Gemma 3", ["<start_of_turn>", "<end_of_turn>"], ["<start_of_image>", "<end_of_image>"], LineAfterTurn: true, Trims: true,
        SystemHeader: null, Render);

    /// <summary>
    /// As their config.json says it, without what has no part in shape or arithmetic (huggingface.co/google/gemma-3-1b-pt and -4b-pt).
    /// </summary>
    public static IReadOnlyList<(string Name, string ConfigJson)> Shapes { get; } =
    [
        ("gemma-3-1b", """
            {"model_type":"gemma3_text","hidden_size":1152,"intermediate_size":6912,"num_hidden_layers":26,"num_attention_heads":4,
             "num_key_value_heads":1,"head_dim":256,
             "vocab_size":262144,"rms_norm_eps":1e-06,"max_position_embeddings":32768,"torch_dtype":"bfloat16","query_pre_attn_scalar":256,
             "sliding_window":512,
             "sliding_window_pattern":6,"rope_theta":1000000,"rope_local_base_freq":10000,"bos_token_id":2,"eos_token_id":[1,106]}
            """),
        ("gemma-3-4b", """
            {"model_type":"gemma3","torch_dtype":"bfloat16","eos_token_id":[1,106],
             "text_config":{"hidden_size":2560,"intermediate_size":10240,"num_hidden_layers":34,"sliding_window":1024,
             "rope_scaling":{"rope_type":"linear","factor":8.0}}}
            """),
    ];

    /// <summary>Gemma has no turn for the system: its word stands at the head of the first user's.</summary>
    private static IEnumerable<Stretch> Render(IReadOnlyList<Turn> turns)
    {
        var system = "";
        foreach (var turn in turns)
        {
            if (turn.Role == "system")
            {
                system = turn.Content + "\n\n";
                continue;
            }
            var assistant = turn.Role == "assistant";
            yield return new Stretch($"<start_of_turn>{(assistant ? "model" : "user")}\n{(assistant ? "" : system)}", Answer: false);
            yield return new Stretch(turn.Content + "<end_of_turn>", assistant);
            yield return new Stretch("\n", Answer: false);
            system = assistant ? system : "";
        }
    }
}

/// <summary>
/// x + norm(o(attention(rope(norm q), rope(norm k), v))), q, k, v of norm(x); then that + norm(down(gelu(gate) * up)), gate, up of its
/// norm.
/// </summary>
internal sealed class Gemma3Block : DecoderBlock
{
    // n: tokens; h: hidden; q, k: query and key heads x head_dim; m: intermediate
    private readonly int _q, _k;
    private readonly double _eps;
    private readonly AttentionShape _attention;

    public Gemma3Block(ModelConfig config, WeightReader weights, int layer)
        : base(weights, layer)
    {
        (_q, _k, _eps) = (config.Heads * config.HeadDim, config.KvHeads * config.HeadDim, config.RmsNormEps);
        _attention = new AttentionShape(config.Heads, config.KvHeads, config.HeadDim, (float)config.AttentionScale, config.WindowOf(layer));
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
            (Normed, InputRms, Qkv) = (New(a, n, hidden), Numbers(a, n, 1), New(a, n, block.Qkv.Out));
            (Q, K) = (Qkv.Slice(0, block._q), Qkv.Slice(block._q, block._k));
            (Rotated, QueryRms, KeyRms) = (New(a, n, block._q + block._k), Numbers(a, n, heads), Numbers(a, n, kvHeads));
            (RotatedQ, RotatedK) = (Rotated.Slice(0, block._q), Rotated.Slice(block._q, block._k));
            Input = new AttentionInput(RotatedQ, RotatedK, Qkv.Slice(block._q + block._k, block._k));
            (Attended, LogSumExp) = (New(a, n, block._q), Numbers(a, n, heads));
            (Projected, ProjectedRms, Middle) = (New(a, n, hidden), Numbers(a, n, 1), New(a, n, hidden));
            (MiddleNormed, MiddleRms, GateUp) = (New(a, n, hidden), Numbers(a, n, 1), New(a, n, block.GateUp.Out));
            (Mlp, MlpRms) = (New(a, n, hidden), Numbers(a, n, 1));
        }

        public Matrix Normed, InputRms, Qkv, Q, K, Rotated, RotatedQ, RotatedK, QueryRms, KeyRms, Attended, LogSumExp, Projected,
            ProjectedRms, Middle, MiddleNormed, MiddleRms, GateUp, Mlp, MlpRms;
        public AttentionInput Input;
    }

    public override BlockTape NewTape(Arithmetic arithmetic, int tokens) => new Tape(arithmetic, tokens, this);

    public override void Forward(BlockRun run, Matrix x, Matrix y, BlockTape tape)
    {
        var (a, t) = (run.Arithmetic, (Tape)tape);
        a.RmsNorm(x, InputNorm, _eps, t.Normed, t.InputRms);                                    // (n, h)
        LoraSite.Forward(LoraSite.Qkv, run, Qkv, t.Normed, t.Qkv);                              // (n, q + 2 k)
        a.RmsNorm(t.Q, QueryNorm, _eps, t.RotatedQ, t.QueryRms);
        a.RmsNorm(t.K, KeyNorm, _eps, t.RotatedK, t.KeyRms);
        a.Rotate(t.Rotated, run.Rope, run.Batch);
        a.Attend(_attention, run.Batch, t.Input, t.Attended, t.LogSumExp);                      // (n, q)
        LoraSite.Forward(LoraSite.Output, run, Output, t.Attended, t.Projected);                // (n, h)
        a.RmsNorm(t.Projected, PostAttentionNorm, _eps, t.Middle, t.ProjectedRms, plus: x);

        a.RmsNorm(t.Middle, PreMlpNorm, _eps, t.MiddleNormed, t.MiddleRms);                     // (n, h)
        LoraSite.Forward(LoraSite.GateUp, run, GateUp, t.MiddleNormed, t.GateUp);               // (n, 2 m)
        a.Gate(Activation.GeluTanh, t.GateUp, run.Scratch.Hidden);                              // (n, m)
        LoraSite.Forward(LoraSite.Down, run, Down, run.Scratch.Hidden, t.Mlp);                  // (n, h)
        a.RmsNorm(t.Mlp, PostMlpNorm, _eps, y, t.MlpRms, plus: t.Middle);
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
        a.AttendBackward(_attention, run.Batch, t.Input, t.Attended, t.LogSumExp, s.DAttended, new(dRotatedQ, dRotatedK, dv));
        a.Rotate(s.DRotated, run.Rope, run.Batch, backwards: true);
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
