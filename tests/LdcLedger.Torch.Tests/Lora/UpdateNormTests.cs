using LdcLedger.Torch.Lora;
using Xunit;

namespace LdcLedger.Torch.Tests.Lora;

public sealed class UpdateNormTests
{
    [Theory]
    [InlineData(4, 48, 96, 8.0)]
    [InlineData(1, 5, 3, 1.0)]
    [InlineData(16, 64, 16, 32.0)]
    public void The_gram_form_equals_the_norm_of_the_product(int rank, int outFeatures, int inFeatures, double alpha)
    {
        var module = Module(rank, outFeatures, inFeatures);

        Assert.Equal(Direct(module, rank, alpha), UpdateNorms.DeltaFrobenius(module, alpha), 1e-12 * Direct(module, rank, alpha));
    }

    [Fact]
    public void Nearly_opposite_columns_do_not_cancel_to_nothing()
    {
        var module = Module(2, 64, 64);
        for (var o = 0; o < 64; o++) module.B[2 * o + 1] = -module.B[2 * o] * 1.00001f;
        for (var i = 0; i < 64; i++) module.A[64 + i] = module.A[i] * 1.00001f;

        Assert.Equal(Direct(module, 2, 4), UpdateNorms.DeltaFrobenius(module, 4), 1e-5 * Direct(module, 2, 4));
    }

    [Fact]
    public void A_fresh_adapter_has_not_moved() =>
        Assert.Equal(0, UpdateNorms.DeltaFrobenius(new LoraModule("m", 0, "q_proj", [1, 2, 3, 4], new float[6], 2, 3), 8));

    private static LoraModule Module(int rank, int outFeatures, int inFeatures)
    {
        var random = new SplitMix(5);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
        return new LoraModule("model.layers.0.self_attn.q_proj", 0, "q_proj", Numbers(rank * inFeatures), Numbers(outFeatures * rank),
            inFeatures, outFeatures);
    }

    private static double Direct(LoraModule module, int rank, double alpha)
    {
        double sum = 0;
        for (var o = 0; o < module.OutFeatures; o++)
            for (var i = 0; i < module.InFeatures; i++)
            {
                double delta = 0;
                for (var r = 0; r < rank; r++) delta += (double)module.B[o * rank + r] * module.A[r * module.InFeatures + i];
                sum += delta * delta;
            }
        return alpha / rank * Math.Sqrt(sum);
    }
}
