using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Models;

public sealed class PublishedShapesTests
{
    [Theory]
    [InlineData("llama-3.2-1b")]
    [InlineData("llama-3.2-3b")]
    [InlineData("gemma-3-1b")]
    [InlineData("gemma-3-4b")]
    public void A_published_shape_is_that_of_the_published_configuration(string name) =>
        Same(ModelConfig.Read(RepositoryFiles.Golden("shapes", name)), PublishedShapes.Of(name));

    [Fact]
    public void The_tiny_shape_is_the_demos() =>
        Same(ModelConfig.Read(Path.Combine(RepositoryFiles.Root, "infra/demo/models/tiny-llama")), PublishedShapes.Of("tiny"));

    internal static void Same(ModelConfig published, ModelConfig ours)
    {
        Assert.Equal(published.LayerKinds, ours.LayerKinds);
        Assert.Equal(published.EosTokens, ours.EosTokens);
        Assert.Equal(published.Ropes.Keys.Order(), ours.Ropes.Keys.Order());
        Assert.All(published.Ropes, rope => Assert.Equal(rope.Value, ours.Ropes[rope.Key]));
        Assert.Equal(published, ours with { LayerKinds = published.LayerKinds, Ropes = published.Ropes, EosTokens = published.EosTokens });
    }

    [Theory]
    [InlineData("Llama-3.2-1B-Instruct", "llama-3.2-1b")]
    [InlineData("gemma-3-4b-pt", "gemma-3-4b")]
    [InlineData("GEMMA_3_1B", "gemma-3-1b")]
    [InlineData("llama-3.2-11b", null)]
    [InlineData("tiny", null)]
    [InlineData("my-llama-3.2-1b", null)]
    public void A_models_name_tells_its_shape(string name, string? shape) => Assert.Equal(shape, PublishedShapes.NamedBy(name));

    [Fact]
    public void A_name_that_is_none_is_answered_with_those_that_are() =>
        Assert.Contains("shape is gpt-2; allowed are tiny, llama-3.2-1b, llama-3.2-3b, gemma-3-1b, gemma-3-4b",
            Assert.Throws<InvalidInputException>(() => PublishedShapes.Of("gpt-2")).Message, StringComparison.Ordinal);
}
