using System.Text.Json.Nodes;
using LdcLedger.Torch.Models;
using Xunit;

namespace LdcLedger.Torch.Tests.Models;

public sealed class ModelConfigTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("ldc-config-").FullName, "config.json");

    [Theory]
    [InlineData("""{"model_type":"mistral","architectures":["MistralForCausalLM"]}""", "MistralForCausalLM")]
    [InlineData("""{}""", "allowed are LlamaForCausalLM")]
    [InlineData("""[]""", "not a JSON object")]
    [InlineData("""{"model_type":""", "is not JSON")]
    [InlineData(
        """{"model_type":"llama","num_attention_heads":6,"num_key_value_heads":4,"head_dim":8}""",
        "num_attention_heads 6, which num_key_value_heads 4 does not divide")]
    [InlineData(
        """{"model_type":"llama","hidden_size":100,"num_attention_heads":3}""",
        "hidden_size 100, which its num_attention_heads 3 do not divide")]
    [InlineData("""{"model_type":"llama","hidden_size":0}""", "hidden_size 0; a whole number above 0 is needed")]
    [InlineData("""{"model_type":"llama","num_hidden_layers":2.5}""", "num_hidden_layers 2.5; a whole number above 0 is needed")]
    [InlineData("""{"model_type":"llama","hidden_size":"big"}""", "hidden_size \"big\"; a number is needed")]
    [InlineData("""{"model_type":"llama","head_dim":7}""", "head_dim 7; rotation needs an even one")]
    [InlineData(
        """{"model_type":"llama","rope_scaling":{"rope_type":"yarn","factor":4}}""",
        "rope_type yarn; allowed are default, linear and llama3")]
    [InlineData("""{"model_type":"llama","rope_scaling":{"rope_type":"llama3","factor":8}}""", "rope_type llama3 without low_freq_factor")]
    [InlineData("""{"model_type":"llama","attention_bias":true}""", "attention_bias")]
    [InlineData("""{"model_type":"llama","hidden_act":"gelu"}""", "hidden_act gelu; silu is allowed")]
    [InlineData("""{"model_type":"llama","rms_norm_eps":0}""", "rms_norm_eps 0")]
    [InlineData("""{"model_type":"gemma3_text","num_hidden_layers":2,"layer_types":["full_attention"]}""", "1 layer_types for 2 layers")]
    [InlineData("""{"model_type":"gemma3_text","num_hidden_layers":1,"layer_types":["chunked_attention"]}""", "chunked_attention")]
    [InlineData("""{"model_type":"gemma3_text","attn_logit_softcapping":50.0}""", "attn_logit_softcapping")]
    [InlineData("""{"model_type":"gemma3"}""", "text_config")]
    public void A_configuration_that_cannot_be_used_is_refused_in_one_sentence(string json, string says)
    {
        File.WriteAllText(_path, json);

        var refusal = Assert.Throws<InvalidInputException>(() => ModelConfig.Read(_path));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith(_path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_spellings_mean_the_same()
    {
        var older = Read(
            """
            {"model_type":"llama","head_dim":64,"rope_theta":500000.0,"torch_dtype":"bfloat16","rope_scaling":{"rope_type":"llama3",
             "factor":32.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192}}
            """);
        var newer = Read(
            """
            {"model_type":"llama","head_dim":64,"dtype":"bfloat16","rope_parameters":{"rope_theta":500000.0,"rope_type":"llama3",
             "factor":32.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192}}
            """);

        Assert.Equal(older.Ropes[LayerKind.Global], newer.Ropes[LayerKind.Global]);
        Assert.Equal(older.StoredDtype, newer.StoredDtype);
    }

    [Fact]
    public void A_directory_without_configuration_is_named()
    {
        Assert.Contains("config.json does not exist",
            Assert.Throws<InvalidInputException>(() => ModelConfig.Read(Path.GetDirectoryName(_path)!)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Module_paths_of_a_multimodal_checkpoint_name_the_language_model()
    {
        var config = Read("""{"model_type":"gemma3","text_config":{"model_type":"gemma3_text","hidden_size":64}}""");

        Assert.Equal("model.language_model.layers.3.self_attn.q_proj", config.ModulePath(3, "q_proj"));
        Assert.Equal("model.language_model.layers.0.mlp.down_proj", config.ModulePath(0, "down_proj"));
    }

    private ModelConfig Read(string json)
    {
        File.WriteAllText(_path, JsonNode.Parse(json)!.ToJsonString());
        return ModelConfig.Read(_path);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
}
