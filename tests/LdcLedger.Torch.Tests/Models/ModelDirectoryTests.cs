using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tests.Corpora;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Models;

/// <summary>Directories whose config.json and weights do not go together at first sight.</summary>
public sealed class ModelDirectoryTests
{
    [Fact]
    public void Weights_beside_those_that_the_index_names_are_told_of()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(RepositoryFiles.Golden("logits", "llama-mha-untied-sharded", "model")))
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        using (var alone = new Checkpoint(folder.Path))
            Assert.Empty(alone.Notes);
        var shard = Directory.GetFiles(folder.Path, "*.safetensors")[0];
        File.Copy(shard, Path.Combine(folder.Path, "model-00001-of-00009.safetensors"));
        using var beside = new Checkpoint(folder.Path);
        Assert.Contains("model-00001-of-00009.safetensors lies there", Assert.Single(beside.Notes), StringComparison.Ordinal);
    }

    private static (ModelConfig Config, IReadOnlyList<string> Notes) Open(ModelFolder folder)
    {
        using var opened = ModelDirectory.Open(folder.Path);
        return (opened.Config, opened.Notes);
    }

    private static string Refusal(ModelFolder folder) =>
        Assert.Throws<InvalidInputException>(() => ModelDirectory.Open(folder.Path)).Message;

    private static float[] FirstQueries(ModelFolder folder)
    {
        using var model = BaseModel.Load(folder.Path);
        return model.Weight(0, "q_proj");
    }

    [Theory]
    [InlineData("gemma3-text-layer-types", "language_model.model.")]
    [InlineData("gemma3-text-layer-types", "model.language_model.")]
    [InlineData("gemma3-text-layer-types", "")]
    [InlineData("gemma3-text-layer-types", "model.text_model.")]
    [InlineData("llama-packed", "language_model.model.")]
    [InlineData("llama-packed", "model.language_model.")]
    [InlineData("llama-packed", "")]
    [InlineData("llama-packed", "_orig_mod.model.")]
    public void The_prefix_that_the_tensors_have_is_read(string golden, string prefix)
    {
        using var plain = ModelFolder.Golden(golden);
        using var folder = ModelFolder.Golden(golden).Renamed(name =>
            name.StartsWith("model.", StringComparison.Ordinal) ? prefix + name["model.".Length..] : name);

        var (config, notes) = Open(folder);

        Assert.Equal(FirstQueries(plain), FirstQueries(folder));
        Assert.False(config.Multimodal);                       // as its config.json says: an adapter's module paths depend on it
        Assert.Empty(notes);
    }

    [Theory]
    [InlineData("language_model.lm_head.weight", "language_model.model.")]
    [InlineData("lm_head.weight", "language_model.model.")]
    [InlineData("lm_head.weight", "model.language_model.")]
    [InlineData("model.lm_head.weight", "model.language_model.")]
    public void A_head_is_found_beside_the_tower_or_beside_what_holds_it(string head, string prefix)
    {
        using var folder = ModelFolder.Golden("llama-packed").Renamed(name =>
            name.StartsWith("model.", StringComparison.Ordinal) ? prefix + name["model.".Length..] : name);
        var embedding = folder.Tensor(prefix + "embed_tokens.weight");
        folder.Tensors(tensor => tensor.Name == "lm_head.weight" ? [] : [tensor])
            .With(embedding with { Name = head, Data = [.. embedding.Data.Reverse()] }).Config(c => c["tie_word_embeddings"] = false);

        using var opened = ModelDirectory.Open(folder.Path);

        Assert.Equal(head, opened.Source.Tower.Head);
    }

    [Fact]
    public void A_text_model_alone_under_the_configuration_of_one_with_vision_is_a_text_model()
    {
        using var folder = ModelFolder.Golden("gemma3-text-layer-types").Config(config =>
        {
            var text = config.DeepClone();
            config.Clear();
            config["architectures"] = new JsonArray("Gemma3ForConditionalGeneration");
            config["model_type"] = "gemma3";
            config["text_config"] = text;
        });

        var (config, _) = Open(folder);

        Assert.Equal(("Gemma3ForCausalLM", "model.layers.0.self_attn.q_proj"), (config.Architecture, config.ModulePath(0, "q_proj")));
    }

    [Theory]
    [InlineData("gemma3-multimodal")]
    [InlineData("gemma3-multimodal-new-keys")]
    public void One_with_vision_stays_one(string golden)
    {
        using var folder = ModelFolder.Golden(golden);

        var (config, _) = Open(folder);

        Assert.Equal("Gemma3ForConditionalGeneration", config.Architecture);
    }

    [Theory]
    [InlineData("gemma3", "Gemma3ForCausalLM")]
    [InlineData("gemma3_text", "Gemma3ForConditionalGeneration")]
    [InlineData("gemma3_text", "Gemma3TextModel")]
    [InlineData("gemma3", null)]
    [InlineData(null, "Gemma3ForCausalLM")]
    public void Names_of_classes_that_do_not_go_with_the_values_are_passed_over(string? type, string? architecture)
    {
        using var plain = ModelFolder.Golden("gemma3-text-layer-types");
        using var folder = ModelFolder.Golden("gemma3-text-layer-types").Config(config =>
        {
            config["model_type"] = type;
            config["architectures"] = architecture is null ? null : new JsonArray(architecture);
        });

        Assert.Equal(FirstQueries(plain), FirstQueries(folder));
    }

    [Fact]
    public void Of_two_towers_the_one_of_the_configuration_s_shapes_is_read()
    {
        using var plain = ModelFolder.Golden("llama-packed");
        using var folder = ModelFolder.Golden("llama-packed").Tensors(tensor =>
            tensor.Name.StartsWith("model.", StringComparison.Ordinal)
                ? [tensor with { Name = "target." + tensor.Name },
                    tensor with { Dtype = "F32", Shape = [1, 1], Data = new byte[4] }] : [tensor]);

        Assert.Equal(FirstQueries(plain), FirstQueries(folder));
    }

    [Fact]
    public void Weights_without_a_text_model_are_refused_with_what_they_are_called()
    {
        using var folder = ModelFolder.Golden("llama-packed").Renamed(name => name.Replace("model.layers", "transformer.h",
            StringComparison.Ordinal).Replace("embed_tokens", "wte", StringComparison.Ordinal));

        Assert.Contains("holds no text model that config.json describes", Refusal(folder), StringComparison.Ordinal);
        Assert.Contains("it has transformer.h.N., ", Refusal(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_towers_of_the_same_shapes_the_usual_one_is_read_and_the_other_told()
    {
        using var folder = ModelFolder.Golden("llama-packed").Tensors(tensor => tensor.Name.StartsWith("model.", StringComparison.Ordinal)
            ? [tensor, tensor with { Name = "language_model." + tensor.Name, Data = new byte[tensor.Data.Length] }] : [tensor]);
        using var plain = ModelFolder.Golden("llama-packed");

        Assert.Equal(FirstQueries(plain), FirstQueries(folder));
        Assert.EndsWith("holds text models of the same shapes under model. and language_model.model.; model. is read.",
            Assert.Single(Open(folder).Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_tensor_is_named_under_the_prefix_that_is_there()
    {
        using var folder = ModelFolder.Golden("llama-packed").Renamed(name => "language_model." + name)
            .Tensors(tensor => tensor.Name.EndsWith("layers.1.mlp.up_proj.weight", StringComparison.Ordinal) ? [] : [tensor]);

        Assert.Contains("has no tensor language_model.model.layers.1.mlp.up_proj.weight", Refusal(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_saved_with_its_adapter_is_refused_as_that()
    {
        using var folder = ModelFolder.Golden("llama-packed").Renamed(name =>
            "base_model.model." + name.Replace("q_proj.weight", "q_proj.base_layer.weight", StringComparison.Ordinal));

        Assert.Contains("saved with its adapter; merge the two first", Refusal(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_of_the_layers_that_are_not_read_are_told()
    {
        using var fewer = ModelFolder.Golden("llama-packed").Config(config => config["num_hidden_layers"] = 1);
        using var biased = ModelFolder.Golden("llama-packed").With(
            new StoredTensor("model.layers.0.self_attn.q_proj.bias", "F32", [1], new byte[4]),
            new StoredTensor("model.layers.0.self_attn.rotary_emb.inv_freq", "F32", [1], new byte[4]));

        Assert.Contains("of 1 layers does not have and that are not read, e.g. model.layers.1.", Assert.Single(Open(fewer).Notes),
            StringComparison.Ordinal);
        Assert.Contains("holds 1 tensor of its layers", Assert.Single(Open(biased).Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4.50.0", null, true)]      // what transformers of that version reads: the embedding
    [InlineData("5.23.0", null, false)]     // the head
    [InlineData("5.0.0.dev0", null, false)]
    [InlineData(null, "rope_theta", true)]
    [InlineData(null, "rope_parameters", false)]
    public void A_stored_head_that_the_configuration_denies_is_read_as_transformers_of_its_spelling_does(
        string? version, string? key, bool tied)
    {
        using var folder = Tied(config =>
        {
            Unspelled(config);
            config["transformers_version"] = version;
            if (key == "rope_theta") config[key] = 10000.0;
            if (key == "rope_parameters") config[key] = new JsonObject { ["rope_theta"] = 10000.0 };
        }, reversed: true);

        var (config, notes) = Open(folder);

        Assert.Equal(tied, config.TiedHead);
        Assert.Contains($"with other numbers: they are {(tied ? "not " : "")}read, as in transformers {(tied ? 4 : 5)}",
            Assert.Single(notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_tells_the_spelling_a_denied_head_is_refused()
    {
        using var folder = Tied(Unspelled, reversed: true);

        Assert.Contains("hold lm_head.weight with other numbers: transformers 5 would read it, earlier ones the embedding", Refusal(folder),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("F32")]
    [InlineData("BF16")]                    // another type, the same numbers
    public void A_stored_head_that_is_the_embedding_is_tied_without_a_word(string dtype)
    {
        using var folder = Tied(_ => { }, reversed: false);
        folder.Tensors(tensor => [tensor.Name.Contains("embed", StringComparison.Ordinal) ? Rounded(tensor)
            : tensor.Name == "lm_head.weight" ? dtype == "F32" ? Rounded(tensor) : Brain(Rounded(tensor)) : tensor]);

        var (config, notes) = Open(folder);

        Assert.True(config.TiedHead);
        Assert.Empty(notes);
    }

    [Fact]
    public void A_head_that_is_said_to_be_there_and_is_not_is_refused_and_one_that_nobody_speaks_of_is_the_embedding()
    {
        using var denied = ModelFolder.Golden("llama-gqa-rope3-tied").Config(config => config["tie_word_embeddings"] = false);
        using var silent = ModelFolder.Golden("llama-gqa-rope3-tied").Config(config => config.Remove("tie_word_embeddings"));
        using var none = ModelFolder.Golden("llama-gqa-rope3-tied").Config(config => config["tie_word_embeddings"] = null);

        Assert.Contains("tie_word_embeddings false, but the weights hold no lm_head.weight", Refusal(denied), StringComparison.Ordinal);
        foreach (var folder in (ModelFolder[])[silent, none])
        {
            Assert.True(Open(folder).Config.TiedHead);
            Assert.Contains("the head is the embedding", Assert.Single(Open(folder).Notes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_whole_file_beside_an_index_is_what_is_read_and_hashed_and_the_user_is_told()
    {
        using var plain = ModelFolder.Golden("llama-packed");
        using var folder = ModelFolder.Golden("llama-packed");
        var tensors = ModelFolder.Stored(folder.Weights);
        ModelFolder.Store(folder["model-00001-of-00001.safetensors"],
            [.. tensors.Select(tensor => tensor with { Data = new byte[tensor.Data.Length] })]);
        folder.Json("model.safetensors.index.json", index => index["weight_map"] = new JsonObject(tensors.Select(tensor =>
            KeyValuePair.Create<string, JsonNode?>(tensor.Name, "model-00001-of-00001.safetensors"))));

        using var opened = ModelDirectory.Open(folder.Path);

        Assert.Equal([folder.Weights], opened.Weights.Files);
        Assert.Null(opened.Weights.Index);
        Assert.Contains("holds both model.safetensors and an index of shards", Assert.Single(opened.Notes), StringComparison.Ordinal);
        Assert.Equal(FirstQueries(plain), FirstQueries(folder));
        File.Delete(folder["model-00001-of-00001.safetensors"]);
        Assert.Equal(FirstQueries(plain), FirstQueries(folder));
    }

    [Theory]
    [InlineData("F64", 8)]
    [InlineData("I16", 2)]
    [InlineData("BOOL", 1)]
    [InlineData("F8_E5M2FNUZ", 1)]
    public void A_norm_of_a_type_that_cannot_be_read_is_refused_before_any_run(string dtype, int bytes)
    {
        using var folder = ModelFolder.Golden("llama-packed").Tensors(tensor =>
            [tensor.Name == "model.norm.weight" ? tensor with { Dtype = dtype, Data = new byte[tensor.Shape[0] * bytes] } : tensor]);

        Assert.Contains($"gives tensor model.norm.weight the type {dtype}; F32, BF16 or F16 is allowed", Refusal(folder),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_another_shape_is_refused_before_any_run()
    {
        using var folder = ModelFolder.Golden("llama-packed").Config(config => config["vocab_size"] = 1000);

        Assert.Matches(@"embed_tokens.weight the shape \[\d+, \d+\]; the configuration wants \[1000, \d+\]", Refusal(folder));
    }

    private static ModelFolder Tied(Action<JsonObject> change, bool reversed)
    {
        var folder = ModelFolder.Golden("llama-gqa-rope3-tied").Config(change);
        var embedding = folder.Tensor("model.embed_tokens.weight");
        return folder.With(embedding with
        {
            Name = "lm_head.weight",
            Data = reversed ? [.. embedding.Data.Chunk(4).Reverse().SelectMany(number => number)] : embedding.Data,
        });
    }

    private static void Unspelled(JsonObject config)
    {
        foreach (var key in (string[])["transformers_version", "rope_scaling", "rope_theta", "torch_dtype"]) config.Remove(key);
    }

    /// <summary>Numbers that bfloat16 can hold, too.</summary>
    private static StoredTensor Rounded(StoredTensor tensor)
    {
        byte[] data = [.. tensor.Data];
        foreach (ref var bits in MemoryMarshal.Cast<byte, uint>(data.AsSpan())) bits &= 0xFFFF0000;
        return tensor with { Data = data };
    }

    private static StoredTensor Brain(StoredTensor tensor) => tensor with
    {
        Dtype = "BF16", Data = [.. tensor.Data.Chunk(4).SelectMany(number => number[2..])],
    };
}
