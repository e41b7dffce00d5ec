using LdcLedger.Torch;
using LdcLedger.Torch.Devices;

namespace LdcLedger.Worker.Reproductions;

/// <summary>
/// How far the numbers of a run that is trained again may lie from the recorded ones, relative to these. Counts have no leeway under any.
/// </summary>
/// <param name="Words">In a sentence: "compared ...".</param>
/// <param name="Nats">Of losses and held-out nats.</param>
/// <param name="UpdateNorm">Of ||dW||_F.</param>
/// <param name="WeightNorm">Of ||W||_F: sums in fp64 over the same bytes, in another order.</param>
/// <param name="ComparesBytes">Whether files must be the same to the byte.</param>
public sealed record Tolerance(string Words, double Nats, double UpdateNorm, double WeightNorm, bool ComparesBytes)
{
    private const double OtherOrder = 1e-12;

    /// <summary>The exact arithmetic gives the same bits on every machine.</summary>
    public static readonly Tolerance Bits = new("in every bit", 0, 0, 0, true);

    // Another order of sums in fp32. Of six of the demo's runs, trained on cpu and again on cpu:torch, no value lay further off than 6e-7;
    // a longer training drifts further.
    private static readonly Tolerance Float32 = new("within 1e-4 (nats) and 1e-3 (norms)", 1e-4, 1e-3, OtherOrder, false);

    // Weights of 8 bits' precision, whose products each arithmetic rounds in its own places.
    private static readonly Tolerance BrainFloat = new("within 1 % (nats) and 5 % (norms)", 1e-2, 5e-2, OtherOrder, false);

    /// <param name="recorded">The arithmetics of the run's attempts, as events state them.</param>
    /// <param name="now">The arithmetic that trains it again.</param>
    /// <param name="dtype">Type of the run's weights.</param>
    /// <exception cref="InvalidInputException">One of the attempts was made by a newer version of the exact arithmetic.</exception>
    public static Tolerance Between(IReadOnlyCollection<string> recorded, string now, string dtype)
    {
        var ours = DeviceArithmetic.ExactVersion(now);
        foreach (var name in recorded)
            if (DeviceArithmetic.ExactVersion(name) > DeviceArithmetic.NewestExact)
                throw new InvalidInputException(
                    $"The run was made by {name}, and this ldc knows exact arithmetic up to exact/{DeviceArithmetic.NewestExact}: "
                    + "install the ldc that made it, or a newer one.");
        if (ours is not null && recorded.Count > 0 && recorded.All(name => DeviceArithmetic.ExactVersion(name) == ours))
            return Bits;
        return dtype switch
        {
            "float32" => Float32,
            "bfloat16" => BrainFloat,
            _ => throw new InvalidOperationException($"Weights of type {dtype} have no tolerance."),
        };
    }
}
