namespace LdcLedger.Torch.Models;

/// <summary>
/// Rotation frequencies of rotary position embeddings (arXiv 2104.09864), rad per position: f_i = theta^(-2i/d), and its stretched
/// variants. In fp32 step by step, as transformers computes them, so that angles agree at long distances.
/// </summary>
internal static class RopeFrequencies
{
    public static float[] Plain(double theta, int headDim)
    {
        var frequencies = new float[headDim / 2];
        for (var i = 0; i < frequencies.Length; i++) frequencies[i] = 1.0f / (float)PortableMath.Pow((float)theta, 2.0f * i / headDim);
        return frequencies;
    }

    /// <summary>All positions interpolated by a factor.</summary>
    public static float[] Linear(double theta, int headDim, double factor) =>
        Array.ConvertAll(Plain(theta, headDim), f => f / (float)factor);

    /// <summary>Llama 3.1: low frequencies divided by the factor, high ones kept, those between blended.</summary>
    public static float[] Llama3(double theta, int headDim, double factor, double lowFactor, double highFactor, double originalPositions)
    {
        var frequencies = Plain(theta, headDim);
        for (var i = 0; i < frequencies.Length; i++)
        {
            var f = frequencies[i];
            var wavelength = (float)(2 * Math.PI) / f;
            if (wavelength > originalPositions / lowFactor) frequencies[i] = f / (float)factor;
            else if (wavelength >= originalPositions / highFactor)
            {
                var smooth = ((float)originalPositions / wavelength - (float)lowFactor) / (float)(highFactor - lowFactor);
                frequencies[i] = (1 - smooth) * f / (float)factor + smooth * f;
            }
        }
        return frequencies;
    }
}
