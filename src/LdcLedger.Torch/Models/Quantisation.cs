using System.Text.Json;
using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Models;

/// <summary>
/// Tells quantised checkpoints by name, from what their files state or from what their tensors are called and made of. One scheme is read,
/// bitsandbytes' nf4; the others are refused: one of 8 bits may keep every shape, so that only its name tells why its weights are of no
/// use here.
/// </summary>
internal static class Quantisation
{
    private const string Read = "bitsandbytes, 4 bit nf4";

    // Keys of config.json under which a scheme is stated: transformers', compressed-tensors' earlier one, MLX's.
    private static readonly string[] Keys = ["quantization_config", "compression_config", "quantization"];

    // Files beside config.json that state one: GPTQ's, AWQ's and ModelOpt's of the time before quantization_config.
    private static readonly (string File, string Scheme)[] Files =
    [
        ("quantize_config.json", "GPTQ"), ("quant_config.json", "AWQ"), ("hf_quant_config.json", "ModelOpt"),
    ];

    // How people write the names that quant_method has.
    private static readonly Dictionary<string, string> Titles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["gptq"] = "GPTQ", ["awq"] = "AWQ", ["fp8"] = "FP8", ["fbgemm_fp8"] = "FBGEMM FP8", ["hqq"] = "HQQ", ["aqlm"] = "AQLM",
        ["eetq"] = "EETQ", ["vptq"] = "VPTQ", ["higgs"] = "HIGGS", ["mxfp4"] = "MXFP4", ["spqr"] = "SpQR", ["bitnet"] = "BitNet",
        ["modelopt"] = "ModelOpt", ["quanto"] = "Quanto", ["torchao"] = "TorchAO", ["auto-round"] = "AutoRound", ["exl2"] = "EXL2",
    };

    // What the tensors of a scheme are called, the more telling first; of types only where the name is not enough.
    private static readonly (string Scheme, Func<string, string, bool> Has)[] Signs =
    [
        ("bitsandbytes, 4 bit fp4", (name, _) => name.EndsWith(".quant_state.bitsandbytes__fp4", StringComparison.Ordinal)),
        ("bitsandbytes, 4 bit", (name, _) => Ends(name, ".weight.absmax", ".weight.quant_map")),
        ("bitsandbytes, 8 bit", (name, _) => Ends(name, ".SCB")),
        ("GPTQ", (name, _) => Ends(name, ".g_idx")),
        ("AWQ or GPTQ", (name, _) => Ends(name, ".qweight", ".qzeros")),
        ("compressed-tensors", (name, _) => Ends(name, ".weight_packed", ".weight_shape", ".weight_zero_point", ".weight_global_scale")),
        ("HQQ", (name, _) => Ends(name, ".W_q")),
        ("AQLM", (name, _) => Ends(name, ".codebooks")),
        ("QuIP#", (name, _) => Ends(name, ".Qidxs")),
        ("EXL2", (name, _) => Ends(name, ".q_weight", ".q_invperm")),
        ("EXL3", (name, _) => Ends(name, ".trellis")),
        ("TorchAO", (name, _) => Ends(name, "_qdata", ":_data")),
        ("MXFP4", (name, type) => Ends(name, "_blocks") && type == "U8"),
        ("MLX", (name, type) => Ends(name, "_proj.weight") && type == "U32"),
        ("FP8", (name, type) => Ends(name, "_proj.weight") && type.StartsWith("F8_", StringComparison.Ordinal)),
        ("FP8", (name, _) => Ends(name, ".weight_scale_inv")),
        ("FP4", (name, type) => Ends(name, "_proj.weight") && type == "F4"),
        ("INT8", (name, type) => Ends(name, "_proj.weight") && type == "I8"),
        ("4 bit, packed", (name, type) => type is "U8" or "I32" && Ends(name, "_proj.weight")),
    ];

    // Schemes that say no more than what numbers are made of.
    private static readonly string[] Numbers = ["FP8", "FP4", "INT8"];

    /// <summary>What a message says is needed in place of a scheme that is not read.</summary>
    public const string Needed = "weights in float32, bfloat16 or float16, or in bitsandbytes' nf4, are needed";

    /// <summary>The scheme that a <c>config.json</c> states and that is not read, in words; null where it states none.</summary>
    public static string? UnreadIn(JsonElement config) => StatedIn(config) is { } scheme && scheme != Read ? scheme : null;

    private static string? StatedIn(JsonElement config)
    {
        foreach (var of in (JsonElement?[])[config, Member(config, "text_config")])
            foreach (var key in Keys)
                if (of is { } holder && Member(holder, key) is { } stated && SchemeOf(stated) is { } scheme)
                    return scheme;
        return null;
    }

    // What is no object is not understood, and something is stated all the same.
    private static string? SchemeOf(JsonElement stated) => stated.ValueKind switch
    {
        JsonValueKind.Object => stated.EnumerateObject().Any() ? Describe(stated) : null,
        JsonValueKind.False => null,
        JsonValueKind.Array => stated.GetArrayLength() == 0 ? null : "quantization_config",
        JsonValueKind.String => stated.GetRawText().Trim('"') is { Length: > 0 } named ? Titles.GetValueOrDefault(named, named) : null,
        _ => "quantization_config",
    };

    /// <summary>
    /// Refuses a checkpoint whose tensors are those of a scheme that is not read; what its files state may name that better.
    /// </summary>
    /// <returns>nf4 or nf4-double, where projections are stored so; else null.</returns>
    /// <exception cref="InvalidInputException">They are, and the scheme is named; or the files state nf4 and no tensor is of that.
    /// </exception>
    public static string? Of(Checkpoint checkpoint)
    {
        var read = checkpoint.Tensors.Keys.Where(name => Nf4Checkpoint.Holds(checkpoint, name))
            .SelectMany(name => Nf4Checkpoint.NamesOf(name).Append(name)).ToHashSet(StringComparer.Ordinal);
        foreach (var (scheme, has) in Signs)
            if (checkpoint.Tensors.Values.FirstOrDefault(t => !read.Contains(t.Name) && has(t.Name, t.Dtype)) is { } sign)
                throw new InvalidInputException($"{checkpoint.Directory} is a quantised checkpoint ({Named(checkpoint, scheme)}): its "
                    + $"tensor {sign.Name} is of type {sign.Dtype}; {Needed}.");
        if (read.Count > 0) return Nf4Checkpoint.IsTwice(checkpoint) == true ? BaseForms.Nf4Double : BaseForms.Nf4;
        if (Stated(checkpoint) == Read)
            throw new InvalidInputException($"{Path.Combine(checkpoint.Directory, "config.json")} states a checkpoint that was saved in "
                + "nf4, but no weight has a quant_state.bitsandbytes__nf4: remove quantization_config, and training.base quantises it.");
        return null;
    }

    private static string? Stated(Checkpoint checkpoint)
    {
        var config = Path.Combine(checkpoint.Directory, "config.json");
        using var document = InputEntry.At(config).IsThere ? JsonFile.Read(config) : null;
        return document is null ? null : StatedIn(document.RootElement);
    }

    /// <summary>As the files state it; where that does not say what numbers are made of, with what the tensors say.</summary>
    private static string Named(Checkpoint checkpoint, string scheme)
    {
        var stated = Stated(checkpoint) ?? Files
            .Where(row => InputEntry.At(Path.Combine(checkpoint.Directory, row.File)).Kind == EntryKind.File)
            .Select(row => row.Scheme).FirstOrDefault();
        return stated is null ? scheme
            : Numbers.Contains(scheme) && !stated.Contains(scheme, StringComparison.Ordinal) ? $"{stated}; {scheme}" : stated;
    }

    /// <summary>E.g. "bitsandbytes, 4 bit nf4", "GPTQ, 4 bit", "compressed-tensors, float-quantized"; null where it is off.</summary>
    private static string? Describe(JsonElement stated)
    {
        var (four, eight) = (Flag(stated, "load_in_4bit"), Flag(stated, "load_in_8bit"));
        var method = Text(stated, "quant_method") ?? (four == true || eight == true ? "bitsandbytes" : null);
        if (method is null && (four is not null || eight is not null) || method == "bitsandbytes" && four == false && eight == false)
            return null;   // bitsandbytes' own way to say that nothing is quantised
        var bits = four == true ? "4" : eight == true ? "8" : Member(stated, "bits") is { ValueKind: JsonValueKind.Number } n
            ? n.GetRawText() : null;
        var details = (string?[])[bits is null ? null : $"{bits} bit", four == true ? Text(stated, "bnb_4bit_quant_type") : null,
            Text(stated, "format"), Text(stated, "quant_algo"), Text(stated, "fmt")];
        var title = method is null ? null : Titles.GetValueOrDefault(method, method);
        var named = string.Join(' ', details.Where(detail => !string.IsNullOrEmpty(detail)));
        return title is null ? named.Length > 0 ? named : "quantization_config" : named.Length > 0 ? $"{title}, {named}" : title;
    }

    private static JsonElement? Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value : null;

    private static string? Text(JsonElement of, string name)
    {
        try
        {
            return Member(of, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)   // half a surrogate pair
        {
            throw new InvalidInputException($"{name} of a quantisation is not valid Unicode.");
        }
    }

    private static bool? Flag(JsonElement of, string name) => Member(of, name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        null => null,
        { } other => throw new InvalidInputException($"{name} of a quantisation is {other.GetRawText()}; true or false is needed."),
    };

    private static bool Ends(string name, params ReadOnlySpan<string> endings)
    {
        foreach (var ending in endings)
            if (name.EndsWith(ending, StringComparison.Ordinal))
                return true;
        return false;
    }
}
