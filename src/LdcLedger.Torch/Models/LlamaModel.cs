using LdcLedger.Torch.Kernels;

namespace LdcLedger.Torch.Models;

/// <summary>
/// Llama 3 (arXiv 2407.21783; transformers' modeling_llama.py): pre-normalised blocks of grouped-query attention with rotary positions and
/// a SwiGLU MLP.
/// </summary>
internal sealed class LlamaModel : CausalModel
{
    private LlamaModel(ModelConfig config, FrozenWeight embedding, FrozenWeight head, Matrix norm, IReadOnlyList<DecoderBlock> blocks)
        : base(config, embedding, head, norm, blocks) { }

    public static ModelConfig ReadConfig(ConfigReader config, bool multimodal)
    {
        config.Expect("hidden_act", "silu", "swish");   // two names of one function
        config.Refuse("attention_bias");
        config.Refuse("mlp_bias");
        int hidden = config.Hidden(4096), heads = config.Heads(32),
            layers = config.Layers(32);
        if (!config.Has("head_dim") && hidden % heads != 0)
            throw config.Bad($"has hidden_size {hidden}, which its num_attention_heads {heads} do not divide; state head_dim, "
                + "or choose heads that divide it");
        var headDim = config.HeadDim(hidden / heads);
        // As in transformers 5, where both are there: the older key was set by hand.
        var rope = config.Object("rope_scaling") ?? config.Object("rope_parameters");
        var theta = config.Number(rope, "rope_theta") ?? config.Number(config.Values, "rope_theta") ?? 10000.0;
        return new ModelConfig(
            ModelFamilies.Llama, multimodal, hidden, config.Intermediate(11008), heads,
            config.KvHeads(heads), headDim,
            config.Positive("vocab_size", 32000), config.Number(config.Values, "rms_norm_eps") ?? 1e-6,
            config.Flag("tie_word_embeddings", false), 1 / Math.Sqrt(headDim), 1.0, null,
            Enumerable.Repeat(LayerKind.Global, layers).ToList(),
            new Dictionary<LayerKind, float[]> { [LayerKind.Global] = config.Rope(rope, theta, headDim) },
            config.Positive("max_position_embeddings", 2048), config.StoredDtype(), config.Token("bos_token_id"),
            config.Tokens("eos_token_id"));
    }

    public static CausalModel Load(WeightSource source, ModelConfig config, Arithmetic arithmetic, bool keepBrainFloats)
    {
        var weights = new WeightReader(source, config, arithmetic, keepBrainFloats);
        var embedding = weights.Embedding();
        var blocks = Enumerable.Range(0, config.Layers).Select(layer => (DecoderBlock)new LlamaBlock(config, weights, layer)).ToList();
        return new LlamaModel(config, embedding, weights.Head(embedding), weights.FinalNorm(plus: 0), blocks);
    }

    /// <summary>Elements of one layer's norm weights.</summary>
    public static long NormWeights(ModelConfig config) => 2L * config.Hidden;

    public static ChatTemplate Chat { get; } = new(
        "Llama 3", ["<|start_header_id|>", "<|eot_id|>"],
        ["<|end_header_id|>", "<|begin_of_text|>", "<|end_of_text|>", "<|eom_id|>", "<|python_tag|>", "<|image|>",
            "<|finetune_right_pad_id|>"],
        LineAfterTurn: false, Trims: true, "<|start_header_id|>system<|end_header_id|>\n\n", Render);

    /// <summary>
    /// As their config.json says it, without what has no part in shape or arithmetic (huggingface.co/meta-llama/Llama-3.2-1B and -3B; the
    /// tiny one is ours).
    /// </summary>
    public static IReadOnlyList<(string Name, string ConfigJson)> Shapes { get; } =
    [
        ("tiny", """
            {"model_type":"llama","hidden_size":128,"intermediate_size":320,"num_hidden_layers":8,"num_attention_heads":4,
             "num_key_value_heads":2,"head_dim":32,
             "vocab_size":2048,"rms_norm_eps":1e-05,"tie_word_embeddings":true,"max_position_embeddings":2048,"torch_dtype":"bfloat16",
             "rope_theta":500000.0,
             "rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,
             "original_max_position_embeddings":256},
             "bos_token_id":2040,"eos_token_id":2041}
            """),
        ("llama-3.2-1b", """
            {"model_type":"llama","hidden_size":2048,"intermediate_size":8192,"num_hidden_layers":16,"num_attention_heads":32,
             "num_key_value_heads":8,"head_dim":64,
             "vocab_size":128256,"rms_norm_eps":1e-05,"tie_word_embeddings":true,"max_position_embeddings":131072,"torch_dtype":"bfloat16",
             "rope_theta":500000.0,
             "rope_scaling":{"rope_type":"llama3","factor":32.0,"low_freq_factor":1.0,"high_freq_factor":4.0,
             "original_max_position_embeddings":8192},
             "bos_token_id":128000,"eos_token_id":128001}
            """),
        ("llama-3.2-3b", """
            {"model_type":"llama","hidden_size":3072,"intermediate_size":8192,"num_hidden_layers":28,"num_attention_heads":24,
             "num_key_value_heads":8,"head_dim":128,
             "vocab_size":128256,"rms_norm_eps":1e-05,"tie_word_embeddings":true,"max_position_embeddings":131072,"torch_dtype":"bfloat16",
             "rope_theta":500000.0,
             "rope_scaling":{"rope_type":"llama3","factor":32.0,"low_freq_factor":1.0,"high_freq_factor":4.0,
             "original_max_position_embeddings":8192},
             "bos_token_id":128000,"eos_token_id":128001}
            """),
    ];

    private static IEnumerable<Stretch> Render(IReadOnlyList<Turn> turns)
    {
        foreach (var turn in turns)
        {
            yield return new Stretch($"<|start_header_id|>{turn.Role}<|end_header_id|>\n\n", Answer: false);
            yield return new Stretch(turn.Content + "<|eot_id|>", turn.Role == "assistant");
        }
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
        : base(weights, layer)
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
            (Normed, InputRms, Qkv) = (New(a, n, hidden), Numbers(a, n, 1), New(a, n, block.Qkv.Out));
            (Qk, Input) = (Qkv.Slice(0, block._q + block._k), AttentionInput.In(Qkv, block._q, block._k));
            (Attended, LogSumExp, Middle) = (New(a, n, block._q), Numbers(a, n, block._attention.Heads), New(a, n, hidden));
            (MiddleNormed, MiddleRms, GateUp) = (New(a, n, hidden), Numbers(a, n, 1), New(a, n, block.GateUp.Out));
        }

        public Matrix Normed, InputRms, Qkv, Qk, Attended, LogSumExp, Middle, MiddleNormed, MiddleRms, GateUp;
        public AttentionInput Input;
    }

    public override BlockTape NewTape(Arithmetic arithmetic, int tokens) => new Tape(arithmetic, tokens, this);

    public override void Forward(BlockRun run, Matrix x, Matrix y, BlockTape tape)
    {
        var (a, t) = (run.Arithmetic, (Tape)tape);
        a.RmsNorm(x, InputNorm, _eps, t.Normed, t.InputRms);                                    // (n, h)
        LoraSite.Forward(LoraSite.Qkv, run, Qkv, t.Normed, t.Qkv);                              // (n, q + 2 k)
        a.Rotate(t.Qk, run.Rope, run.Batch);
        a.Attend(_attention, run.Batch, t.Input, t.Attended, t.LogSumExp);                      // (n, q)
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
        a.AttendBackward(_attention, run.Batch, t.Input, t.Attended, t.LogSumExp, s.DAttended, AttentionInput.In(s.DQkv, _q, _k));
        a.Rotate(s.DQkv.Slice(0, _q + _k), run.Rope, run.Batch, backwards: true);
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
