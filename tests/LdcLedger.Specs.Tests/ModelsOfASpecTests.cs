using System.Text.Json.Nodes;
using LdcLedger.Cli.Tests;
using LdcLedger.Specs.Plans;
using LdcLedger.Specs.Resolution;
using LdcLedger.Torch.Tests.Models;
using LdcLedger.Torch.Tests.Nf4;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Specs.Tests;

/// <summary>What validate and plan say of the models that a spec names, before anything is trained.</summary>
public sealed class ModelsOfASpecTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The model's path stands in line 1, the template in line 3.</summary>
    private SpecFile Spec(string model, string template = "'{prompt} {response}'", string? domain = null, string training = "{}") =>
        SpecFile.Read(_folder.Write(
        "study.yaml", $$"""
        models: [{ name: m, path: "{{model}}" }]
        domains: [{ name: d, path: "{{domain ?? Path.Combine(RepositoryFiles.Root, "infra", "demo", "domains", "math.jsonl")}}" }]
        data: { length: 64, template: {{template}} }
        lora: { rank: 4 }
        training: {{training}}
        evaluation: { length: 64 }
        """));

    private static ResolvedStudy Resolved(SpecFile file) => StudyResolution.Of(file, CancellationToken.None);

    /// <summary>The one finding that validate and plan both have.</summary>
    private static SpecFinding Finding(SpecFile file)
    {
        var validated = Assert.Throws<InvalidSpecException>(() => Resolved(file)).Findings;
        var planned = Assert.Throws<InvalidSpecException>(() => StudyEstimate.Of(file, "cpu", CancellationToken.None)).Findings;
        Assert.Equal(validated, planned);
        return Assert.Single(validated);
    }

    [Fact]
    public void A_quantised_model_is_refused_at_its_path_by_the_name_of_its_scheme()
    {
        using var model = ModelFolder.Demo().Config(config => config["quantization_config"] = new JsonObject { ["quant_method"] = "gptq" })
            .Tensors(tensor => [tensor.Name.EndsWith("_proj.weight", StringComparison.Ordinal)
                ? new(tensor.Name.Replace(".weight", ".qweight", StringComparison.Ordinal), "I32", [1], new byte[4]) : tensor]);

        var finding = Finding(Spec(model.Path));

        Assert.Equal((1, 27), (finding.Line, finding.Column));
        Assert.Contains("is a quantised checkpoint (GPTQ)", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_was_saved_quantised_is_refused_where_the_spec_asks_for_another_quantisation()
    {
        using var model = ModelFolder.Demo().Saved(twice: false);

        var finding = Finding(Spec(model.Path, training: "{ base: nf4-double }"));

        Assert.Contains("was saved quantised, as nf4, so it cannot be used as nf4-double", finding.Message, StringComparison.Ordinal);
        Assert.NotEqual(1, finding.Line);
        Assert.Single(Resolved(Spec(model.Path)).Models);
    }

    [Fact]
    public void A_tensor_that_no_run_could_read_is_refused_before_any_run()
    {
        using var model = ModelFolder.Demo().Tensors(tensor => tensor.Name == "model.layers.7.input_layernorm.weight"
            ? [tensor with { Dtype = "I16" }] : [tensor]);

        Assert.Contains("gives tensor model.layers.7.input_layernorm.weight the type I16", Finding(Spec(model.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_tokenizer_of_another_model_is_refused()
    {
        using ModelFolder model = ModelFolder.Demo(), other = ModelFolder.Demo("tiny-gemma3");
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
            File.Copy(other[file], model[file], overwrite: true);

        var finding = Finding(Spec(model.Path));

        Assert.Equal(1, finding.Line);
        Assert.Contains("is another model's", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chat_template_of_no_known_format_is_refused_at_the_template()
    {
        using var model = ModelFolder.Demo().Write("chat_template.jinja", "[INST] {{ messages }} [/INST]");

        var finding = Finding(Spec(model.Path, "chat"));

        Assert.Equal((3, 31), (finding.Line, finding.Column));
        Assert.Contains("is of no known format", finding.Message, StringComparison.Ordinal);
        Assert.Empty(Resolved(Spec(model.Path)).Notes);            // of no matter where the spec has a text template
    }

    [Fact]
    public void A_whole_file_beside_an_index_makes_the_same_study_as_without_and_is_told_once()
    {
        using ModelFolder plain = ModelFolder.Demo(), model = ModelFolder.Demo();
        model.Write("model.safetensors.index.json", """{"weight_map":{"a":"model-00001-of-00002.safetensors"}}""");
        var file = Spec(model.Path);

        var study = Resolved(file);

        Assert.Contains("holds both model.safetensors and an index of shards", Assert.Single(study.Notes), StringComparison.Ordinal);
        Assert.Equal(study.Notes, StudyEstimate.Of(file, "cpu", CancellationToken.None).Notes);
        Assert.Equal(Resolved(Spec(plain.Path)).Id(), study.Id());
    }

    [Fact]
    public void A_chat_template_in_a_file_of_its_own_is_part_of_a_study_that_uses_it()
    {
        using var model = ModelFolder.Demo();
        var (text, chat) = (Resolved(Spec(model.Path)).Id(), Resolved(Spec(model.Path, "chat")).Id());

        model.Write("chat_template.jinja", "{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}");

        Assert.Equal(text, Resolved(Spec(model.Path)).Id());
        Assert.NotEqual(chat, Resolved(Spec(model.Path, "chat")).Id());
        Assert.Contains("no token of this tokenizer", Assert.Single(Resolved(Spec(model.Path, "chat")).Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json", "is no folder: it is a file; a model is a Hugging Face directory")]
    [InlineData("loop", "is no folder: it is a link that leads back to itself")]
    [InlineData("a\\0b", "models[0].path has a null character")]
    public void A_path_of_something_else_than_a_folder_says_what_it_is(string entry, string says)
    {
        using var model = ModelFolder.Demo();
        File.CreateSymbolicLink(model["loop"], "loop");
        var path = model.Path + "/" + entry;

        Assert.Contains(says, entry.Contains('\\', StringComparison.Ordinal)
            ? Assert.Single(Assert.Throws<InvalidSpecException>(() => Spec(path)).Findings).Message : Finding(Spec(path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("somebody/some-model", "so download it (hf download somebody/some-model --local-dir FOLDER)")]
    [InlineData("~/models/x", "; ~ is a shell's, so write /")]
    [InlineData("$NO_SUCH_THING/x", "; variables are a shell's, so write the whole path")]
    [InlineData("file:///data/x", "; a path stands without file:, so write /data/x")]
    public void A_path_that_leads_nowhere_and_reads_like_something_else_is_helped_with(string given, string says)
    {
        using var model = ModelFolder.Demo();
        var (lost, without) = (Spec(given), Spec(model.Path, domain: given));

        var model404 = Assert.Single(Assert.Throws<InvalidSpecException>(() => Resolved(lost)).Findings);
        var domain404 = Assert.Single(Assert.Throws<InvalidSpecException>(() => Resolved(without)).Findings);

        Assert.Equal((1, 2), (model404.Line, domain404.Line));
        Assert.Contains(says, model404.Message, StringComparison.Ordinal);
        Assert.Contains(says.Replace(" --local", " --repo-type dataset --local", StringComparison.Ordinal), domain404.Message,
            StringComparison.Ordinal);
        Assert.Contains(says, Assert.Single(PlannedModel.Of(lost, lost.Spec.Models[0], "", []).Missing).What, StringComparison.Ordinal);
        Assert.Contains("; ", PlannedDomain.Of(without, without.Spec.Domains[0], []).Missing!.What, StringComparison.Ordinal);
    }
}
