using LdcLedger.Domain;
using LdcLedger.Domain.Specs;

namespace LdcLedger.Reports.Studies;

/// <summary>What the base's projections were before anything was trained, as the method tells it.</summary>
internal static class BaseWords
{
    /// <summary>A sentence; null where the base is used as its checkpoint stores it.</summary>
    /// <exception cref="RuleViolation">The study's form of the base is not known.</exception>
    public static string? Of(StudySpec spec) => spec.Training.Base switch
    {
        "as-is" => null,
        "nf4" => Quantised(""),
        "nf4-double" => Quantised(", and the scales of the blocks are quantised, too"),
        var other => throw new RuleViolation($"training.base is '{other}'; a report knows as-is, nf4 and nf4-double."),
    };

    private static string Quantised(string twice) =>
        $"The projections of the pretrained models are quantised to 4 bits (NF4){twice}; W is the weight that comes out when they are "
        + "dequantised, and PT the model with these weights.";
}
