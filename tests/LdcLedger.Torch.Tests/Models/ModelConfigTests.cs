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
    [InlineData("""{"model_type":""", "is not valid JSON at line 1")]
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
    [InlineData("""{"model_type":"llama","hidden_act":"gelu"}""", "hidden_act gelu; silu or swish is allowed")]
    [InlineData("""{"model_type":"llama","rms_norm_eps":0}""", "rms_norm_eps 0")]
    [InlineData("""{"model_type":"gemma3_text","num_hidden_layers":2,"layer_types":["full_attention"]}""", "1 layer_types for 2 layers")]
    [InlineData("""{"model_type":"gemma3_text","num_hidden_layers":1,"layer_types":["chunked_attention"]}""", "chunked_attention")]
    [InlineData("""{"model_type":"gemma3_text","attn_logit_softcapping":50.0}""", "attn_logit_softcapping")]
    [InlineData("""{"model_type":"gemma3"}""", "text_config")]
    [InlineData("""{"model_type":"gemma3","text_config":null,"architectures":null}""", "text_config")]
    [InlineData("""{"model_type":"gemma3n","architectures":["Gemma3nForConditionalGeneration"]}""", "Gemma3nForConditionalGeneration")]
    [InlineData("""{"model_type":"llama","architectures":["LlamaForSequenceClassification"]}""", "LlamaForSequenceClassification")]
    [InlineData("""{"model_type":"llama","architectures":["Gemma3ForCausalLM"]}""", "Gemma3ForCausalLM, model_type llama")]
    [InlineData("""{"model_type":"llama","rope_scaling":"linear"}""", "rope_scaling \"linear\"; an object is needed")]
    [InlineData("""{"model_type":"llama","partial_rotary_factor":0.5}""", "partial_rotary_factor 0.5; 1 is allowed")]
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

    /// <summary>Fields that transformers' classes give a default.</summary>
    public static TheoryData<string, string> Optional()
    {
        var all = new TheoryData<string, string>();
        foreach (var (model, keys) in new Dictionary<string, string>
        {
            ["tiny-llama"] = "architectures attention_bias attention_dropout bos_token_id dtype eos_token_id head_dim hidden_act "
                + "initializer_range max_position_embeddings mlp_bias num_key_value_heads pad_token_id pretraining_tp rms_norm_eps "
                + "rope_parameters tie_word_embeddings transformers_version use_cache vocab_size intermediate_size "
                + "rope_scaling quantization_config text_config torch_dtype rope_theta",
            ["tiny-gemma3"] = "_sliding_window_pattern architectures attention_bias attn_logit_softcapping bos_token_id dtype eos_token_id "
                + "final_logit_softcapping head_dim hidden_activation layer_types max_position_embeddings num_key_value_heads "
                + "query_pre_attn_scalar rms_norm_eps rope_parameters sliding_window tie_word_embeddings use_bidirectional_attention "
                + "vocab_size sliding_window_pattern rope_scaling rope_local_base_freq rope_theta cache_implementation",
        })
            foreach (var key in keys.Split(' ')) all.Add(model, key);
        return all;
    }

    [Theory]
    [MemberData(nameof(Optional))]
    public void Null_means_what_absence_means(string model, string key)
    {
        using var folder = ModelFolder.Demo(model);
        var absent = ModelConfig.Read(folder.Config(config => config.Remove(key)).Path);
        var none = ModelConfig.Read(folder.Config(config => config[key] = null).Path);

        PublishedShapesTests.Same(absent, none);
    }

    [Theory]
    [InlineData("rope_type")]
    [InlineData("rope_theta")]
    [InlineData("original_max_position_embeddings")]
    public void So_it_does_inside_the_rotation(string key)
    {
        using var folder = ModelFolder.Demo();
        var absent = ModelConfig.Read(folder.Config(config => config["rope_parameters"]!.AsObject().Remove(key)).Path);
        var none = ModelConfig.Read(folder.Config(config => config["rope_parameters"]![key] = null).Path);

        PublishedShapesTests.Same(absent, none);
    }

    [Fact]
    public void Values_of_a_text_model_at_the_top_of_a_multimodal_type_are_read_as_those_of_one_that_stands_alone()
    {
        using var folder = ModelFolder.Demo("tiny-gemma3");
        var plain = ModelConfig.Read(folder.Path);

        PublishedShapesTests.Same(plain, ModelConfig.Read(folder.Config(config =>
        {
            config["model_type"] = "gemma3";
            config["text_config"] = null;
        }).Path));
    }

    /// <summary>As transformers 5 fills them in (Gemma3TextConfig.convert_rope_params_to_dict).</summary>
    [Fact]
    public void What_one_kind_of_layer_leaves_out_of_its_rotation_is_found_elsewhere()
    {
        const string gemma = """{"model_type":"gemma3_text","hidden_size":64,"num_hidden_layers":6""";
        var stated = Read(gemma + ""","rope_theta":5e5,"rope_local_base_freq":2e4}""");

        foreach (var other in (string[])[
            ""","rope_theta":5e5,"rope_local_base_freq":2e4,"rope_parameters":{"full_attention":null,"sliding_attention":{}}}""",
            ""","rope_theta":5e5,"rope_parameters":{"sliding_attention":{"rope_theta":2e4,"rope_type":"default"}}}""",
            ""","rope_local_base_freq":2e4,"rope_parameters":{"full_attention":{"rope_theta":5e5}}}"""])
            PublishedShapesTests.Same(stated, Read(gemma + other));
        var scaled = Read(gemma + ""","rope_theta":5e5,"rope_scaling":{"rope_type":"linear","factor":8}}""");
        PublishedShapesTests.Same(scaled, Read(gemma + """
            ,"rope_parameters":{"full_attention":{"rope_theta":5e5},"sliding_attention":{}},"rope_scaling":{"type":"linear","factor":8}}
            """));
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
