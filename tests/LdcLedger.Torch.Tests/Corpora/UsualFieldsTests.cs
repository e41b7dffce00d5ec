using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using Xunit;

namespace LdcLedger.Torch.Tests.Corpora;

/// <summary>Records under the names of fields that people use.</summary>
public sealed class UsualFieldsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private CorpusRecord Read(string line, FieldNames? names = null) =>
        Corpus.Open(_folder.File("a.jsonl", line), names: names).Records().Single();

    [Theory]
    [InlineData("""{"prompt": "Q", "response": "A", "text": "no"}""")]
    [InlineData("""{"prompt": "Q", "completion": "A"}""")]
    [InlineData("""{"instruction": "Q", "input": "", "output": "A"}""")]
    [InlineData("""{"instruction": "Q", "input": null, "output": "A"}""")]
    [InlineData("""{"instruction": "Q", "output": "A"}""")]
    [InlineData("""{"instruction": "Q", "context": "", "response": "A", "category": "x"}""")]
    [InlineData("""{"question": "Q", "answer": "A"}""")]
    [InlineData("""{"query": "Q", "response": "A"}""")]
    [InlineData("""{"input": "Q", "output": "A"}""")]
    [InlineData("""{"problem": "Q", "solution": "A"}""")]
    public void A_question_and_its_answer(string line)
    {
        var record = Assert.IsType<CorpusRecord.Answered>(Read(line));

        Assert.Equal(("Q", "A"), (record.Prompt, record.Response));
    }

    [Theory]
    [InlineData("""{"instruction": "Sum up.", "input": "A text.", "output": "A"}""")]
    [InlineData("""{"instruction": "Sum up.", "context": "A text.", "response": "A"}""")]
    public void What_an_instruction_is_about_follows_it(string line) =>
        Assert.Equal("Sum up.\n\nA text.", Assert.IsType<CorpusRecord.Answered>(Read(line)).Prompt);

    [Theory]
    [InlineData("""{"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}], "text": "no"}""")]
    [InlineData("""{"messages": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]}""")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "text", "text": "Q"}]}, {"role": "model", "content": "A"}]}""")]
    [InlineData("""{"messages": {"role": ["user", "assistant"], "content": ["Q", "A"]}}""")]
    [InlineData("""{"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}], "id": "x"}""")]
    [InlineData("""{"conversations": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}""")]
    [InlineData("""{"prompt": [{"role": "user", "content": "Q"}], "completion": [{"role": "assistant", "content": "A"}]}""")]
    public void A_conversation(string line) => Assert.Equal(
        [new Turn("user", "Q"), new Turn("assistant", "A")], Assert.IsType<CorpusRecord.Conversation>(Read(line)).Turns);

    [Theory]
    [InlineData("""{"text": "T", "instruction": "Q", "output": "A"}""")]
    [InlineData("""{"content": "T", "path": "x.py"}""")]
    public void A_text(string line) => Assert.Equal("T", Assert.IsType<CorpusRecord.Plain>(Read(line)).Text);

    [Fact]
    public void Names_that_a_spec_states_are_read_instead()
    {
        const string line = """{"text": "no", "frage": "Q", "antworten": {"beste": "A", "a.b": "no"}, "a.b": "T"}""";
        var answered = Assert.IsType<CorpusRecord.Answered>(Read(line, new("frage", "antworten.beste")));

        Assert.Equal(("Q", "A"), (answered.Prompt, answered.Response));
        Assert.Equal("T", Assert.IsType<CorpusRecord.Plain>(Read(line, new(Text: "a.b"))).Text);
        Assert.Contains("the record has no \"answer\"",
            Assert.Throws<InvalidInputException>(() => Read(line, new("frage", "answer"))).Message, StringComparison.Ordinal);
        Assert.Contains("is read as text, which has no fields",
            Assert.Throws<InvalidInputException>(() => Corpus.Open(_folder.File("a.txt", "x"), names: new(Text: "x"))).Message,
            StringComparison.Ordinal);
    }
}
