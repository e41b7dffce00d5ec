namespace LdcLedger.Torch.Adapters;

/// <summary>What a setting of <c>adapter_config.json</c> makes of the plain update, scale times B A on a weight of the base.</summary>
internal enum Peculiar
{
    /// <summary>B A moves its modules, but there is more to the adapted model than that, or the base has no such module.</summary>
    Beside,

    /// <summary>What the factors do to a module is not B A.</summary>
    NotTheProduct,

    /// <summary>The factors took something out of the base, so that B A is not what was learned.</summary>
    FromTheBase,
}

/// <param name="Says">Why, as a sentence without its full stop that names setting and value.</param>
internal sealed record PeftPeculiarity(Peculiar Kind, string Says);

/// <summary>Which settings are peculiar: a row for each. Those of PEFT's LoraConfig that are not are listed, too: whatever is in neither
/// list may mean anything.</summary>
internal static class PeftPeculiarities
{
    private const string Convert = "convert it to plain LoRA first, by PEFT's save_pretrained(..., "
        + "path_initial_model_for_weight_conversion=THE_ADAPTER_BEFORE_TRAINING)";

    private static readonly (string Start, string Name, string Does)[] FromTheBase =
    [
        ("pissa", "PiSSA", "takes the first singular components out of every adapted weight of the base"),
        ("olora", "OLoRA", "takes the first columns of a QR decomposition out of every adapted weight of the base"),
        ("corda", "CorDA", "takes the components that its data point to out of every adapted weight of the base"),
        ("lora_ga", "LoRA-GA", "takes its first factors, the gradient's singular vectors, out of every adapted weight of the base"),
    ];

    // B is zero at first, or the base stays as it is: B A is what the adapter adds.
    private static readonly string[] AsTheyAre = ["true", "false", "default", "gaussian", "eva", "orthogonal", "mica"];

    private static readonly (string Setting, Peculiar Kind, string Says)[] Settings =
    [
        ("kasa_config", Peculiar.FromTheBase, "KaSA drops the last singular components of every adapted weight of the base and puts a "
            + "diagonal between B and A, and PEFT has no conversion: merge it there, into the base that it was made for"),
        ("use_qalora", Peculiar.NotTheProduct, "QA-LoRA averages its inputs in groups"),
        ("use_bdlora", Peculiar.NotTheProduct, "the factors of BD-LoRA are blocks of a diagonal"),
        ("monteclora_config", Peculiar.NotTheProduct, "MonteCLoRA samples its factors"),
        ("arrow_config", Peculiar.NotTheProduct, "Arrow chooses between several adapters, token by token"),
        ("alora_invocation_tokens", Peculiar.Beside, "aLoRA changes only the tokens that follow its invocation"),
        ("layer_replication", Peculiar.Beside, "its layers are a stack in which layers of the base repeat"),
        ("fan_in_fan_out", Peculiar.Beside, "it is for weights that are stored [in, out]"),
        ("megatron_config", Peculiar.Beside, "it is for Megatron's layers, which split and name weights in their own way"),
        ("lora_bias", Peculiar.Beside, "it adds a bias to every adapted module"),
        ("modules_to_save", Peculiar.Beside, "these modules were trained as a whole"),
        ("trainable_token_indices", Peculiar.Beside, "these rows of the embedding were trained"),
        ("target_parameters", Peculiar.Beside, "it adapts parameters that are no weight of a linear module"),
    ];

    // Names, ranges and settings of training, and what tensors or other lines of this file decide.
    private static readonly HashSet<string> Plain = new(StringComparer.Ordinal)
    {
        "alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "corda_config", "ensure_weight_tying", "eva_config",
        "exclude_modules", "inference_mode", "init_lora_weights", "layers_pattern", "layers_to_transform", "loftq_config", "lora_alpha",
        "lora_dropout", "lora_ga_config", "megatron_core", "merge_weights", "peft_type", "peft_version", "qalora_group_size", "r",
        "rank_pattern", "revision", "runtime_config", "target_modules", "task_type", "use_dora", "use_rslora", "velora_config",
    };

    public static IReadOnlyList<PeftPeculiarity> Of(PeftFields fields) =>
    [
        .. Initialisation(fields) is { } initial ? [initial] : Array.Empty<PeftPeculiarity>(),
        .. Settings.Where(row => fields.IsSet(row.Setting))
            .Select(row => new PeftPeculiarity(row.Kind, $"{row.Setting} is {fields.Quote(row.Setting)}: {row.Says}")),
        .. fields.Names.Where(name => !Plain.Contains(name) && Settings.All(row => row.Setting != name) && fields.IsSet(name))
            .Select(name => new PeftPeculiarity(Peculiar.Beside,
                $"{name} is {fields.Quote(name)}, a setting that this version of ldc does not know")),
    ];

    private static PeftPeculiarity? Initialisation(PeftFields fields)
    {
        const string setting = "init_lora_weights";
        if (fields.Maybe(setting) is not { } value)
            return null;
        var word = value.ToString().ToLowerInvariant().Replace('-', '_');
        if (AsTheyAre.Contains(word))
            return null;
        var stated = $"{setting} is {fields.Quote(setting)}";
        if (word == "loftq")
            return new(Peculiar.FromTheBase, $"{stated}: the factors of LoftQ make up for what it quantised away of the base, so B A is "
                + "not what was learned, and PEFT has no conversion: merge it there, into the quantised base that it was made for");
        var row = FromTheBase.FirstOrDefault(row => word.StartsWith(row.Start, StringComparison.Ordinal));
        return new(Peculiar.FromTheBase, row.Name is not null
            ? $"{stated}: {row.Name} {row.Does}, so B A is not what was learned; {Convert}"
            : $"{stated}, which this version of ldc does not know: it may have changed the base, so that B A is not what was learned; "
                + Convert);
    }
}
