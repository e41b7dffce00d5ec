using System.Text.Json.Nodes;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Models;

public sealed class TokenizerFitTests
{
    private static List<string> Objections(ModelFolder folder) =>
        [.. TokenizerFit.Objections(ModelConfig.Read(folder.Path), Tokenizer.Load(folder.Path), folder.Path)];

    private static ModelFolder With(string model, string tokenizerOf, params string[] files)
    {
        var folder = ModelFolder.Demo(model);
        using var other = ModelFolder.Demo(tokenizerOf);
        foreach (var file in files)
            File.Copy(other[file], folder[file], overwrite: true);
        return folder;
    }

    [Theory]
    [InlineData("tiny-llama")]
    [InlineData("tiny-gemma3")]
    public void A_model_s_own_tokenizer_fits(string model)
    {
        using var folder = ModelFolder.Demo(model);

        Assert.Empty(Objections(folder));
    }

    [Theory]
    [InlineData("tiny-llama", "tiny-gemma3", "its bos token is <bos> (2), but config.json has bos_token_id 2040, which is \"")]
    [InlineData("tiny-gemma3", "tiny-llama", "its eos token is <|end_of_text|> (2041), but config.json has eos_token_id 1, which is \"")]
    public void One_of_another_family_with_a_vocabulary_of_the_same_size_is_told_by_its_special_tokens(string model, string of, string says)
    {
        using var folder = With(model, of, "tokenizer.json", "tokenizer_config.json");

        var objection = Assert.Single(Objections(folder));

        Assert.Contains("tokenizer.json is another model's: ", objection, StringComparison.Ordinal);
        Assert.Contains(says, objection, StringComparison.Ordinal);
    }

    [Fact]
    public void One_whose_named_tokens_it_lacks_would_end_every_text_past_the_embedding()
    {
        using var folder = With("tiny-llama", "tiny-gemma3", "tokenizer.json");

        Assert.Matches("The end of every text is token 20(48|49), but config.json beside .* has a vocabulary of 2048",
            Assert.Single(Objections(folder)));
    }

    [Fact]
    public void A_vocabulary_larger_than_the_embedding_does_not_fit()
    {
        using var folder = ModelFolder.Demo().Config(config => config["vocab_size"] = 1500);

        Assert.Matches("has [0-9]+ tokens, but config.json beside it a vocabulary of 1500", Assert.Single(Objections(folder)));
    }

    [Fact]
    public void An_end_of_turn_that_tuning_made_the_end_of_texts_fits()
    {
        using var turns = ModelFolder.Demo().Json("tokenizer_config.json", json => json["eos_token"] = "<|eot_id|>");
        using var silent = ModelFolder.Demo().Config(config =>
        {
            config.Remove("bos_token_id");
            config["eos_token_id"] = new JsonArray();
        });
        using var nameless = ModelFolder.Demo().Write("tokenizer_config.json", "{}");

        Assert.Empty(Objections(turns));
        Assert.Empty(Objections(silent));
        Assert.Empty(Objections(nameless));
    }
}
