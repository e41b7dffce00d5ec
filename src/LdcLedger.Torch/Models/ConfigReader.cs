using System.Globalization;
using System.Text.Json;

namespace LdcLedger.Torch.Models;

/// <summary>
/// Fills in what a <c>config.json</c> leaves out. Values equal to a class default are often missing, so the defaults here are those of
/// transformers' LlamaConfig and Gemma3TextConfig; transformers 5 keeps rope in <c>rope_parameters</c> and the type in <c>dtype</c>, older
/// ones spread them.
/// </summary>
internal sealed class ConfigReader(string path, JsonElement root)
{
    private JsonElement _config;

    /// <summary>The values of the text model: the file's own, or those of its text_config.</summary>
    public JsonElement Values => _config;

    public ModelConfig Read()
    {
        _config = root;
        if (root.ValueKind != JsonValueKind.Object) throw Bad("is not a JSON object");
        var type = Text("model_type") ?? "";
        var architecture = root.TryGetProperty("architectures", out var named) && named.ValueKind == JsonValueKind.Array
            && named.GetArrayLength() > 0 ? named[0].GetString() : null;
        var known = from family in ModelFamilies.All
                    from row in family.Architectures
                    where row.ModelType == type && (architecture is null || architecture == row.Name)
                    select (Family: family, Architecture: row);
        if (known.FirstOrDefault() is not ({ } found, { } of))
            throw Bad($"is of architecture {architecture ?? "(none)"}, model_type {(type.Length > 0 ? type : "(none)")}; allowed are "
                + string.Join(", ", ModelFamilies.All
                    .SelectMany(family => family.Architectures).Select(row => $"{row.Name} ({row.ModelType})")));
        if (of.Multimodal && !root.TryGetProperty("text_config", out _config)) throw Bad($"has no text_config, which {of.Name} has");
        return Checked(found.ReadConfig(this, of.Multimodal));
    }

    public float[] Rope(JsonElement scaling, double theta, int headDim)
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
            "llama3" => RopeFrequencies.Llama3(theta, headDim, Need("factor"), Need("low_freq_factor"), Need("high_freq_factor"),
                Need("original_max_position_embeddings")),
            _ => throw Bad($"has rope_type {kind}; allowed are default, linear and llama3"),
        };
    }

    private ModelConfig Checked(ModelConfig config)
    {
        if (config.Heads % config.KvHeads != 0)
            throw Bad($"has num_attention_heads {config.Heads}, which num_key_value_heads {config.KvHeads} does not divide");
        return config.RmsNormEps > 0 ? config
            : throw Bad(string.Create(CultureInfo.InvariantCulture, $"has rms_norm_eps {config.RmsNormEps}; a number above 0 is needed"));
    }

    public bool Has(string key) => _config.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    public string? Text(string key) =>
        _config.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public double? Number(JsonElement of, string key)
    {
        if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble())
            ? value.GetDouble() : throw Bad($"has {key} {value.GetRawText()}; a number is needed");
    }

    public int Positive(string key, int otherwise) => Number(_config, key) switch
    {
        null => otherwise,
        >= 1 and <= int.MaxValue and double value when Math.Floor(value) == value => (int)value,
        var value => throw Bad(string.Create(CultureInfo.InvariantCulture, $"has {key} {value}; a whole number above 0 is needed")),
    };

    public bool Flag(string key, bool otherwise)
    {
        // A multimodal configuration may keep it at the top.
        if (!_config.TryGetProperty(key, out var value) && !root.TryGetProperty(key, out value)) return otherwise;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean() : throw Bad($"has {key} {value.GetRawText()}; true or false is needed");
    }

    public int? Token(string key) => Tokens(key) is [var first, ..] ? first : null;

    public List<int> Tokens(string key)
    {
        if (!Has(key)) return [];
        var value = _config.GetProperty(key);
        return value.ValueKind switch
        {
            JsonValueKind.Number => [value.GetInt32()],
            JsonValueKind.Array => [.. value.EnumerateArray().Select(id => id.GetInt32())],
            _ => throw Bad($"has {key} {value.GetRawText()}; a token id, or a list of them, is needed"),
        };
    }

    public string? StoredDtype() => Text("dtype") ?? Text("torch_dtype")
        ?? (root.TryGetProperty("dtype", out var dtype) || root.TryGetProperty("torch_dtype", out dtype) ? dtype.GetString() : null);

    public void Expect(string key, string allowed)
    {
        if (Text(key) is { } value && value != allowed) throw Bad($"has {key} {value}; {allowed} is allowed");
    }

    public void Refuse(string key)
    {
        if (Flag(key, false)) throw Bad($"sets {key}, which no published checkpoint of this family has; false is allowed");
    }

    public InvalidInputException Bad(string what) => new($"{path} {what}.");
}
