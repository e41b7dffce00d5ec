using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tests.Corpora;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Adapters;

public sealed class PeftAdapterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Traces =>
        [.. new DirectoryInfo(RepositoryFiles.Golden("traces")).GetDirectories().Select(folder => folder.Name).Order()];

    public void Dispose() => _folder.Dispose();

    private static JsonObject Json(string file) => (JsonObject)JsonNode.Parse(File.ReadAllText(file))!;

    private static string Trace(string name, string adapter) => RepositoryFiles.Golden("traces", name, adapter);

    private static ModelConfig BaseOf(string trace) =>
        ModelConfig.Read(Path.Combine(RepositoryFiles.Golden("traces", trace),
            (string)Json(RepositoryFiles.Golden("traces", trace, "golden.json"))["model"]!));

    private static Dictionary<string, (string Shape, float[] Values)> Tensors(string folder)
    {
        using var file = new SafetensorsFile(Path.Combine(folder, "adapter_model.safetensors"));
        return file.Tensors.ToDictionary(t => t.Key, t => (string.Join('x', t.Value.Shape), t.Value.ToFloats()));
    }

    [Theory]
    [MemberData(nameof(Traces))]
    public void An_adapter_of_PEFT_survives_loading_and_saving_unchanged(string trace)
    {
        foreach (var which in new[] { "adapter_initial", "adapter_final" })
        {
            var theirs = Trace(trace, which);
            var loaded = PeftAdapter.Load(theirs);
            PeftAdapter.Save(loaded.TextTower(), _folder.Path, BaseOf(trace), loaded.BaseModel, loaded.Dropout);

            Assert.All(loaded.Modules, m => Assert.InRange(m.Factors.Layer, 0, int.MaxValue));
            Assert.Empty(loaded.NotMerged);
            var (ours, expected) = (Tensors(_folder.Path), Tensors(theirs));
            Assert.Equal(expected.Keys.Order(), ours.Keys.Order());
            Assert.All(expected, tensor => Assert.Equal(tensor.Value.Shape, ours[tensor.Key].Shape));
            Assert.All(expected, tensor => Assert.Equal(tensor.Value.Values, ours[tensor.Key].Values));
            var config = Json(Path.Combine(theirs, "adapter_config.json"));
            foreach (var (key, value) in Json(Path.Combine(_folder.Path, "adapter_config.json")))
                Assert.True(JsonNode.DeepEquals(config[key], value),
                    $"{key}: {value?.ToJsonString()} instead of {config[key]?.ToJsonString()}");
        }
    }

    private static LoraModule Module(string path, int layer, string projection, int rank = 2) =>
        new(path, layer, projection, [.. Enumerable.Range(1, rank * 3).Select(i => i * 0.5f)],
            [.. Enumerable.Range(1, rank * 4).Select(i => i * 0.25f)], 3, 4);

    /// <summary>Writes an adapter as another maker might.</summary>
    private PeftAdapter Foreign(IEnumerable<WrittenTensor> tensors, string config)
    {
        SafetensorsWriter.Write(Path.Combine(_folder.Path, "adapter_model.safetensors"), tensors);
        _folder.File("adapter_config.json", config);
        return PeftAdapter.Load(_folder.Path);
    }

    private static WrittenTensor[] Factors(string name, LoraModule module, string infix = "")
    {
        long rank = module.A.Length / module.InFeatures;
        return [new($"{name}.lora_A{infix}.weight", [rank, module.InFeatures], module.A),
            new($"{name}.lora_B{infix}.weight", [module.OutFeatures, rank], module.B)];
    }

    [Theory]
    [InlineData("base_model.model.language_model.model.layers.5.mlp.up_proj", "", "model.language_model.layers.5.mlp.up_proj")]
    [InlineData("base_model.model.model.layers.5.mlp.up_proj", ".default", "model.layers.5.mlp.up_proj")]
    [InlineData("module.base_model.model.model.layers.5.mlp.up_proj", "", "model.layers.5.mlp.up_proj")]
    [InlineData("model.layers.5.mlp.up_proj", "", "model.layers.5.mlp.up_proj")]
    public void Other_spellings_of_a_module_are_understood(string name, string infix, string path)
    {
        var adapter = Foreign(Factors(name, Module("", 0, ""), infix),
            """{"peft_type":"LORA","r":2,"lora_alpha":16,"target_modules":["up_proj"]}""");

        Assert.Equal((path, 5, "up_proj"), Assert.Single(adapter.Modules).Factors is var m
            ? (m.ModulePath, m.Layer, m.Projection) : default);
        Assert.Equal((16, 8), (adapter.Alpha, adapter.Modules[0].Scale));
    }

    [Fact]
    public void A_layer_in_digits_of_another_script_is_no_layer_of_a_model()
    {
        var adapter = Foreign(Factors("base_model.model.model.layers.５.mlp.up_proj", Module("", 0, "")), """{"peft_type":"LORA","r":2}""");
        Assert.Equal((-1, "up_proj"), Assert.Single(adapter.Modules).Factors is var m ? (m.Layer, m.Projection) : default);
        Assert.Equal(1, DeviceArithmetic.ExactVersion("exact/1 (AVX2)"));
        Assert.Null(DeviceArithmetic.ExactVersion("exact/１ (AVX2)"));
    }

    [Fact]
    public void Modules_outside_the_text_tower_are_kept_apart()
    {
        const string vision = "model.vision_tower.vision_model.encoder.layers.0.self_attn.q_proj";
        var adapter = Foreign([.. Factors($"base_model.model.{vision}", Module("", 0, "")),
            .. Factors("base_model.model.model.layers.0.self_attn.q_proj", Module("", 0, ""))],
            """{"peft_type":"LORA","r":2,"lora_alpha":2}""");

        Assert.Equal([("model.layers.0.self_attn.q_proj", 0), (vision, -1)],
            adapter.Modules.Select(m => (m.Factors.ModulePath, m.Factors.Layer)));
        Assert.Equal(0, Assert.Single(adapter.TextTower().Modules).Layer);
    }

    [Fact]
    public void Rank_and_alpha_patterns_and_rank_stabilisation_give_each_module_its_scale()
    {
        var (q, k) = (Module("", 0, "q_proj", rank: 4), Module("", 0, "k_proj"));
        var adapter = Foreign([.. Factors("base_model.model.model.layers.0.self_attn.q_proj", q),
            .. Factors("base_model.model.model.layers.0.self_attn.k_proj", k)],

                """
                {"peft_type":"LORA","r":2,"lora_alpha":8,"use_rslora":true,"rank_pattern":{"q_proj":4},
                 "alpha_pattern":{"layers.0.self_attn.k_proj":3}}
                """);

        Assert.Equal([(8.0, 8 / Math.Sqrt(4)), (3.0, 3 / Math.Sqrt(2))], adapter.Modules.Select(m => (m.Alpha, m.Scale)));
        Assert.Equal([q.B, k.B], adapter.Modules.Select(m => m.Factors.B));
        var one = adapter.TextTower();
        Assert.Equal(8 / Math.Sqrt(4) * q.B[5], one.Alpha / 4 * one.Modules[0].B[5], 6);
        Assert.Equal(3 / Math.Sqrt(2) * k.B[5], one.Alpha / 2 * one.Modules[1].B[5], 6);
    }

    [Fact]
    public void One_scale_for_all_leaves_the_factors_as_they_are()
    {
        var module = Module("", 0, "q_proj", rank: 4);
        var adapter = Foreign(Factors("base_model.model.model.layers.0.self_attn.q_proj", module),
            """{"peft_type":"LORA","r":4,"lora_alpha":8,"use_rslora":true}""");

        Assert.Equal((8, 4), (adapter.Alpha, adapter.Modules[0].Scale));
        Assert.Equal(16, adapter.TextTower().Alpha);   // 8 / sqrt 4 = 16 / 4
        Assert.Equal(module.B, Assert.Single(adapter.TextTower().Modules).B);
    }

    private static readonly ModelConfig Text = ModelConfig.Read(RepositoryFiles.Golden("shapes", "llama-3.2-1b"));
    private static readonly ModelConfig Multimodal = ModelConfig.Read(RepositoryFiles.Golden("shapes", "gemma-3-4b"));

    [Theory]
    [InlineData("3:q_proj,3:k_proj", null, "k_proj,q_proj", "3")]
    [InlineData("0:up_proj,7:up_proj,2:up_proj", null, "up_proj", "0,2,7")]
    [InlineData("1:q_proj,2:up_proj", @".*model\.(layers\.(1)\.self_attn\.(q_proj)|layers\.(2)\.mlp\.(up_proj))", null, null)]
    public void A_tuning_of_a_text_model_is_named_by_projections_and_layers(string tuning, string? regex, string? names, string? layers) =>
        CheckTargets(Text, tuning, regex, names, layers);

    [Theory]
    [InlineData("3:q_proj,3:k_proj", @".*language_model\.layers\.(3)\.self_attn\.(q_proj|k_proj)")]
    [InlineData("1:q_proj,1:up_proj,5:q_proj,5:up_proj", @".*language_model\.layers\.(1|5)\.(self_attn|mlp)\.(q_proj|up_proj)")]
    public void A_tuning_of_a_multimodal_model_is_named_by_a_regular_expression(string tuning, string regex) =>
        CheckTargets(Multimodal, tuning, regex, null, null);

    private void CheckTargets(ModelConfig config, string tuning, string? regex, string? names, string? layers)
    {
        var targets = tuning.Split(',').Select(t => t.Split(':')).Select(t => (Layer: int.Parse(t[0], null), Projection: t[1])).ToList();
        var modules = targets.Select(t => Module(config.ModulePath(t.Layer, t.Projection), t.Layer, t.Projection)).ToList();
        PeftAdapter.Save(new LoraAdapter(2, 4, modules), _folder.Path, config);
        var json = Json(Path.Combine(_folder.Path, "adapter_config.json"));

        Assert.Equal(layers, json["layers_to_transform"] is JsonArray list ? string.Join(',', list) : null);
        Assert.Equal(names, json["target_modules"] is JsonArray plain ? string.Join(',', plain) : null);
        Assert.Equal(regex, json["target_modules"] is JsonValue value ? (string)value! : null);
        if (regex is not null)
        {
            var everything = Enumerable.Range(0, config.Layers)
                .SelectMany(l => ModelConfig.ProjectionNames.Select(p => (Layer: l, Projection: p)));
            Assert.Equal(targets.Order(),
                everything.Where(t => Regex.IsMatch(config.ModulePath(t.Layer, t.Projection), $"^(?:{regex})$")).Order());
            Assert.DoesNotMatch($"^(?:{regex})$", "model.vision_tower.vision_model.encoder.layers.3.self_attn.q_proj");
        }
    }

    [Theory]
    [InlineData("{}", "peft_type is missing, but the kind of a PEFT adapter, such as \"LORA\", is needed")]
    [InlineData("""{"peft_type":5}""", "peft_type is 5, but a text is needed")]
    [InlineData("""{"peft_type":"LORA","r":2,"use_dora":true}""", "but not lora_magnitude_vector of that module, which use_dora asks for")]
    [InlineData("""{"peft_type":"LORA","r":2,"use_rslora":"yes"}""", "use_rslora is \"yes\", but true or false is needed")]
    [InlineData("""{"peft_type":"LORA","r":2,"lora_alpha":"16"}""", "lora_alpha is \"16\", but a finite number is needed")]
    [InlineData("""{"peft_type":"LORA","r":2,"lora_alpha":1e999}""", "lora_alpha is 1e999, but a finite number is needed")]
    [InlineData("""{"peft_type":"LORA","r":2.5}""", "r is 2.5, but a whole number of 1 or more")]
    [InlineData("""{"peft_type":"LORA","r":2,"rank_pattern":[]}""", "rank_pattern is [], but an object of module names is needed")]
    [InlineData("""{"peft_type":"LORA","r":2,"rank_pattern":{"up":[1,2]}}""", "rank_pattern.up is [1,2], but a whole number")]
    [InlineData("""{"peft_type":"LORA","r":2,"alpha_pattern":{"(":1}}""", "the key \"(\", which is not a regular expression")]
    [InlineData("""{"peft_type":"LORA","r":0}""", "r is 0, but a whole number of 1 or more")]
    [InlineData("""{"peft_type":"LORA","r":8}""", "lora_A.weight is [2, 3], but adapter_config.json gives the rank 8, so [8, 3] is needed")]
    [InlineData("""{"peft_type":"LORA","r":2""", "is not valid JSON at line 1")]
    [InlineData("[]", "is not the configuration of a LoRA adapter")]
    public void An_adapter_of_another_kind_is_refused(string config, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidInputException>(() =>
            Foreign(Factors("base_model.model.model.layers.0.mlp.up_proj", Module("", 0, "")), config)).Message, StringComparison.Ordinal);

    [Fact]
    public void Tensors_that_do_not_belong_together_are_named()
    {
        const string config = """{"peft_type":"LORA","r":2}""";
        var factors = Factors("base_model.model.model.layers.0.mlp.up_proj", Module("", 0, ""));
        Assert.Contains("but not base_model.model.model.layers.0.mlp.up_proj.lora_B.weight", Refusal([factors[0]]),
            StringComparison.Ordinal);
        Assert.Contains("holds no LoRA tensor", Refusal([]), StringComparison.Ordinal);
        Assert.Contains("There is no adapter_config.json", Assert.Throws<InvalidInputException>(() => PeftAdapter.Load("/nowhere")).Message,
            StringComparison.Ordinal);

        string Refusal(IEnumerable<WrittenTensor> tensors) => Assert.Throws<InvalidInputException>(() => Foreign(tensors, config)).Message;
    }
}
