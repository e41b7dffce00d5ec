using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LdcLedger.Torch.Adapters;

/// <summary>What <c>adapter_config.json</c> says that decides the update: rank, alpha and their exceptions by module.</summary>
/// <param name="PeftType">LORA, or another kind of adapter, of which nothing else is read.</param>
/// <param name="BaseModel">As the file names it; may be a path of another machine, a name on a hub, or null.</param>
/// <param name="Rank">r of every module that no pattern names.</param>
/// <param name="Alpha">lora_alpha of every module that no pattern names; may be 0 or negative.</param>
/// <param name="Dropout">lora_dropout, which matters in training only.</param>
/// <param name="RankStabilised">use_rslora: the scale is alpha / sqrt(r) instead of alpha / r.</param>
/// <param name="Decomposed">use_dora: every row of an adapted weight is given a norm of its own.</param>
/// <param name="TargetParameters">Names of parameters that are adapted in place of modules.</param>
/// <param name="LayerReplication">As the file has it, where layers of the base repeat; else null.</param>
internal sealed record PeftConfig(
    string PeftType, string? BaseModel, int Rank, double Alpha, double Dropout, bool RankStabilised, bool Decomposed,
    IReadOnlyList<(Regex Module, int Rank)> RankPattern, IReadOnlyList<(Regex Module, double Alpha)> AlphaPattern,
    IReadOnlyList<string> TargetParameters, string? LayerReplication, IReadOnlyList<PeftPeculiarity> Peculiarities)
{
    public const string FileName = "adapter_config.json";

    /// <summary>PEFT's own name for low-rank adapters.</summary>
    public const string Lora = "LORA";

    private const int UsualRank = 8, UsualAlpha = 8;   // PEFT's

    // A pattern is somebody's regular expression: no path of a module takes long, unless the pattern is made to.
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    public int RankOf(string modulePath) =>
        RankPattern.Where(p => p.Module.IsMatch(modulePath)).Select(p => (int?)p.Rank).FirstOrDefault() ?? Rank;

    public double AlphaOf(string modulePath) =>
        AlphaPattern.Where(p => p.Module.IsMatch(modulePath)).Select(p => (double?)p.Alpha).FirstOrDefault() ?? Alpha;

    /// <summary>Factor of B A.</summary>
    public double ScaleOf(string modulePath, int rank) => AlphaOf(modulePath) / (RankStabilised ? Math.Sqrt(rank) : rank);

    /// <exception cref="InvalidInputException">It is not there, not JSON, or says something of another type.</exception>
    public static PeftConfig Read(string directory)
    {
        var file = Path.Combine(directory, FileName);
        if (!InputEntry.At(file).IsThere)
            throw new InvalidInputException(
                $"There is no {FileName} in \"{directory}\"; the folder of a PEFT adapter is needed{Nearby(directory)}.");
        try
        {
            using var document = JsonFile.Read(file);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(new PeftFields(file, document.RootElement))
                : throw new InvalidInputException($"{file} is not the configuration of a LoRA adapter: a JSON object is needed.");
        }
        catch (InvalidOperationException e)   // text that is no UTF-8
        {
            throw new InvalidInputException($"{file} is not the configuration of a LoRA adapter: {e.Message}", e);
        }
    }

    private static PeftConfig Read(PeftFields fields)
    {
        if (fields.Text("peft_type") is not { Length: > 0 } type)
            throw fields.Wrong("peft_type", $"the kind of a PEFT adapter, such as \"{Lora}\",");
        var named = fields.Text("base_model_name_or_path");
        if (!type.Equals(Lora, StringComparison.OrdinalIgnoreCase))
            return new PeftConfig(type, named, UsualRank, UsualAlpha, 0, false, false, [], [], [], null, []);
        return new PeftConfig(
            Lora, named, fields.Rank("r", UsualRank), fields.Number("lora_alpha", UsualAlpha), fields.Number("lora_dropout", 0),
            fields.Flag("use_rslora"), fields.Flag("use_dora"),
            [.. fields.Ranks("rank_pattern").Select(p => (Pattern(fields, "rank_pattern", p.Pattern), p.Value))],
            [.. fields.Numbers("alpha_pattern").Select(p => (Pattern(fields, "alpha_pattern", p.Pattern), p.Value))],
            fields.Texts("target_parameters"), fields.IsSet("layer_replication") ? fields.Quote("layer_replication") : null,
            PeftPeculiarities.Of(fields));
    }

    /// <summary>PEFT matches the key of a pattern with the end of a module's path; it may be a regular expression.</summary>
    private static Regex Pattern(PeftFields fields, string name, string pattern)
    {
        try
        {
            return new Regex($@"^(.*\.)?({pattern})$", RegexOptions.CultureInvariant, PatternTimeout);
        }
        catch (ArgumentException e)
        {
            throw new InvalidInputException($"{fields.File}: {name} has the key \"{pattern}\", which is not a regular expression.", e);
        }
    }

    // PEFT puts every adapter but the one named "default" into a folder of its own.
    private static string Nearby(string directory)
    {
        var inside = Directory.Exists(directory)
            ? Directory.EnumerateDirectories(directory).Where(folder => File.Exists(Path.Combine(folder, FileName))).Order().ToList() : [];
        return inside.Count == 0 ? "" : $", such as \"{inside[0]}\"";
    }

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
