using LdcLedger.Torch.Nf4;

namespace LdcLedger.Torch.Models;

/// <summary>In which form a run uses the projections of its base; embedding, head and norms are as they are stored in any.</summary>
public static class BaseForms
{
    /// <summary>As the checkpoint stores them.</summary>
    public const string AsIs = "as-is";

    /// <summary>Quantised to 4 bits as bitsandbytes does, in blocks of 64.</summary>
    public const string Nf4 = "nf4";

    /// <summary>The same, and the blocks' largest numbers quantised, too.</summary>
    public const string Nf4Double = "nf4-double";

    public static IReadOnlyList<string> All { get; } = [AsIs, Nf4, Nf4Double];

    /// <summary>Refuses a form that a checkpoint cannot be used in: one that was saved quantised stays as it is.</summary>
    /// <exception cref="InvalidInputException">There is no such form, or not of this checkpoint.</exception>
    public static void Check(string form, ModelConfig config, string directory)
    {
        if (!All.Contains(form)) throw new InvalidInputException($"base is {form}; {string.Join(", ", All)} are allowed.");
        if (config.StoredForm is { } stored && form != AsIs && form != stored)
            throw new InvalidInputException($"{directory} was saved quantised, as {stored}, so it cannot be used as {form}: base {AsIs} or "
                + $"{stored} is allowed, or the checkpoint that it was made from.");
    }

    /// <summary>The weights of a source in a form.</summary>
    /// <param name="dtype">float32, bfloat16 or float16: what a checkpoint that is not quantised yet is cast to first.</param>
    internal static WeightSource Of(WeightSource source, string form, string dtype) => form switch
    {
        AsIs => source,
        Nf4 or Nf4Double => new QuantisingSource(source, dtype switch
        {
            "float32" => Rounding.None,
            "bfloat16" => Rounding.BrainFloat,
            "float16" => Rounding.Half,
            _ => throw new InvalidInputException($"Weights are quantised as {dtype}; float32, bfloat16 and float16 are allowed."),
        }, form == Nf4Double),
        _ => throw new InvalidOperationException($"There is no form {form} of a base."),
    };
}
