using LdcLedger.Torch.Golden;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Models;

/// <summary>A family is complete with its row and its reference case; a missing part of a row does not compile.</summary>
public sealed class ModelFamilyTests
{
    public static TheoryData<string> Names() => [.. ModelFamilies.All.Select(family => family.Name)];

    [Fact]
    public void Every_family_stands_in_the_table_once()
    {
        var rows = typeof(ModelFamilies)
            .GetProperties().Where(property => property.PropertyType == typeof(ModelFamily)).Select(property => property.GetValue(null));

        Assert.Equal(rows, ModelFamilies.All);
        Assert.Equal(ModelFamilies.All.Count, ModelFamilies.All.Select(family => family.Name).Distinct().Count());
        var architectures = ModelFamilies.All.SelectMany(family => family.Architectures).ToList();
        Assert.Equal(architectures.Count, architectures.Select(architecture => architecture.ModelType).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_has_all_its_parts(string name)
    {
        var family = ModelFamilies.Named(name);

        Assert.Equal(name, family.ToString());
        Assert.NotEmpty(family.Title);
        Assert.NotEmpty(family.Architectures);
        Assert.NotEmpty(family.Chat.Marks);
        Assert.NotEmpty(family.Chat.Render([new Turn("user", "Hello"), new Turn("assistant", "Hello")]));
        Assert.NotEmpty(family.Shapes);
        Assert.All(family.Shapes, shape => Assert.Same(family, PublishedShapes.Of(shape.Name).Family));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_family_has_a_reference_case_of_its_logits(string name)
    {
        var folders = GoldenCases.Find(RepositoryFiles.Golden()).Where(golden => golden.Kind == "logits")
            .Select(golden => Path.Combine(golden.Directory, "model")).Where(Directory.Exists);

        Assert.Contains(folders, folder => ModelConfig.Read(folder).Family.Name == name);
    }

    [Fact]
    public void An_unknown_family_is_refused() =>
        Assert.Equal("There is no model family mamba; allowed are llama, gemma3.",
            Assert.Throws<InvalidInputException>(() => ModelFamilies.Named("mamba")).Message);

    [Fact]
    public void A_config_without_architectures_has_the_family_s_usual_one()
    {
        Assert.Equal("LlamaForCausalLM", PublishedShapes.Of("llama-3.2-1b").Architecture);
        Assert.Equal("Gemma3ForCausalLM", PublishedShapes.Of("gemma-3-1b").Architecture);
        Assert.Equal("Gemma3ForConditionalGeneration", PublishedShapes.Of("gemma-3-4b").Architecture);
    }

    [Fact]
    public void Every_regime_is_a_part_of_the_table_of_projections()
    {
        Assert.Equal(["q_proj", "k_proj", "v_proj", "o_proj"], Projection.NamesIn("attention"));
        Assert.Equal(["gate_proj", "up_proj", "down_proj"], Projection.NamesIn("mlp"));
        Assert.Equal([.. Projection.NamesIn("attention"), .. Projection.NamesIn("mlp")], Projection.NamesIn("all"));
        Assert.Equal("regime is everything; attention, mlp, all, full-attention, full-mlp and full-all are allowed.",
            Assert.Throws<InvalidInputException>(() => Projection.NamesIn("everything")).Message);
    }
}
