using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LdcLedger.Torch.Adapters;

/// <summary>What <c>adapter_config.json</c> says that decides the update: rank, alpha and their exceptions by module.</summary>
/// <param name="BaseModel">As the file names it; may be a path of another machine, a name on a hub, or null.</param>
/// <param name="Rank">r of every module that no pattern names.</param>
/// <param name="Alpha">lora_alpha of every module that no pattern names.</param>
/// <param name="Dropout">lora_dropout, which matters in training only.</param>
/// <param name="RankStabilised">use_rslora: the scale is alpha / sqrt(r) instead of alpha / r.</param>
internal sealed record PeftConfig(string? BaseModel, int Rank, double Alpha, double Dropout, bool RankStabilised,
    IReadOnlyList<(Regex Module, int Rank)> RankPattern, IReadOnlyList<(Regex Module, double Alpha)> AlphaPattern)
{
    public const string FileName = "adapter_config.json";

    public int RankOf(string modulePath) =>
        RankPattern.Where(p => p.Module.IsMatch(modulePath)).Select(p => (int?)p.Rank).FirstOrDefault() ?? Rank;

    /// <summary>Factor of B A.</summary>
    public double ScaleOf(string modulePath, int rank) =>
        (AlphaPattern.Where(p => p.Module.IsMatch(modulePath)).Select(p => (double?)p.Alpha).FirstOrDefault() ?? Alpha)
            / (RankStabilised ? Math.Sqrt(rank) : rank);

    public static PeftConfig Read(string directory)
    {
        var file = Path.Combine(directory, FileName);
        if (!File.Exists(file))
            throw new InvalidInputException($"There is no {FileName} in \"{directory}\"; the folder of a PEFT adapter is needed.");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return Read(document.RootElement, file);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{file} is not valid JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}.", e);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidInputException($"{file} is not the configuration of a LoRA adapter: {e.Message}", e);
        }
    }

    private static PeftConfig Read(JsonElement json, string file)
    {
        JsonElement? Maybe(string name) => json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
        bool Flag(string name) => Maybe(name) is { ValueKind: JsonValueKind.True };
        InvalidInputException Wrong(string name, string allowed) =>
            new($"{file}: {name} is {Maybe(name)?.GetRawText() ?? "missing"}, but {allowed} is needed.");

        if (Maybe("peft_type")?.GetString() is not "LORA")
            throw Wrong("peft_type", "\"LORA\"");
        foreach (var name in new[] { "use_dora", "lora_bias", "fan_in_fan_out", "use_qalora" })
            if (Flag(name))
                throw Wrong(name, "false");
        if (Maybe("bias") is { } bias && bias.GetString() != "none")
            throw Wrong("bias", "\"none\"");
        foreach (var name in new[] { "modules_to_save", "target_parameters", "trainable_token_indices", "layer_replication" })
            if (Maybe(name) is { } value && !(value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0))
                throw Wrong(name, "null");
        if (Maybe("r") is not { } r || !r.TryGetInt32(out var rank) || rank < 1)
            throw Wrong("r", "a whole number of 1 or more");
        var alpha = Maybe("lora_alpha")?.GetDouble() ?? 8;   // PEFT's default
        return double.IsFinite(alpha) ? new PeftConfig(
            Maybe("base_model_name_or_path")?.GetString(), rank, alpha, Maybe("lora_dropout")?.GetDouble() ?? 0, Flag("use_rslora"),
            [.. Patterns(Maybe("rank_pattern")).Select(p => (p.Module, p.Value.GetInt32()))],
            [.. Patterns(Maybe("alpha_pattern")).Select(p => (p.Module, p.Value.GetDouble()))])
            : throw Wrong("lora_alpha", "a finite number");
    }

    /// <summary>PEFT matches the key of a pattern with the end of a module's path; it may be a regular expression.</summary>
    private static IEnumerable<(Regex Module, JsonElement Value)> Patterns(JsonElement? pattern) => pattern is { } map
        ? map.EnumerateObject().Select(p => (new Regex($@"^(.*\.)?({p.Name})$", RegexOptions.CultureInvariant), p.Value)) : [];

    /// <summary>The file that PEFT needs to load an adapter; what it does not name has PEFT's default.</summary>
    /// <param name="targets">A list of names, or a regular expression for the whole path.</param>
    /// <param name="layers">Layers that alone are adapted, or null for all.</param>
    public static byte[] Write(string? baseModel, int rank, double alpha, double dropout, IReadOnlyList<string> targets,
        bool targetsAreRegex,
        IReadOnlyList<int>? layers, IReadOnlyDictionary<string, int> rankPattern, IReadOnlyDictionary<string, double> alphaPattern)
    {
        var fields = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["alpha_pattern"] = alphaPattern.ToDictionary(p => p.Key, p => Number(p.Value)),
            ["auto_mapping"] = null,
            ["base_model_name_or_path"] = baseModel,
            ["bias"] = "none",
            ["exclude_modules"] = null,
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["layers_pattern"] = null,
            ["layers_to_transform"] = layers,
            ["lora_alpha"] = Number(alpha),
            ["lora_dropout"] = dropout,
            ["modules_to_save"] = null,
            ["peft_type"] = "LORA",
            ["r"] = rank,
            ["rank_pattern"] = rankPattern,
            ["revision"] = null,
            ["target_modules"] = targetsAreRegex ? targets.Single() : targets,
            ["task_type"] = "CAUSAL_LM",
            ["use_dora"] = false,
            ["use_rslora"] = false,
        };
        return [.. JsonSerializer.SerializeToUtf8Bytes(fields, Indented), (byte)'\n'];
    }

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static object Number(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < 1e9
            ? int.Parse(value.ToString("F0", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : value;
}
