using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LdcLedger.Torch.Models;

/// <summary>What a <c>config.json</c> says of the output head.</summary>
/// <param name="Tied">Whether it is the embedding; null where the file leaves that to the class, and so to the weights.</param>
/// <param name="Spelling">4 or 5: the major version of transformers that the file is written for; null where nothing in it tells.</param>
internal readonly record struct HeadStatement(bool? Tied, int? Spelling);

/// <summary>
/// Fills in what a <c>config.json</c> leaves out. Values equal to a class default are often missing, and null means the same, so the
/// defaults here are those of transformers' LlamaConfig and Gemma3TextConfig; transformers 5 keeps rope in <c>rope_parameters</c> and the
/// type in <c>dtype</c>, older ones spread them.
/// </summary>
internal sealed partial class ConfigReader(string path, JsonElement root)
{
    private JsonElement _config;

    /// <summary>The values of the text model: the file's own, or those of its text_config.</summary>
    public JsonElement Values => _config;

    public ModelConfig Read()
    {
        _config = root;
        if (root.ValueKind != JsonValueKind.Object) throw Bad("is not a JSON object");
        if (Quantisation.UnreadIn(root) is { } scheme)
            throw Bad($"states a quantised checkpoint ({scheme}); {Quantisation.Needed}. If they are that, after all, remove the entry");
        var family = Family(Text("model_type"), FirstArchitecture());
        var nested = Object(root, "text_config");
        var multimodal = nested is not null && family.Architectures.Any(row => row.Multimodal);
        if (multimodal) _config = nested!.Value;
        else if (nested is null && !Has("hidden_size") && family.Architectures.FirstOrDefault(
            row => row.Multimodal && row.ModelType == Text("model_type")) is { } of)
            throw Bad($"has neither a text_config, which {of.Name} has, nor the text model's values beside its model_type");
        return Checked(family.ReadConfig(this, multimodal));
    }

    /// <summary>
    /// The family of the class that is named. Which of its classes it is (with vision or without) the values and the weights tell better
    /// than the names, which are often left over from another checkpoint.
    /// </summary>
    private ModelFamily Family(string? type, string? architecture)
    {
        var byType = ModelFamilies.All.FirstOrDefault(family => family.Architectures.Any(row => row.ModelType == type));
        var byName = architecture is null ? null : ModelFamilies.All.FirstOrDefault(family => family.Architectures.Any(row =>
            ClassName().Match(architecture) is { Success: true } match && row.Name.StartsWith(match.Groups[1].Value + "For",
                StringComparison.Ordinal)));
        return (type is null or "" ? byName : architecture is null || byName == byType ? byType : null)
            ?? throw Bad($"is of architecture {architecture ?? "(none)"}, model_type {(type is null or "" ? "(none)" : type)}; allowed are "
                + string.Join(", ", ModelFamilies.All
                    .SelectMany(family => family.Architectures).Select(row => $"{row.Name} ({row.ModelType})")));
    }

    /// <summary>LlamaForCausalLM, LlamaModel, Gemma3TextModel, Gemma3ForConditionalGeneration: all hold the text model.</summary>
    [GeneratedRegex("^([A-Z][a-z]+[0-9]*)(?:Text)?(?:Model|ForCausalLM|ForConditionalGeneration)$", RegexOptions.CultureInvariant)]
    private static partial Regex ClassName();

    private string? FirstArchitecture() =>
        root.TryGetProperty("architectures", out var named) && named.ValueKind == JsonValueKind.Array && named.GetArrayLength() > 0
            ? named[0].GetString() : null;

    /// <summary>After <see cref="Read"/>.</summary>
    public HeadStatement Head() => new(Maybe("tie_word_embeddings") is { } stated ? stated.GetBoolean() : null, Spelling());

    /// <summary>4 or 5: the major version of transformers that the file was written for, by what it says or else by its keys.</summary>
    private int? Spelling()
    {
        if (root.TryGetProperty("transformers_version", out var version) && version.ValueKind == JsonValueKind.String
            && Version.TryParse(MajorMinor().Match(version.GetString()!).Value, out var parsed))
            return parsed.Major >= 5 ? 5 : 4;
        return Has("rope_parameters") ? 5 : Has("rope_scaling") || Has("rope_theta") || Has("torch_dtype") ? 4 : null;
    }

    [GeneratedRegex(@"^[0-9]+\.[0-9]+")]
    private static partial Regex MajorMinor();

    /// <param name="scaling">What the file says of the rotation, or of that of one kind of layer; may be undefined.</param>
    public float[] Rope(JsonElement? scaling, double theta, int headDim)
    {
        var kind = TextIn(scaling, "rope_type") ?? TextIn(scaling, "type") ?? "default";
        if (headDim % 2 != 0) throw Bad($"has head_dim {headDim}; rotation needs an even one");
        if ((Number(scaling, "partial_rotary_factor") ?? Number(_config, "partial_rotary_factor") ?? 1) is not 1.0 and var part)
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"has partial_rotary_factor {part}; 1 is allowed"));
        double Need(string key) => Number(scaling, key) ?? throw Bad($"has rope_type {kind} without {key}");
        return kind switch
        {
            "default" => RopeFrequencies.Plain(theta, headDim),
            "linear" => RopeFrequencies.Linear(theta, headDim, Need("factor")),
            "llama3" => RopeFrequencies.Llama3(theta, headDim, Need("factor"), Need("low_freq_factor"), Need("high_freq_factor"),
                Number(scaling, "original_max_position_embeddings") ?? Number(_config, "original_max_position_embeddings")
                    ?? Number(_config, "max_position_embeddings") ?? Need("original_max_position_embeddings")),
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

    /// <summary>An object with something in it; null where it is absent, null or empty, which all mean the same.</summary>
    public JsonElement? Object(string key) => Object(_config, key);

    public JsonElement? Object(JsonElement? of, string key) =>
        of is not { ValueKind: JsonValueKind.Object } parent || !parent.TryGetProperty(key, out var value)
            || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind != JsonValueKind.Object ? throw Bad($"has {key} {value.GetRawText()}; an object is needed")
        : value.EnumerateObject().Any() ? value : null;

    public string? Text(string key) => TextIn(_config, key);

    private static string? TextIn(JsonElement? of, string key) =>
        of is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(key, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public double? Number(JsonElement? of, string key)
    {
        if (of is not { ValueKind: JsonValueKind.Object } parent || !parent.TryGetProperty(key, out var value)
            || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble())
            ? value.GetDouble() : throw Bad($"has {key} {value.GetRawText()}; a number is needed");
    }

    /// <param name="most">Far more than any model has, and little enough that products of two such numbers stay numbers.</param>
    public int Positive(string key, int otherwise, int most = 1 << 28) => Number(_config, key) switch
    {
        null => otherwise,
        >= 1 and double value when Math.Floor(value) == value => value <= most ? (int)value
            : throw Bad(string.Create(CultureInfo.InvariantCulture, $"has {key} {value}; at most {most} is allowed")),
        var value => throw Bad(string.Create(CultureInfo.InvariantCulture, $"has {key} {value}; a whole number above 0 is needed")),
    };

    // What the shapes of every family are made of.

    public int Layers(int otherwise) => Positive("num_hidden_layers", otherwise, 1 << 14);

    public int Hidden(int otherwise) => Positive("hidden_size", otherwise, 1 << 22);

    public int Intermediate(int otherwise) => Positive("intermediate_size", otherwise, 1 << 24);

    public int Heads(int otherwise) => Positive("num_attention_heads", otherwise, 1 << 12);

    public int KvHeads(int otherwise) => Positive("num_key_value_heads", otherwise, 1 << 12);

    public int HeadDim(int otherwise) => Positive("head_dim", otherwise, 1 << 16);

    public bool Flag(string key, bool otherwise) => Maybe(key) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } value => value.GetBoolean(),
        { } value => throw Bad($"has {key} {value.GetRawText()}; true or false is needed"),
    };

    /// <summary>A multimodal configuration may keep it at the top.</summary>
    private JsonElement? Maybe(string key) =>
        _config.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            || root.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public int? Token(string key) => Tokens(key) is [var first, ..] ? first : null;

    public List<int> Tokens(string key)
    {
        if (Maybe(key) is not { } value) return [];
        return value.ValueKind switch
        {
            JsonValueKind.Number => [value.GetInt32()],
            JsonValueKind.Array => [.. value.EnumerateArray().Select(id => id.GetInt32())],
            _ => throw Bad($"has {key} {value.GetRawText()}; a token id, or a list of them, is needed"),
        };
    }

    /// <summary>For people only: what the weights are stored in, their file says.</summary>
    public string? StoredDtype() =>
        Text("dtype") ?? Text("torch_dtype") ?? TextIn(root, "dtype") ?? TextIn(root, "torch_dtype");

    public void Expect(string key, params string[] allowed)
    {
        if (Text(key) is { } value && !allowed.Contains(value))
            throw Bad($"has {key} {value}; {string.Join(" or ", allowed)} is allowed");
    }

    public void Refuse(string key)
    {
        if (Flag(key, false)) throw Bad($"sets {key}, which no published checkpoint of this family has; false is allowed");
    }

    public InvalidInputException Bad(string what) => new($"{path} {what}.");
}
