using System.Text.RegularExpressions;

namespace LdcLedger.Torch.Adapters;

/// <summary>Tensors of an adapter's file that are no B A of a linear module.</summary>
/// <param name="Kind">One of <see cref="PeftTensorKinds"/>, for programs.</param>
/// <param name="Words">The same for people, in the plural.</param>
/// <param name="Tensors">Names without PEFT's prefix, in order of name, each with its shape.</param>
public sealed record PeftExtra(string Kind, string Words, IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> Tensors);

/// <summary>What else an adapter's file can hold, a row for each, in the order in which they are told.</summary>
internal static class PeftTensorKinds
{
    public const string WholeWeight = "whole_weight", Bias = "bias", FactorBias = "factor_bias", Magnitude = "magnitude",
        TokenRows = "token_rows", Convolution = "convolution", OfParameter = "of_parameter", NotTheProduct = "not_the_product",
        Other = "other";

    private static readonly (string Kind, string Words)[] Rows =
    [
        (WholeWeight, "whole weights"),
        (TokenRows, "rows of an embedding"),
        (Bias, "biases"),
        (FactorBias, "biases of factors"),
        (Magnitude, "magnitudes (DoRA) of modules without use_dora"),
        (Convolution, "factors of convolutions"),
        (OfParameter, "factors of parameters"),
        (NotTheProduct, "factors whose product is no update"),
        (Other, "other tensors"),
    ];

    public static IReadOnlyList<PeftExtra> Told(IEnumerable<(string Kind, string Name, IReadOnlyList<long> Shape)> tensors)
    {
        var found = tensors.ToLookup(tensor => tensor.Kind, tensor => (tensor.Name, tensor.Shape));
        return [.. Rows.Where(row => found.Contains(row.Kind)).Select(row => new PeftExtra(
            row.Kind, row.Words, [.. found[row.Kind].OrderBy(tensor => tensor.Name, StringComparer.Ordinal)]))];
    }
}

/// <summary>The name of a tensor as PEFT builds it, taken apart.</summary>
/// <param name="Path">Of the module, as the file spells it, without PEFT's prefix.</param>
/// <param name="Part">lora_A, lora_B, lora_embedding_A, lora_magnitude_vector, ...; "" where it is no part of LoRA.</param>
/// <param name="Adapter">The adapter's name, which files of other makers keep; null where there is none.</param>
/// <param name="Leaf">weight or bias; "" where a part is the tensor itself.</param>
internal readonly partial record struct PeftTensorName(string Path, string Part, string? Adapter, string Leaf)
{
    public static PeftTensorName Of(string name)
    {
        var bare = Prefix().Replace(name, "");
        if (LoraName().Match(bare) is { Success: true } lora)
            return new(lora.Groups["path"].Value, lora.Groups["part"].Value,
                lora.Groups["adapter"] is { Success: true } adapter ? adapter.Value : null, lora.Groups["leaf"].Value);
        var dot = bare.LastIndexOf('.');
        var leaf = bare[(dot + 1)..];
        return leaf is "weight" or "bias" && dot > 0 ? new(bare[..dot], "", null, leaf) : new(bare, "", null, "");
    }

    /// <summary>What a tensor is that is neither factor nor magnitude.</summary>
    public string KindOfExtra() =>
        Part == "lora_B" && Leaf == "bias" ? PeftTensorKinds.FactorBias
        : Part.Length > 0 ? PeftTensorKinds.Other
        : Path.Contains(".trainable_tokens_", StringComparison.Ordinal) ? PeftTensorKinds.TokenRows
        : Leaf == "weight" ? PeftTensorKinds.WholeWeight
        : Leaf == "bias" ? PeftTensorKinds.Bias
        : PeftTensorKinds.Other;

    /// <summary>The tensor's name without PEFT's prefix.</summary>
    public override string ToString() =>
        string.Join('.', new[] { Path, Part, Adapter, Leaf }.Where(part => !string.IsNullOrEmpty(part)));

    /// <summary>Some makers leave PEFT's prefix out, or put those of wrappers before it.</summary>
    [GeneratedRegex(@"^(?:module\.|_orig_mod\.|_fsdp_wrapped_module\.)*(?:base_model\.model\.)?", RegexOptions.CultureInvariant)]
    private static partial Regex Prefix();

    [GeneratedRegex(@"^(?<path>.+)\.(?<part>lora_\w+)(?:\.(?<adapter>(?!(?:weight|bias)$)[\w-]+))?(?:\.(?<leaf>weight|bias))?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex LoraName();
}
