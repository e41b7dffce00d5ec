using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Tokenizers;
using LdcLedger.Torch.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Corpora;

public sealed class UnknownTokensTests
{
    private const string Image =
        """[{"id":66,"content":"<image>","lstrip":false,"rstrip":false,"single_word":false,"normalized":false,"special":true}]""";

    private static UnknownTokens In(Tokenizer tokenizer, params CorpusRecord[] records)
    {
        var unknown = new UnknownTokens(
            "m", tokenizer, DocumentTemplate.Read("{prompt} {response}", tokenizer), tokenizer.ModelVocabularySize);
        foreach (var record in records)
            unknown.Look(record);
        return unknown;
    }

    [Fact]
    public void Tokens_past_the_embedding_are_named_with_text_and_place_and_counted()
    {
        using var small = new SmallTokenizer();
        var tokenizer = small.With("added_tokens", Image).Load();
        var (id, size) = (tokenizer.IdOf("<image>"), tokenizer.ModelVocabularySize);

        Assert.Equal($"3 tokens in 2 records have no embedding in model m, which has {size}: "
            + $"<image> (id {id}) in a.jsonl, line 2; <image> (id {id}) in a.jsonl, line 3", In(tokenizer,
            new CorpusRecord.Plain("abc", "a.jsonl, line 1"), new CorpusRecord.Plain("<image>a<image>", "a.jsonl, line 2"),
            new CorpusRecord.Answered("a", "b<image>", "a.jsonl, line 3"), new CorpusRecord.Plain("image", "a.jsonl, line 4")).Sentence);
        Assert.EndsWith("; and 20 more records", In(tokenizer,
            [.. Enumerable.Repeat(new CorpusRecord.Plain("<image>", "x"), 30)]).Sentence, StringComparison.Ordinal);
        Assert.Null(In(tokenizer, new CorpusRecord.Conversation([new Turn("user", "a"), new Turn("assistant", "b")], "x")).Sentence);
    }

    [Fact]
    public void One_that_ends_every_text_is_found_in_every_record()
    {
        using var small = new SmallTokenizer();
        var tokenizer = small.With("added_tokens", Image).WithFile("tokenizer_config.json", """{"eos_token": "<image>"}""").Load();

        Assert.StartsWith("2 tokens in 2 records have no embedding", In(tokenizer, new CorpusRecord.Plain("a", "x"),
            new CorpusRecord.Plain("b", "y")).Sentence, StringComparison.Ordinal);
    }
}
