using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Kernels.Aten;
using LdcLedger.Torch.Kernels.Simd;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Nf4;
using Xunit;

namespace LdcLedger.Torch.Tests.Nf4;

/// <summary>Products with a weight of 4 bits are those with what it is dequantised to, bit for bit.</summary>
public sealed class Nf4PanelsTests
{
    private static Nf4Tensor Part(int rows, int columns, Rounding rounding, bool twice, int seed)
    {
        var random = new SplitMix((ulong)seed);
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(_ => (float)(random.NextDouble() - 0.5))];
        return new([rows, columns], 64, rounding, () => Nf4Quantiser.Of(new Numbers(values, rows, columns), rounding, twice));
    }

    private static Numbers Dequantised(Nf4Tensor part)
    {
        var values = new float[part.Shape[0] * part.Shape[1]];
        part.CopyTo(values, 0);
        return new(values, part.Shape[0], part.Shape[1]);
    }

    public static TheoryData<int, int, int, string, bool> Shapes => new()
    {
        { 64, 40, 128, "None", false },                            // rows of whole blocks
        { 64, 40, 128, "BrainFloat", true },                       // and a panel that two parts share
        { 20, 7, 112, "None", true },                              // blocks across rows
        { 33, 5, 96, "BrainFloat", false },
        { 32, 32, 64, "Half", true },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Exact_products_are_those_of_the_dequantised_weight(int first, int second, int columns, string rounded, bool twice)
    {
        var rounding = Enum.Parse<Rounding>(rounded);
        Nf4Tensor[] parts = [Part(first, columns, rounding, twice, 1), Part(second, columns, rounding, twice, 2)];
        using var arithmetic = new SimdArithmetic();
        foreach (var brainFloats in (bool[])[false, true])
        {
            using FrozenWeight brief = arithmetic.Freeze(parts, brainFloats),
                whole = arithmetic.Freeze([.. parts.Select(Dequantised)], brainFloats);
            Assert.IsType<Nf4Panels>(brief);
            Assert.IsType<PackedWeight>(whole);

            Assert.Equal(whole.ToArray(0, whole.Out), brief.ToArray(0, brief.Out));
            Assert.Equal(whole.FrobeniusNorm(first, second), brief.FrobeniusNorm(first, second));
            foreach (var back in (bool[])[false, true])
                Assert.Equal(Product(arithmetic, whole, back), Product(arithmetic, brief, back));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Libtorch_dequantises_to_the_same_numbers(int first, int second, int columns, string rounded, bool twice)
    {
        var rounding = Enum.Parse<Rounding>(rounded);
        Nf4Tensor[] parts = [Part(first, columns, rounding, twice, 1), Part(second, columns, rounding, twice, 2)];
        using var arithmetic = new AtenArithmetic(Device.Named("cpu:torch"));
        foreach (var brainFloats in (bool[])[false, true])
        {
            using FrozenWeight brief = arithmetic.Freeze(parts, brainFloats),
                whole = arithmetic.Freeze([.. parts.Select(Dequantised)], brainFloats);

            Assert.Equal(whole.ToArray(0, whole.Out), brief.ToArray(0, brief.Out));
            Assert.Equal(whole.ToArray(first - 1, 3), brief.ToArray(first - 1, 3));
            Assert.Equal(whole.FrobeniusNorm(first, second), brief.FrobeniusNorm(first, second));
            foreach (var back in (bool[])[false, true])
                Assert.Equal(Product(arithmetic, whole, back), Product(arithmetic, brief, back));
        }
    }

    [Fact]
    public void Parts_of_which_one_is_not_quantised_are_kept_as_they_are_used()
    {
        var quantised = Part(32, 64, Rounding.None, twice: false, seed: 1);
        using var arithmetic = new SimdArithmetic();
        using var weight = arithmetic.Freeze([quantised, Dequantised(Part(32, 64, Rounding.None, false, 2))], keepBrainFloats: false);

        Assert.IsType<PackedWeight>(weight);
        Assert.Equal(quantised.Weight[5], weight.ToArray(0, 1)[5]);
    }

    private static float[] Product(Arithmetic arithmetic, FrozenWeight weight, bool back)
    {
        using Matrix x = arithmetic.NewMatrix(9, back ? weight.Out : weight.In), y = arithmetic.NewMatrix(9, back ? weight.In : weight.Out);
        var random = new SplitMix(3);
        x.Set([.. Enumerable.Range(0, x.Rows * x.Columns).Select(_ => (float)(random.NextDouble() - 0.5))]);
        if (back) arithmetic.ApplyBackward(weight, x, y);
        else arithmetic.Apply(weight, x, y);
        return y.ToArray();
    }
}
