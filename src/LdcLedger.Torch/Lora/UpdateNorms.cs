using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Lora;

/// <summary>How far one projection has moved.</summary>
/// <param name="ModulePath">The module's path in the Hugging Face model.</param>
/// <param name="DeltaFrobenius">||dW||_F = ||(alpha / r) B A||_F.</param>
/// <param name="BaseFrobenius">||W||_F of the frozen weight.</param>
public sealed record UpdateNorm(string ModulePath, int Layer, string Projection, double DeltaFrobenius, double BaseFrobenius,
    int OutFeatures, int InFeatures);

/// <summary>
/// Norms of an adapter's updates without ever forming them: ||B A||_F^2 = sum of (B^T B) * (A A^T), two r x r matrices, in fp64.
/// </summary>
public static class UpdateNorms
{
    public static IReadOnlyList<UpdateNorm> Of(LoraAdapter adapter, BaseModel model) => [.. adapter.Modules.Select(module => new UpdateNorm(
        module.ModulePath, module.Layer, module.Projection, DeltaFrobenius(module, adapter.Alpha),
        model.FrobeniusNorm(module.Layer, module.Projection), module.OutFeatures, module.InFeatures))];

    /// <summary>||(alpha / r) B A||_F, whatever the sign of alpha.</summary>
    public static double DeltaFrobenius(LoraModule module, double alpha) =>
        Math.Abs(alpha / module.Rank) * ProductFrobenius(module);

    /// <summary>||B A||_F. fp64 throughout: with fp32 products nearly opposite columns of B cancel to nothing right.</summary>
    public static double ProductFrobenius(LoraModule module)
    {
        var r = module.Rank;
        double[] gramA = new double[r * r], gramB = new double[r * r];
        for (var i = 0; i < r; i++)
            for (var j = 0; j <= i; j++)
            {
                double sum = 0;
                ReadOnlySpan<float> left = module.A.AsSpan(i * module.InFeatures, module.InFeatures),
                    right = module.A.AsSpan(j * module.InFeatures, module.InFeatures);
                for (var k = 0; k < left.Length; k++) sum += (double)left[k] * right[k];
                gramA[i * r + j] = gramA[j * r + i] = sum;
            }
        for (var o = 0; o < module.OutFeatures; o++)
        {
            var row = module.B.AsSpan(o * r, r);
            for (var i = 0; i < r; i++)
                for (var j = 0; j < r; j++) gramB[i * r + j] += (double)row[i] * row[j];
        }
        double square = 0;
        for (var i = 0; i < r * r; i++) square += gramA[i] * gramB[i];
        return Math.Sqrt(Math.Max(0, square));
    }
}
