using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tests.Corpora;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Adapters;

/// <summary>Adapters as people have them: more or other than plain sums of a base and B A.</summary>
public sealed class AdaptersInTheWildTests : IDisposable
{
    private const string Base = "llama-gqa-rope3-tied";   // hidden 64, tied
    private const string Query = "base_model.model.model.layers.0.self_attn.q_proj";

    private readonly TemporaryFolder _folder = new();

    private string Target => Path.Combine(_folder.Path, "merged");

    public void Dispose() => _folder.Dispose();

    private static string BaseFolder => RepositoryFiles.Golden("logits", Base, "model");

    private static float[] Numbers(int count, int seed) =>
        [.. Enumerable.Range(0, count).Select(i => (float)Math.Sin(1 + seed + 0.7 * i) / 4)];

    private static (int Out, int In) ShapeOf(string tensor)
    {
        using var checkpoint = new Checkpoint(BaseFolder);
        return ((int)checkpoint[tensor].Shape[0], (int)checkpoint[tensor].Shape[1]);
    }

    private static readonly (int Out, int In) QueryShape = ShapeOf("model.layers.0.self_attn.q_proj.weight");

    private static WrittenTensor Tensor(string name, params long[] shape) =>
        new(name, shape, Numbers((int)shape.Aggregate(1L, (product, size) => product * size), name.Length));

    /// <summary>A and B of q_proj in layer 0, in the shapes of the base.</summary>
    private static WrittenTensor[] Factors(int rank = 2, string infix = "") =>
        [Tensor($"{Query}.lora_A{infix}.weight", rank, QueryShape.In), Tensor($"{Query}.lora_B{infix}.weight", QueryShape.Out, rank)];

    private PeftAdapter Load(string settings, params WrittenTensor[] tensors)
    {
        SafetensorsWriter.Write(Path.Combine(_folder.Path, "adapter_model.safetensors"), tensors);
        File.WriteAllText(Path.Combine(_folder.Path, "adapter_config.json"),
            $"{{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 8{(settings.Length > 0 ? ", " : "")}{settings}}}");
        return PeftAdapter.Load(_folder.Path);
    }

    private string WhyNotMerged(PeftAdapter adapter)
    {
        var refused = Assert.Throws<InvalidInputException>(() => AdapterMerge.Write(BaseFolder, adapter, Target)).Message;
        Assert.DoesNotContain('\n', refused);
        Assert.False(Path.Exists(Target));
        return refused;
    }

    [Theory]
    [InlineData("\"pissa\"", "PiSSA")]
    [InlineData("\"pissa_niter_4\"", "PiSSA")]
    [InlineData("\"PiSSA\"", "PiSSA")]
    [InlineData("\"olora\"", "OLoRA")]
    [InlineData("\"corda\"", "CorDA")]
    [InlineData("\"lora_ga\"", "LoRA-GA")]
    [InlineData("\"lora-ga\"", "LoRA-GA")]
    [InlineData("\"loftq\"", "LoftQ")]
    [InlineData("\"milora\"", "does not know")]
    [InlineData("7", "does not know")]
    public void Factors_that_were_taken_out_of_the_base_are_refused_with_what_to_do(string initialisation, string says)
    {
        var refused = Assert.Throws<InvalidInputException>(() => Load($"\"init_lora_weights\": {initialisation}", Factors())).Message;

        Assert.Contains($"adapter_config.json: init_lora_weights is {initialisation}", refused, StringComparison.Ordinal);
        Assert.Contains(says, refused, StringComparison.Ordinal);
        Assert.Contains("B A is not what was learned", refused, StringComparison.Ordinal);
        Assert.Contains(says == "LoftQ" ? "merge it there" : "path_initial_model_for_weight_conversion", refused, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("null")]
    [InlineData("\"default\"")]
    [InlineData("\"gaussian\"")]
    [InlineData("\"eva\"")]
    [InlineData("\"orthogonal\"")]
    [InlineData("\"mica\"")]
    public void Other_initialisations_leave_the_base_as_it_is(string initialisation)
    {
        var adapter = Load($"\"init_lora_weights\": {initialisation}", Factors());

        Assert.Empty(adapter.NotMerged);
        Assert.Equal(4 * UpdateNorms.ProductFrobenius(adapter.Modules[0].Factors), adapter.Modules[0].DeltaFrobenius());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-8)]
    [InlineData(0.5)]
    public void Alpha_of_any_sign_scales_the_sum_and_a_norm_is_never_negative(double alpha)
    {
        var adapter = Load(FormattableString.Invariant($"\"alpha_pattern\": {{ \"q_proj\": {alpha} }}"), Factors());
        AdapterMerge.Write(BaseFolder, adapter, Target);

        var factors = adapter.Modules[0].Factors;
        Assert.Equal(Math.Abs(alpha) / 2 * UpdateNorms.ProductFrobenius(factors), adapter.Modules[0].DeltaFrobenius()!.Value, 1e-12);
        var (before, after) = (Weights(BaseFolder), Weights(Target));
        for (var i = 0; i < before.Length; i++)
            Assert.Equal(before[i] + alpha / 2 * Product(factors, i), after[i], 1e-5);
        Assert.Equal(alpha / 2 * Product(factors, 3), adapter.TextTower() is var tower
            ? tower.Alpha / 2 * Product(tower.Modules[0], 3) : double.NaN, 1e-6);
    }

    [Fact]
    public void A_rank_stabilised_adapter_is_merged_with_alpha_over_the_root_of_r()
    {
        var adapter = Load("\"use_rslora\": true, \"rank_pattern\": { \"q_proj\": 9 }", Factors(rank: 9));
        AdapterMerge.Write(BaseFolder, adapter, Target);

        Assert.Equal(8.0 / 3, adapter.Modules[0].Scale);
        var (before, after) = (Weights(BaseFolder), Weights(Target));
        for (var i = 0; i < before.Length; i++)
            Assert.Equal(before[i] + 8.0 / 3 * Product(adapter.Modules[0].Factors, i), after[i], 1e-5);
    }

    [Fact]
    public void DoRA_gives_every_row_of_the_sum_its_magnitude()
    {
        var magnitudes = new WrittenTensor($"{Query}.lora_magnitude_vector", [QueryShape.Out],
            Array.ConvertAll(Numbers(QueryShape.Out, 3), x => 2 + x));
        var adapter = Load("\"use_dora\": true", [.. Factors(), magnitudes]);
        Assert.Null(adapter.Modules[0].DeltaFrobenius());
        Assert.Contains("a model takes plain LoRA", Assert.Throws<InvalidInputException>(() => adapter.TextTower()).Message,
            StringComparison.Ordinal);

        AdapterMerge.Write(BaseFolder, adapter, Target);

        var (before, after) = (Weights(BaseFolder), Weights(Target));
        double moved = 0;
        for (var row = 0; row < QueryShape.Out; row++)
        {
            var sums = Enumerable.Range(row * QueryShape.In, QueryShape.In)
                .Select(i => before[i] + 4 * Product(adapter.Modules[0].Factors, i)).ToList();
            var factor = magnitudes.Floats.Span[row] / Math.Sqrt(sums.Sum(x => x * x));
            for (var i = 0; i < sums.Count; i++)
            {
                Assert.Equal(factor * sums[i], after[row * QueryShape.In + i], 1e-5);
                moved += Math.Pow(factor * sums[i] - before[row * QueryShape.In + i], 2);
            }
        }
        using var checkpoint = new Checkpoint(BaseFolder);
        Assert.Equal(Math.Sqrt(moved), AdaptedWeights.Of(checkpoint, adapter)[0].DeltaFrobenius(), 1e-9);
    }

    [Theory]
    [InlineData("model.embed_tokens.weight", "whole_weight", "whole weights: model.embed_tokens.weight")]
    [InlineData("lm_head.modules_to_save.default.weight", "whole_weight", "lm_head.modules_to_save.default.weight")]
    [InlineData("score.original_module.weight", "whole_weight", "score.original_module.weight")]
    [InlineData("model.layers.0.self_attn.q_proj.base_layer.bias", "bias", "biases: model.layers.0.self_attn.q_proj.base_layer.bias")]
    [InlineData("model.layers.0.self_attn.q_proj.lora_B.bias", "factor_bias", "biases of factors")]
    [InlineData("model.embed_tokens.token_adapter.trainable_tokens_delta", "token_rows", "rows of an embedding")]
    [InlineData("model.layers.0.self_attn.q_proj.lora_magnitude_vector", "magnitude", "without use_dora")]
    [InlineData("model.layers.0.self_attn.q_proj.lora_E", "other", "other tensors: model.layers.0.self_attn.q_proj.lora_E")]
    [InlineData("something.of.somebody", "other", "other tensors: something.of.somebody")]
    public void What_is_beside_the_factors_is_told_and_not_merged(string name, string kind, string why)
    {
        var adapter = Load("", [.. Factors(), Tensor("base_model.model." + name, 5)]);

        Assert.NotNull(Assert.Single(adapter.Modules).DeltaFrobenius());
        var extra = Assert.Single(adapter.Also);
        Assert.Equal((kind, name), (extra.Kind, Assert.Single(extra.Tensors).Name));
        Assert.Contains(why, WhyNotMerged(adapter), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"modules_to_save\": [\n  \"lm_head\",\n  \"embed_tokens\"\n ]", "modules_to_save is [\"lm_head\",\"embed_tokens\"]")]
    [InlineData("\"trainable_token_indices\": { \"embed_tokens\": [5] }", "rows of the embedding were trained")]
    [InlineData("\"lora_bias\": true", "a bias to every adapted module")]
    [InlineData("\"fan_in_fan_out\": true", "stored [in, out]")]
    [InlineData("\"layer_replication\": [[0, 2], [1, 2]]", "layer_replication is [[0,2],[1,2]]")]
    [InlineData("\"megatron_config\": { \"hidden_size\": 64 }", "Megatron")]
    [InlineData("\"alora_invocation_tokens\": [1, 2]", "aLoRA")]
    [InlineData("\"target_parameters\": [\"experts.down_proj\"]", "parameters that are no weight of a linear module")]
    [InlineData("\"invented_tomorrow\": 3", "invented_tomorrow is 3, a setting that this version of ldc does not know")]
    public void Settings_that_a_sum_cannot_follow_are_told_and_not_merged(string setting, string why)
    {
        var adapter = Load(setting, Factors());

        Assert.NotNull(Assert.Single(adapter.Modules).DeltaFrobenius());
        Assert.Contains(why, Assert.Single(adapter.NotMerged), StringComparison.Ordinal);
        Assert.Contains(why, WhyNotMerged(adapter), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"bias\": \"all\", \"modules_to_save\": [], \"lora_bias\": false, \"invented_tomorrow\": null")]
    [InlineData("\"target_parameters\": null, \"trainable_token_indices\": null, \"layer_replication\": null")]
    [InlineData("\"velora_config\": { \"scale\": 1 }, \"eva_config\": { \"rho\": 2 }, \"ensure_weight_tying\": true")]
    [InlineData("\"loftq_config\": { \"loftq_bits\": 4 }, \"corda_config\": { \"corda_method\": \"ipm\" }")]
    public void Settings_that_change_no_sum_are_passed_over(string settings)
    {
        var adapter = Load(settings, Factors());

        Assert.Empty(adapter.NotMerged);
        AdapterMerge.Write(BaseFolder, adapter, Target);
    }

    [Theory]
    [InlineData("use_qalora", "QA-LoRA")]
    [InlineData("use_bdlora", "BD-LoRA")]
    [InlineData("monteclora_config", "MonteCLoRA")]
    [InlineData("arrow_config", "Arrow")]
    public void Factors_whose_product_is_no_update_get_no_norm(string setting, string name)
    {
        // Of any shapes: those of QA-LoRA and BD-LoRA do not even multiply.
        var adapter = Load($"\"{setting}\": {{ \"nblocks\": 2 }}", Tensor($"{Query}.lora_A.weight", 2, 5),
            Tensor($"{Query}.lora_B.weight", 7, 1));

        Assert.Empty(adapter.Modules);
        Assert.Equal(("not_the_product", 2), (Assert.Single(adapter.Also).Kind, adapter.Also[0].Tensors.Count));
        Assert.Contains(name, WhyNotMerged(adapter), StringComparison.Ordinal);
    }

    [Fact]
    public void Knowledge_aware_adapters_are_refused_since_they_cut_the_base() =>
        Assert.Contains("kasa_config is {\"beta\":1}: KaSA drops the last singular components",
            Assert.Throws<InvalidInputException>(() => Load("\"kasa_config\": { \"beta\": 1 }", Factors())).Message,
            StringComparison.Ordinal);

    [Fact]
    public void An_adapted_embedding_has_a_norm_and_is_not_merged()
    {
        var (rows, width) = ShapeOf("model.embed_tokens.weight");
        const string embedding = "base_model.model.model.embed_tokens";
        var adapter = Load("", [.. Factors(), Tensor($"{embedding}.lora_embedding_A", 2, rows),
            Tensor($"{embedding}.lora_embedding_B", width, 2)]);

        Assert.Equal(["model.layers.0.self_attn.q_proj", "model.embed_tokens"], adapter.Modules.Select(m => m.Factors.ModulePath));
        using (var checkpoint = new Checkpoint(BaseFolder))
            Assert.Equal(4 * UpdateNorms.ProductFrobenius(adapter.Modules[1].Factors),
                AdaptedWeights.Of(checkpoint, adapter)[1].DeltaFrobenius());
        Assert.Contains("it adapts an embedding, model.embed_tokens", WhyNotMerged(adapter), StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_head_that_the_base_may_share_is_not_merged()
    {
        var folder = Path.Combine(_folder.Path, "with-a-head");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(BaseFolder).Where(f => !f.EndsWith(".safetensors", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        using (var checkpoint = new Checkpoint(BaseFolder))
            SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), [.. checkpoint.Tensors.Values
                .Select(t => new WrittenTensor(t.Name, [.. t.Shape], t.ToFloats())),
                new("lm_head.weight", [.. checkpoint["model.embed_tokens.weight"].Shape],
                    checkpoint["model.embed_tokens.weight"].ToFloats())]);
        var (rows, width) = ShapeOf("model.embed_tokens.weight");
        var adapter = Load("", Tensor("base_model.model.lm_head.lora_A.weight", 2, width),
            Tensor("base_model.model.lm_head.lora_B.weight", rows, 2));

        var refused = Assert.Throws<InvalidInputException>(() => AdapterMerge.Write(folder, adapter, Target)).Message;
        Assert.Contains("tie_word_embeddings", refused, StringComparison.Ordinal);

        var config = Path.Combine(folder, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace(
            "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", StringComparison.Ordinal));
        AdapterMerge.Write(folder, adapter, Target);
    }

    [Fact]
    public void Convolutions_and_parameters_are_told_by_their_kind()
    {
        const string patch = "base_model.model.model.vision_tower.patch", experts = "base_model.model.model.layers.0.mlp.experts";
        var adapter = Load("\"target_parameters\": [\"mlp.experts.gate_up_proj\", \"mlp.experts.down_proj\"]",
            [.. Factors(), Tensor($"{patch}.lora_A.weight", 2, 3, 4, 4), Tensor($"{patch}.lora_B.weight", 8, 2, 1, 1),
                Tensor($"{experts}.lora_A.weight", 4, 6), Tensor($"{experts}.lora_B.weight", 6, 4),
                Tensor($"{experts}.base_layer.lora_A.weight", 4, 6), Tensor($"{experts}.base_layer.lora_B.weight", 6, 4)]);

        Assert.Equal("model.layers.0.self_attn.q_proj", Assert.Single(adapter.Modules).Factors.ModulePath);
        Assert.Equal([("convolution", 2), ("of_parameter", 4)], adapter.Also.Select(e => (e.Kind, e.Tensors.Count)));
        Assert.Contains("factors of convolutions: model.vision_tower.patch.lora_A.weight", WhyNotMerged(adapter), StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_of_another_type_is_told_by_its_tensors()
    {
        Load("", Factors());
        File.WriteAllText(Path.Combine(_folder.Path, "adapter_config.json"), """{"peft_type":"IA3","target_modules":["q_proj"]}""");
        var adapter = PeftAdapter.Load(_folder.Path);

        Assert.Equal(("IA3", 0, 2), (adapter.PeftType, adapter.Modules.Count, Assert.Single(adapter.Also).Tensors.Count));
        Assert.Contains("an adapter of the type IA3, not LORA", WhyNotMerged(adapter), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_adapters_in_one_file_are_refused_by_name()
    {
        var refused = Assert.Throws<InvalidInputException>(
            () => Load("", [.. Factors(infix: ".default"), .. Factors(infix: ".second")])).Message;
        Assert.Contains("holds 2 adapters (default, second)", refused, StringComparison.Ordinal);
        Assert.Single(Load("", Factors(infix: ".second")).Modules);
    }

    [Fact]
    public void A_module_in_two_spellings_counts_once_or_not_at_all()
    {
        const string other = "base_model.model.language_model.model.layers.0.self_attn.q_proj",
            current = "base_model.model.model.language_model.layers.0.self_attn.q_proj";
        Assert.Contains("twice, in two spellings", Assert.Throws<InvalidInputException>(() => Load("",
            Tensor($"{other}.lora_A.weight", 2, 3), Tensor($"{other}.lora_B.weight", 4, 2),
            Tensor($"{current}.lora_A.weight", 2, 3), Tensor($"{current}.lora_B.weight", 4, 2))).Message, StringComparison.Ordinal);
        var both = Load("", [.. Factors(), Tensor($"{current}.lora_A.weight", 2, QueryShape.In),
            Tensor($"{current}.lora_B.weight", QueryShape.Out, 2)]);
        Assert.Contains("twice, under two names of its module", WhyNotMerged(both), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_shown_and_not_merged()
    {
        var factors = Factors();
        var broken = factors[1].Floats.ToArray();
        broken[3] = float.NaN;
        var adapter = Load("", factors[0], factors[1] with { Floats = broken });

        Assert.Equal(double.NaN, adapter.Modules[0].DeltaFrobenius());
        Assert.Contains("model.layers.0.self_attn.q_proj.lora_B.weight holds NaN", WhyNotMerged(adapter), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sum_that_its_type_cannot_hold_is_not_written()
    {
        var adapter = Load("\"alpha_pattern\": { \"q_proj\": 1e38 }", Factors() is var f
            ? [f[0] with { Floats = Array.ConvertAll(f[0].Floats.ToArray(), x => 1e6f * x) }, f[1]] : []);
        Assert.Contains("The merged model.layers.0.self_attn.q_proj.weight would hold NaN or infinite numbers (F32)",
            WhyNotMerged(adapter), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(2, 0)]
    public void Factors_of_no_size_are_refused(long rank, long width) =>
        Assert.Contains("none of them 0", Assert.Throws<InvalidInputException>(() => Load("",
            Tensor($"{Query}.lora_A.weight", rank, width), Tensor($"{Query}.lora_B.weight", 4, rank))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pattern_that_takes_for_ever_is_refused()
    {
        const string path = "base_model.model.model.layers.0.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
        Assert.Contains("takes longer than a second", Assert.Throws<InvalidInputException>(() => Load(
            "\"rank_pattern\": { \"(a+)+b\": 4 }", Tensor($"{path}.lora_A.weight", 2, 3), Tensor($"{path}.lora_B.weight", 4, 2))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_reads_the_same_with_a_byte_order_mark_and_other_line_ends()
    {
        var adapter = Load("\n\"use_rslora\":\ntrue", Factors());
        var file = Path.Combine(_folder.Path, "adapter_config.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\n", "\r\n", StringComparison.Ordinal),
            new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        Assert.Equal(adapter.Modules[0].Scale, PeftAdapter.Load(_folder.Path).Modules[0].Scale);
    }

    [Fact]
    public void A_configuration_that_is_no_text_is_refused_in_one_line()
    {
        Load("", Factors());
        File.WriteAllBytes(Path.Combine(_folder.Path, "adapter_config.json"), [.. "{\"peft_type\": \""u8, 0xC3, 0x28, .. "\"}"u8]);

        var refused = Assert.Throws<InvalidInputException>(() => PeftAdapter.Load(_folder.Path)).Message;
        Assert.Contains("adapter_config.json is not", refused, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused);
    }

    [Fact]
    public void A_folder_above_the_adapter_says_where_it_is()
    {
        Load("", Factors());
        var inside = Path.Combine(_folder.Path, "second");
        Directory.CreateDirectory(inside);
        File.Move(Path.Combine(_folder.Path, "adapter_config.json"), Path.Combine(inside, "adapter_config.json"));

        Assert.Contains($"such as \"{inside}\"", Assert.Throws<InvalidInputException>(() => PeftAdapter.Load(_folder.Path)).Message,
            StringComparison.Ordinal);
    }

    private static float[] Weights(string folder)
    {
        using var checkpoint = new Checkpoint(folder);
        return checkpoint["model.layers.0.self_attn.q_proj.weight"].ToFloats();
    }

    /// <summary>Element i of B A, in fp64.</summary>
    private static double Product(LoraModule module, int i) => Enumerable.Range(0, module.Rank).Sum(r =>
        (double)module.B[i / module.InFeatures * module.Rank + r] * module.A[r * module.InFeatures + i % module.InFeatures]);
}
