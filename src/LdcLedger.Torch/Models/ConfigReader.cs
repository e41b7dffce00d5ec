using System.Globalization;
using System.Text.Json;

namespace LdcLedger.Torch.Models;

/// <summary>
/// Fills in what a <c>config.json</c> leaves out. Values equal to a class default are often missing, so the defaults here are those of
/// transformers' LlamaConfig and Gemma3TextConfig; transformers 5 keeps rope in <c>rope_parameters</c> and the type in <c>dtype</c>, older ones spread them.
/// </summary>
internal sealed class ConfigReader(string path, JsonElement root)
{
    private JsonElement _config;

    public ModelConfig Read()
    {
        _config = root;
        if (root.ValueKind != JsonValueKind.Object) throw Bad("is not a JSON object");
        var type = Text("model_type") ?? "";
        var architecture = root.TryGetProperty("architectures", out var named) && named.ValueKind == JsonValueKind.Array && named.GetArrayLength() > 0 ? named[0].GetString() : null;
        switch (type, architecture)
        {
            case ("llama", null or "LlamaForCausalLM"):
                return Llama();
            case ("gemma3_text", null or "Gemma3ForCausalLM"):
                return Gemma3(multimodal: false);
            case ("gemma3", null or "Gemma3ForConditionalGeneration"):
                if (!root.TryGetProperty("text_config", out _config)) throw Bad("has no text_config, which a multimodal Gemma 3 has");
                return Gemma3(multimodal: true);
            default:
                throw Bad($"is of architecture {architecture ?? "(none)"}, model_type {(type.Length > 0 ? type : "(none)")}; "
                          + "allowed are LlamaForCausalLM (llama), Gemma3ForCausalLM (gemma3_text) and Gemma3ForConditionalGeneration (gemma3)");
        }
    }

    private ModelConfig Llama()
    {
        Expect("hidden_act", "silu");
        Refuse("attention_bias");
        Refuse("mlp_bias");
        int hidden = Positive("hidden_size", 4096), heads = Positive("num_attention_heads", 32), layers = Positive("num_hidden_layers", 32);
        if (!Has("head_dim") && hidden % heads != 0) throw Bad($"has hidden_size {hidden}, which its num_attention_heads {heads} do not divide; state head_dim, or choose heads that divide it");
        var headDim = Positive("head_dim", hidden / heads);
        var rope = Has("rope_parameters") ? _config.GetProperty("rope_parameters") : Has("rope_scaling") ? _config.GetProperty("rope_scaling") : default;
        var theta = Number(rope, "rope_theta") ?? Number(_config, "rope_theta") ?? 10000.0;
        return Checked(new ModelConfig(
            ModelFamily.Llama, false, hidden, Positive("intermediate_size", 11008), heads, Positive("num_key_value_heads", heads), headDim,
            Positive("vocab_size", 32000), Number(_config, "rms_norm_eps") ?? 1e-6, Flag("tie_word_embeddings", false), Math.Pow(headDim, -0.5), 1.0, null,
            Enumerable.Repeat(LayerKind.Global, layers).ToList(), new Dictionary<LayerKind, float[]> { [LayerKind.Global] = Rope(rope, theta, headDim) },
            Positive("max_position_embeddings", 2048), StoredDtype(), Token("bos_token_id"), Tokens("eos_token_id")));
    }

    private ModelConfig Gemma3(bool multimodal)
    {
        Expect("hidden_activation", "gelu_pytorch_tanh");
        Refuse("attention_bias");
        Refuse("use_bidirectional_attention");
        foreach (var cap in (string[])["attn_logit_softcapping", "final_logit_softcapping"])
            if (Has(cap)) throw Bad($"sets {cap}, which Gemma 3 does not have; null is allowed");
        int hidden = Positive("hidden_size", 2304), headDim = Positive("head_dim", 256), layers = Positive("num_hidden_layers", 26), window = Positive("sliding_window", 4096);
        var ropes = new Dictionary<LayerKind, float[]>();
        if (Has("rope_parameters") && _config.GetProperty("rope_parameters") is var perKind && perKind.TryGetProperty("full_attention", out var global))
        {
            ropes[LayerKind.Global] = Rope(global, Number(global, "rope_theta") ?? 1_000_000.0, headDim);
            perKind.TryGetProperty("sliding_attention", out var local);
            ropes[LayerKind.Local] = Rope(local, Number(local, "rope_theta") ?? 10_000.0, headDim);
        }
        else
        {
            var scaling = Has("rope_parameters") ? _config.GetProperty("rope_parameters") : Has("rope_scaling") ? _config.GetProperty("rope_scaling") : default;
            ropes[LayerKind.Global] = Rope(scaling, Number(scaling, "rope_theta") ?? Number(_config, "rope_theta") ?? 1_000_000.0, headDim);
            ropes[LayerKind.Local] = Rope(default, Number(_config, "rope_local_base_freq") ?? 10_000.0, headDim);
        }
        var kinds = Kinds(layers);
        return Checked(new ModelConfig(
            ModelFamily.Gemma3, multimodal, hidden, Positive("intermediate_size", 9216), Positive("num_attention_heads", 8), Positive("num_key_value_heads", 4), headDim,
            Positive("vocab_size", 262_208), Number(_config, "rms_norm_eps") ?? 1e-6, Flag("tie_word_embeddings", true),
            Math.Pow(Number(_config, "query_pre_attn_scalar") ?? 256.0, -0.5), Math.Sqrt(hidden), window, kinds, ropes,
            Positive("max_position_embeddings", 131_072), StoredDtype(), Token("bos_token_id"), Tokens("eos_token_id")));
    }

    /// <summary>Listed one by one, or every n-th layer global (n = 6 unless said otherwise).</summary>
    private List<LayerKind> Kinds(int layers)
    {
        if (Has("layer_types"))
        {
            var kinds = _config.GetProperty("layer_types").EnumerateArray().Select(kind => kind.GetString() switch
            {
                "full_attention" => LayerKind.Global,
                "sliding_attention" => LayerKind.Local,
                var other => throw Bad($"names the layer type {other}; allowed are full_attention and sliding_attention"),
            }).ToList();
            return kinds.Count == layers ? kinds : throw Bad($"lists {kinds.Count} layer_types for {layers} layers");
        }
        var pattern = Has("sliding_window_pattern") ? Positive("sliding_window_pattern", 6) : Positive("_sliding_window_pattern", 6);
        return [.. Enumerable.Range(0, layers).Select(layer => (layer + 1) % pattern == 0 ? LayerKind.Global : LayerKind.Local)];
    }

    private float[] Rope(JsonElement scaling, double theta, int headDim)
    {
        var kind = scaling.ValueKind == JsonValueKind.Object
            ? scaling.TryGetProperty("rope_type", out var type) || scaling.TryGetProperty("type", out type) ? type.GetString() : "default"
            : "default";
        if (headDim % 2 != 0) throw Bad($"has head_dim {headDim}; rotation needs an even one");
        double Need(string key) => Number(scaling, key) ?? throw Bad($"has rope_type {kind} without {key}");
        return kind switch
        {
            "default" => RopeFrequencies.Plain(theta, headDim),
            "linear" => RopeFrequencies.Linear(theta, headDim, Need("factor")),
            "llama3" => RopeFrequencies.Llama3(theta, headDim, Need("factor"), Need("low_freq_factor"), Need("high_freq_factor"), Need("original_max_position_embeddings")),
            _ => throw Bad($"has rope_type {kind}; allowed are default, linear and llama3"),
        };
    }

    private ModelConfig Checked(ModelConfig config)
    {
        if (config.Heads % config.KvHeads != 0)
            throw Bad($"has num_attention_heads {config.Heads}, which num_key_value_heads {config.KvHeads} does not divide");
        return config.RmsNormEps > 0 ? config : throw Bad(string.Create(CultureInfo.InvariantCulture, $"has rms_norm_eps {config.RmsNormEps}; a number above 0 is wanted"));
    }

    private bool Has(string key) => _config.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    private string? Text(string key) => _config.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private double? Number(JsonElement of, string key)
    {
        if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()) ? value.GetDouble() : throw Bad($"has {key} {value.GetRawText()}; a number is wanted");
    }

    private int Positive(string key, int otherwise) => Number(_config, key) switch
    {
        null => otherwise,
        >= 1 and <= int.MaxValue and double value when Math.Floor(value) == value => (int)value,
        var value => throw Bad(string.Create(CultureInfo.InvariantCulture, $"has {key} {value}; a whole number above 0 is wanted")),
    };

    private bool Flag(string key, bool otherwise)
    {
        // A multimodal configuration may keep it at the top.
        if (!_config.TryGetProperty(key, out var value) && !root.TryGetProperty(key, out value)) return otherwise;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Bad($"has {key} {value.GetRawText()}; true or false is wanted");
    }

    private int? Token(string key) => Tokens(key) is [var first, ..] ? first : null;

    private List<int> Tokens(string key)
    {
        if (!Has(key)) return [];
        var value = _config.GetProperty(key);
        return value.ValueKind switch
        {
            JsonValueKind.Number => [value.GetInt32()],
            JsonValueKind.Array => [.. value.EnumerateArray().Select(id => id.GetInt32())],
            _ => throw Bad($"has {key} {value.GetRawText()}; a token id, or a list of them, is wanted"),
        };
    }

    private string? StoredDtype() => Text("dtype") ?? Text("torch_dtype")
        ?? (root.TryGetProperty("dtype", out var dtype) || root.TryGetProperty("torch_dtype", out dtype) ? dtype.GetString() : null);

    private void Expect(string key, string allowed)
    {
        if (Text(key) is { } value && value != allowed) throw Bad($"has {key} {value}; {allowed} is allowed");
    }

    private void Refuse(string key)
    {
        if (Flag(key, false)) throw Bad($"sets {key}, which no published checkpoint of this family has; false is allowed");
    }

    private InvalidInputException Bad(string what) => new($"{path} {what}.");
}
