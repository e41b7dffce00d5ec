using System.Text.Json.Nodes;
using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tests.Models;
using LdcLedger.Torch.Tests.Training;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Nf4;

/// <summary>A checkpoint that was saved quantised is the one that it was made from, quantised when it is loaded.</summary>
public sealed class SavedCheckpointTests
{
    private static string Refusal(ModelFolder folder) =>
        Assert.Throws<InvalidInputException>(() => ModelDirectory.Open(folder.Path)).Message;

    [Theory]
    [InlineData("llama-bf16", "bfloat16", false)]
    [InlineData("llama-bf16", "bfloat16", true)]
    [InlineData("gemma3-text", "float32", true)]
    [InlineData("gemma3-multimodal", "float32", true)]
    public void It_trains_to_the_same_bits(string name, string dtype, bool twice)
    {
        using ModelFolder plain = ModelFolder.Golden(name), saved = ModelFolder.Golden(name).Saved(twice);
        var form = twice ? "nf4-double" : "nf4";
        using BaseModel theirs = BaseModel.Load(plain.Path, dtype, form: form), ours = BaseModel.Load(saved.Path, dtype),
            named = BaseModel.Load(saved.Path, dtype, form: form);

        Assert.Equal(form, ours.Config.StoredForm);
        Assert.NotEqual(Facts(BaseModel.Load(plain.Path, dtype)), Facts(theirs));
        Assert.Equal(Facts(theirs), Facts(ours));
        Assert.Equal(Facts(theirs), Facts(named));
    }

    [Fact]
    public void Some_of_its_projections_may_have_been_left_as_they_were()
    {
        static bool Left(string name) => name.Contains(".0.self_attn.k_proj", StringComparison.Ordinal)
            || name.Contains(".1.mlp.down_proj", StringComparison.Ordinal);
        using ModelFolder plain = ModelFolder.Golden("llama-bf16"), saved = ModelFolder.Golden("llama-bf16").Saved(true, Left);
        using BaseModel whole = BaseModel.Load(plain.Path), all = BaseModel.Load(plain.Path, "bfloat16", form: "nf4-double"),
            some = BaseModel.Load(saved.Path);

        Assert.Equal(whole.Weight(0, "k_proj"), some.Weight(0, "k_proj"));
        Assert.Equal(whole.Weight(1, "down_proj"), some.Weight(1, "down_proj"));
        Assert.Equal(all.Weight(0, "q_proj"), some.Weight(0, "q_proj"));
        Assert.Equal(all.Weight(1, "up_proj"), some.Weight(1, "up_proj"));
    }

    [Fact]
    public void It_stays_as_it_was_saved()
    {
        using var saved = ModelFolder.Golden("llama-bf16").Saved(twice: true);

        Assert.Contains("was saved quantised, as nf4-double, so it cannot be used as nf4",
            Assert.Throws<InvalidInputException>(() => BaseModel.Load(saved.Path, form: "nf4")).Message, StringComparison.Ordinal);
        Assert.Contains("base is fp4; as-is, nf4, nf4-double are allowed",
            Assert.Throws<InvalidInputException>(() => BaseModel.Load(saved.Path, form: "fp4")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_says_that_it_is_one_is_refused()
    {
        using var folder = ModelFolder.Golden("llama-bf16").Config(config => config["quantization_config"] =
            JsonNode.Parse("""{"quant_method":"bitsandbytes","load_in_4bit":true,"bnb_4bit_quant_type":"nf4"}"""));

        Assert.Contains("states a checkpoint that was saved in nf4, but no weight has a quant_state", Refusal(folder),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".absmax", null, "has no tensor model.layers.0.mlp.gate_proj.weight.absmax")]
    [InlineData(".absmax", "F16", "gate_proj.weight.absmax is F16 [")]
    [InlineData(".quant_map", "zeros", "gate_proj.weight.quant_map holds other levels than nf4's")]
    [InlineData("", "F32", "gate_proj.weight is F32 [")]
    [InlineData(".quant_state.bitsandbytes__nf4", "{\"blocksize\":64}", "has no shape")]
    [InlineData(".quant_state.bitsandbytes__nf4", "{\"shape\":[128,96],\"blocksize\":63}", "says blocksize 63; 32, 64, 128")]
    [InlineData(".quant_state.bitsandbytes__nf4", "{\"shape\":[128,96],\"blocksize\":64,\"dtype\":\"float64\"}", "says dtype float64")]
    [InlineData(".quant_state.bitsandbytes__nf4", "{\"shape\":[128,97],\"blocksize\":64}",
        "says the shape [128, 97]; the configuration wants [128, 96]")]
    [InlineData(".quant_state.bitsandbytes__nf4", "[]", "does not hold JSON")]
    [InlineData(".quant_state.bitsandbytes__nf4", "{", "does not hold JSON")]
    public void Whatever_is_wrong_with_its_parts_is_named(string part, string? becomes, string says)
    {
        using var folder = ModelFolder.Golden("llama-bf16").Saved(twice: false)
            .Tensors(tensor => tensor.Name != "model.layers.0.mlp.gate_proj.weight" + part ? [tensor] : becomes switch
            {
                null => [],
                "F16" => [tensor with { Dtype = "F16", Data = new byte[tensor.Shape.Aggregate(2L, (n, d) => n * d)] }],
                "F32" => [tensor with { Dtype = "F32", Data = new byte[tensor.Shape.Aggregate(4L, (n, d) => n * d)] }],
                "zeros" => [tensor with { Data = new byte[tensor.Data.Length] }],
                _ => [tensor with { Shape = [becomes.Length], Data = System.Text.Encoding.UTF8.GetBytes(becomes) }],
            });

        Assert.Contains(says, Refusal(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void No_adapter_is_merged_into_it()
    {
        using var saved = ModelFolder.Golden("llama-bf16").Saved(twice: false);
        using var checkpoint = new Checkpoint(saved.Path);
        var adapter = PeftAdapter.Of(new LoraAdapter(2, 4, [new("model.layers.0.mlp.gate_proj", 0, "gate_proj", new float[2 * 96],
            new float[2 * 128], 96, 128)]));

        Assert.Contains("was saved quantised, in nf4: nothing can be added to its model.layers.0.mlp.gate_proj.weight",
            Assert.Throws<InvalidInputException>(() => AdaptedWeights.Of(checkpoint, adapter)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_base_of_4_bits_takes_less_memory_and_the_estimate_says_so()
    {
        var config = PublishedShapes.Of("llama-3.2-1b");
        var lora = new LoraOptions(16, 32, 0, [new(0, "q_proj")]);
        MemoryNeed brief = MemoryNeed.Of(config, lora, 1, 64, dtype: "bfloat16"),
            briefer = MemoryNeed.Of(config, lora, 1, 64, dtype: "bfloat16", form: "nf4-double");

        long projections = config.Layers * ModelConfig.ProjectionNames.Sum(p => (long)config.ShapeOf(p).Out * config.ShapeOf(p).In);
        // Half a byte, and 4 bytes for each block of 64, in place of 2 bytes.
        Assert.Equal(projections * (2 - 0.5 - 4.0 / 64), brief.BaseBytes - briefer.BaseBytes);
        Assert.Equal(briefer, MemoryNeed.Of(config with { StoredForm = "nf4" }, lora, 1, 64, dtype: "bfloat16"));
    }

    private static double[] Facts(BaseModel model)
    {
        using var training = new LoraTraining(model, SmallModel.Text(3, 40), SmallModel.Adapt(model, 0),
            new TrainingOptions(BatchRows: 2, LearningRate: 5e-3, Seed: 3));
        List<double> facts = [];
        training.Run(step => facts.AddRange([step.Nats, step.GradNorm]),
            epoch => facts.AddRange(epoch.Norms.SelectMany(norm => new[] { norm.DeltaFrobenius, norm.BaseFrobenius })));
        return [.. facts];
    }
}
