using LdcLedger.Torch.Nf4;
using Xunit;

namespace LdcLedger.Torch.Tests.Nf4;

/// <summary>What the reference cases do not have: blocks of zeros, short blocks, odd numbers of elements, half precision.</summary>
public sealed class Nf4QuantiserTests
{
    private static float[] Random(int count, int seed = 1)
    {
        var random = new SplitMix((ulong)seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    private static Nf4Weight Quantised(float[] values, bool twice = false, Rounding rounding = Rounding.None) =>
        Nf4Quantiser.Of(new Numbers(values, values.Length), rounding, twice);

    [Theory]
    [InlineData(64)]
    [InlineData(640)]
    [InlineData(64 * 1024 + 64)]                                   // more than one thread's
    [InlineData(100)]
    [InlineData(77)]
    [InlineData(1)]
    public void A_code_is_that_of_the_nearest_level(int count)
    {
        var values = Random(count);

        var weight = Quantised(values);

        Assert.Equal((count + 1) / 2, weight.Packed.Length);
        for (var i = 0; i < count; i++)
        {
            var absmax = values.AsSpan(i / 64 * 64, Math.Min(64, count - i / 64 * 64)).ToArray().Max(Math.Abs);
            Assert.Equal(absmax, weight.Absmax[i / 64]);
            var nearest = Nf4Codes.Levels.Min(level => Math.Abs(level - (double)values[i] / absmax));
            Assert.Equal(nearest, Math.Abs(Nf4Codes.Levels[weight.Code(i)] - (double)values[i] / absmax), 1e-7);
        }
    }

    [Fact]
    public void Half_of_a_byte_that_is_left_over_is_the_code_of_0() => Assert.Equal(0xF7, Quantised([0.5f]).Packed.Single());

    [Fact]
    public void A_block_of_zeros_stays_one()
    {
        var weight = Quantised([.. new float[64], .. Random(64)]);

        Assert.All(Enumerable.Range(0, 64), i => Assert.Equal(0, weight[i]));
        Assert.All(Enumerable.Range(0, 64), i => Assert.Equal(Nf4Codes.Zero, weight.Code(i)));
        Assert.Equal(0, weight.Absmax[0]);
    }

    [Fact]
    public void Weights_are_cast_first_and_the_products_after()
    {
        var values = Random(256);

        var (whole, brief, half) = (Quantised(values), Quantised(values, rounding: Rounding.BrainFloat),
            Quantised(values, rounding: Rounding.Half));

        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal(Rounding.BrainFloat.Of(brief[i]), brief[i]);
            Assert.Equal((float)(Half)half[i], half[i]);
        }
        Assert.Equal(Rounding.BrainFloat.Of(whole.Absmax[0]), brief.Absmax[0]);
        Assert.Equal((float)(Half)whole.Absmax[0], half.Absmax[0]);
    }

    /// <summary>A twice quantised block's largest number is within half a step of 8 bits.</summary>
    [Fact]
    public void The_largest_numbers_come_back_nearly()
    {
        var values = Random(64 * 1000);
        var (once, twice) = (Quantised(values), Quantised(values, twice: true));

        Assert.Equal(4, twice.Nested!.Scales.Length);
        Assert.Equal(once.Absmax.Average(), twice.Nested.Offset, 1e-6f);
        foreach (var (exact, near) in once.Absmax.Zip(twice.Absmax)) Assert.Equal(exact, near, twice.Nested.Scales.Max() * 0.01f);
        Assert.Equal(once.Packed, twice.Packed);
    }

    [Fact]
    public void Blocks_that_are_all_alike_have_no_spread()
    {
        var weight = Quantised([.. Enumerable.Repeat(0.25f, 640)], twice: true);

        Assert.All(weight.Absmax, value => Assert.Equal(0.25f, value));
    }

    [Fact]
    public void The_dynamic_map_is_sorted_and_looked_up_to_the_nearest()
    {
        Assert.Equal(256, Nf4Codes.Dynamic.Distinct().Count());
        Assert.Equal(Nf4Codes.Dynamic.Order(), Nf4Codes.Dynamic);
        for (var value = -1f; value <= 1; value += 0.001f)
            Assert.Equal(Nf4Codes.Dynamic.Min(level => Math.Abs(level - value)),
                Math.Abs(Nf4Codes.Dynamic[Nf4Codes.DynamicCode(value)] - value), 2e-5f);
        Assert.Equal((0, 255), (Nf4Codes.DynamicCode(-2), Nf4Codes.DynamicCode(2)));
    }
}
