namespace LdcLedger.Torch.Nf4;

/// <summary>
/// What the codes of bitsandbytes stand for: 16 levels of a weight (NF4, arXiv 2305.14314, appendix E), and 256 of its blocks' largest
/// numbers, a dynamic map (arXiv 2110.02861, section 2.2).
/// </summary>
internal static class Nf4Codes
{
    /// <summary>The code of 0.</summary>
    public const byte Zero = 7;

    // Bins in which the 8-bit code of a number in [-1, 1] is looked up on a CPU.
    private const int Bins = 1 << 16;

    /// <summary>
    /// Quantiles of the normal distribution, scaled to [-1, 1], with 0 among them; as bitsandbytes has them, to the last bit.
    /// </summary>
    public static float[] Levels { get; } =
    [
        -1f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f,
        -0.09105003625154495f, 0f, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
        0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1f,
    ];

    /// <summary>A number's code is how many of these it exceeds.</summary>
    public static float[] Bounds { get; } = [.. Levels.Zip(Levels.Skip(1), (low, high) => (low + high) / 2)];

    /// <summary>In ascending order.</summary>
    public static float[] Dynamic { get; } = DynamicMap();

    private static readonly byte[] OfBin = CodesOfBins();

    /// <summary>The 8-bit code of a number in [-1, 1]: of the bin that it falls into, as bitsandbytes looks it up on a CPU.</summary>
    public static byte DynamicCode(float value) =>
        OfBin[(int)MathF.FusedMultiplyAdd((Math.Clamp(value, -1f, 1f) + 1f) * 0.5f, Bins - 1, 0.5f)];

    /// <summary>
    /// 64 means between 0.1 and 1, 32 between 0.01 and 0.1, and so on down to 1 in the seventh decade, with both signs; 0 and 1 besides.
    /// In fp32 with the roundings of torch.linspace, whose halves are counted from either end.
    /// </summary>
    private static float[] DynamicMap()
    {
        List<float> map = [0, 1];
        foreach (var (decade, scale) in ((float[])[1e-6f, 1e-5f, 1e-4f, 1e-3f, 1e-2f, 1e-1f, 1f]).Index())
        {
            var parts = 1 << decade;
            float begin = 0.1f, end = 1f, step = (end - begin) / parts;
            float Boundary(int i) => i < (parts + 1) / 2 ? MathF.FusedMultiplyAdd(step, i, begin)
                : MathF.FusedMultiplyAdd(-step, parts - i, end);
            for (var i = 0; i < parts; i++)
            {
                var mean = scale * ((Boundary(i) + Boundary(i + 1)) / 2);
                map.AddRange([mean, -mean]);
            }
        }
        return [.. map.Order()];
    }

    private static byte[] CodesOfBins()
    {
        var codes = new byte[Bins];
        var code = 0;
        for (var bin = 0; bin < Bins; bin++)
        {
            var value = -1f + 2f * bin / (Bins - 1);
            while (code < Dynamic.Length - 1 && 0.5f * (Dynamic[code] + Dynamic[code + 1]) < value) code++;
            codes[bin] = (byte)code;
        }
        return codes;
    }
}
