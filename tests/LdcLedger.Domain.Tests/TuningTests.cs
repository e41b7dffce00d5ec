using CsCheck;
using LdcLedger.Domain.Layers;
using Xunit;

namespace LdcLedger.Domain.Tests;

public class TuningTests
{
    private static readonly Gen<LayerProjection[]> Adapted =
        Gen.Select(Gen.Int[0, 40], Gen.OneOfConst([.. Projections.All]), (layer, projection) => new LayerProjection(layer, projection))
            .Array[0, 60];

    [Fact]
    public void The_text_of_any_set_reads_back_as_the_same_set() =>
        Adapted.Sample(adapted =>
        {
            var tuning = Tuning.Of(adapted);
            var read = Tuning.Parse(tuning.Text);
            return read.Equals(tuning) && read.Adapted.SequenceEqual(tuning.Adapted) && read.Text == tuning.Text;
        });

    [Fact]
    public void Order_and_repetition_do_not_make_another_tuning() =>
        Gen.Select(Adapted, Gen.Int).Sample((adapted, seed) =>
        {
            var shuffled = adapted.Concat(adapted).ToArray();
            new Random(seed).Shuffle(shuffled);
            return Tuning.Of(shuffled).Text == Tuning.Of(adapted).Text;
        });

    [Fact]
    public void Different_sets_have_different_texts() =>
        Gen.Select(Adapted, Adapted).Sample((a, b) => a.ToHashSet().SetEquals(b) == (Tuning.Of(a).Text == Tuning.Of(b).Text));

    [Fact]
    public void A_regime_over_all_layers_is_one_segment() =>
        Assert.Equal("0-15:q_proj,k_proj,v_proj,o_proj", Tuning.Of("attention", Enumerable.Range(0, 16)).Text);

    [Fact]
    public void Layers_that_are_not_neighbours_are_segments_of_their_own() =>
        Assert.Equal("5:gate_proj,up_proj,down_proj;7-8:gate_proj,up_proj,down_proj", Tuning.Of("mlp", [8, 5, 7]).Text);

    [Fact]
    public void Neighbours_that_adapt_different_projections_are_not_joined() =>
        Assert.Equal("0:q_proj;1:q_proj,v_proj", Tuning.Of([new(1, "v_proj"), new(0, "q_proj"), new(1, "q_proj")]).Text);

    [Fact]
    public void The_empty_text_is_the_pretrained_model()
    {
        Assert.True(Tuning.Parse("").IsPretrained);
        Assert.Equal("pretrained", Tuning.Pretrained.ToString());
        Assert.Empty(Tuning.Pretrained.Layers);
    }

    [Fact]
    public void Full_training_is_written_first_and_LoRA_is_not_written()
    {
        var full = Tuning.Of(Tuning.Of("all", Enumerable.Range(0, 16)).Adapted, TuningMethod.Full);
        Assert.Equal("full:0-15:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", full.Text);
        Assert.Equal(TuningMethod.Full, Tuning.Parse(full.Text).Method);
        Assert.Equal(full, Tuning.Parse(full.Text));
        Assert.Equal(TuningMethod.Lora, Tuning.Parse("0:q_proj").Method);
    }

    [Theory]
    [InlineData("full:")]
    [InlineData("full:full:1:q_proj")]
    [InlineData("lora:1:q_proj")]
    [InlineData("q_proj")]
    [InlineData("3-1:q_proj")]
    [InlineData("1-2-3:q_proj")]
    [InlineData("-1:q_proj")]
    [InlineData("1:")]
    [InlineData("1:q_proj;")]
    [InlineData("1:lm_head")]
    [InlineData("1:q_proj,lm_head")]
    [InlineData("0-2000000000:q_proj")]
    [InlineData("99999999999:q_proj")]
    public void A_text_that_is_no_tuning_is_refused_by_name(string text) =>
        Assert.Contains("'", Assert.Throws<RuleViolation>(() => Tuning.Parse(text)).Message);
}
