using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Tokenizers;
using LdcLedger.Torch.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Corpora;

public sealed class DocumentTests
{
    private static readonly Tokenizer LlamaTokenizer = Tokenizer.Load(RepositoryFiles.Golden("tokenizers", "llama3-style"));
    private static readonly Tokenizer GemmaTokenizer = Tokenizer.Load(RepositoryFiles.Golden("tokenizers", "gemma3-style"));
    private static readonly CorpusRecord Answered = new CorpusRecord.Answered("Why is it so?", "Because it is.", "here");
    private static readonly CorpusRecord Talk = new CorpusRecord.Conversation(
        [new Turn("system", "Be brief."), new Turn("user", "One?"), new Turn("assistant", " Two. "), new Turn("user", "Three?"),
            new Turn("assistant", "Four."), new Turn("user", "Five?")], "here");

    private static Document From(CorpusRecord record, string template, Tokenizer tokenizer, LossOn lossOn = LossOn.Response) =>
        Document.From(record, DocumentTemplate.Read(template, tokenizer), tokenizer, lossOn);

    private static string Scored(Document document, Tokenizer tokenizer) =>
        tokenizer.Decode(document.Ids.Where((_, i) => document.Scored[i]));

    [Fact]
    public void A_document_is_BOS_prompt_response_and_the_end_of_text()
    {
        var document = From(Answered, "{prompt}\n\n{response}", LlamaTokenizer);

        Assert.Equal("<|begin_of_text|>Why is it so?\n\nBecause it is.<|end_of_text|>", LlamaTokenizer.Decode(document.Ids));
        Assert.Equal("Because it is.<|end_of_text|>", Scored(document, LlamaTokenizer));
        Assert.Equal("Because it is.".Length, document.ScoredBytes);
    }

    [Fact]
    public void Loss_on_all_scores_everything_but_the_beginning()
    {
        var document = From(Answered, "{prompt}\n\n{response}", GemmaTokenizer, LossOn.All);

        Assert.Equal("Why is it so?\n\nBecause it is.<eos>", Scored(document, GemmaTokenizer));
        Assert.False(document.Scored[0]);
        Assert.Equal("Why is it so?\n\nBecause it is.".Length, document.ScoredBytes);
    }

    [Fact]
    public void Plain_text_is_scored_whole()
    {
        var document = From(new CorpusRecord.Plain("Ünïcode text", "here"), "{prompt}{response}", LlamaTokenizer);

        Assert.Equal("Ünïcode text<|end_of_text|>", Scored(document, LlamaTokenizer));
        Assert.Equal(14, document.ScoredBytes);
    }

    [Fact]
    public void A_template_may_hold_other_text_and_braces()
    {
        var document = From(Answered, "### {\"q\"}\n{prompt}\n### A: {response}\n###", LlamaTokenizer);

        Assert.Equal("<|begin_of_text|>### {\"q\"}\nWhy is it so?\n### A: Because it is.\n###<|end_of_text|>",
            LlamaTokenizer.Decode(document.Ids));
        // the spaces and the full stop share tokens with what stands beside them
        Assert.Equal(" Because it is", Scored(document, LlamaTokenizer));
    }

    [Fact]
    public void Chat_renders_the_turns_of_Llama_3()
    {
        var document = From(Talk, "chat", LlamaTokenizer);

        Assert.Equal("<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe "
            + "brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nOne?<|eot_id|>"
            + "<|start_header_id|>assistant<|end_header_id|>\n\nTwo.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nThree?<|eot_id|>"
            + "<|start_header_id|>assistant<|end_header_id|>\n\nFour.<|eot_id|><|end_of_text|>", LlamaTokenizer.Decode(document.Ids));
        Assert.Equal("Two.<|eot_id|>Four.<|eot_id|><|end_of_text|>", Scored(document, LlamaTokenizer));
    }

    [Fact]
    public void Chat_renders_the_turns_of_Gemma_3()
    {
        var document = From(Talk, "chat", GemmaTokenizer);

        Assert.Equal(
            "<bos><start_of_turn>user\nBe "
            + "brief.\n\nOne?<end_of_turn>\n<start_of_turn>model\nTwo.<end_of_turn>\n<start_of_turn>user\nThree?<end_of_turn>\n"
            + "<start_of_turn>model\nFour.<end_of_turn>\n<eos>", GemmaTokenizer.Decode(document.Ids));
        Assert.Equal("Two.<end_of_turn>Four.<end_of_turn>", Scored(document, GemmaTokenizer));
    }

    [Fact]
    public void A_conversation_fills_a_text_template_once_per_exchange()
    {
        var document = From(Talk, "{prompt}\n\n{response}", GemmaTokenizer);

        Assert.Equal("<bos>Be brief.\n\nOne?\n\n Two. \n\nThree?\n\nFour.<eos>", GemmaTokenizer.Decode(document.Ids));
    }

    [Theory]
    [InlineData("{prompt}", "has no {response}")]
    [InlineData("{prompt}{answer}{response}", "has the placeholder {answer}")]
    public void A_template_that_loses_the_response_is_refused(string template, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidInputException>(() => DocumentTemplate.Read(template, LlamaTokenizer)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Chat_needs_a_tokenizer_with_turns()
    {
        using var small = new SmallTokenizer();
        Assert.Contains("has the turns of no known family: Llama 3 marks them with <|start_header_id|> and <|eot_id|>; Gemma 3",
            Assert.Throws<InvalidInputException>(() => DocumentTemplate.Read("chat", small.Load())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_BOS_the_first_token_is_not_scored()
    {
        using var small = new SmallTokenizer();
        var tokenizer = small.With("decoder", """{"type":"Fuse"}""").Load();
        var document = From(new CorpusRecord.Plain("abcx", "here"), "{response}", tokenizer);

        Assert.Equal([false, true], document.Scored);
        Assert.Equal(1, document.ScoredBytes);
    }
}
