using System.Diagnostics;
using CsCheck;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Tokenizers;
using LdcLedger.Torch.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Corpora;

/// <summary>The ids before many places of one text: what they are by definition, at the price of encoding the text once.</summary>
public sealed class LongConversationTests
{
    private static readonly Tokenizer Llama = Tokenizer.Load(RepositoryFiles.Golden("tokenizers", "llama3-style"));
    private static readonly Tokenizer Gemma = Tokenizer.Load(RepositoryFiles.Golden("tokenizers", "gemma3-style"));

    private static readonly Gen<string> Words = Gen.OneOf(
        Gen.OneOfConst("the ", " and", "return", "aaaa", " ", "  ", "   ", "\n", "\n\n", "\n\n\n", " \n", "\r\n", "\t", "12345", "7",
            "'s", "'", "don't", "!?", "...", "▁", "日本", "😀", "é", "e\u0301", "\u200D", "ABC", "<", "<|eot_id|>", "<|eot", "_id|>", "<bos>",
            "<end_of_turn>", "<end_of", "abc", "ab", "bc", "c", "\uFFFD", "\0"),
        Gen.Int[0x20, 0x17F].Select(char.ConvertFromUtf32), Gen.Int[0x10000, 0x1F9FF].Select(char.ConvertFromUtf32));
    private static readonly Gen<string> Text = Words.List[0, 12].Select(string.Concat);

    /// <summary>As it is defined: the common prefix with the ids of the beginning alone.</summary>
    private static int[] BeforeByDefinition(Tokenizer tokenizer, string text, int[] places)
    {
        var whole = tokenizer.Encode(text, addSpecial: false);
        return [.. places.Select(place => tokenizer.Encode(text[..place], addSpecial: false).AsSpan().CommonPrefixLength(whole))];
    }

    private static void AgreesWithDefinition(Tokenizer tokenizer, int iterations) =>
        Text.List[1, 40].Sample(parts =>
        {
            var text = string.Concat(parts);
            int[] places = [.. parts.Select((_, i) => parts.Take(i).Sum(part => part.Length)), text.Length];
            var (ids, before) = tokenizer.Encode(text, places);
            Assert.Equal(tokenizer.Encode(text, addSpecial: false), ids);
            Assert.Equal(BeforeByDefinition(tokenizer, text, places), before);
        }, iter: iterations);

    [Fact]
    public void They_are_what_the_beginning_alone_begins_with_at_byte_level() => AgreesWithDefinition(Llama, 200);

    [Fact]
    public void They_are_what_the_beginning_alone_begins_with_where_nothing_is_cut() => AgreesWithDefinition(Gemma, 200);

    private static string Added(string content, bool leftStrip = false, bool rightStrip = false, bool singleWord = false,
        bool normalized = false) => System.Text.Json.JsonSerializer.Serialize(
        new { id = 90, content, lstrip = leftStrip, rstrip = rightStrip, single_word = singleWord, normalized, special = true });

    private static string Split(string pattern, string behavior = "Isolated") =>
        $$"""{"type":"Split","pattern":{{pattern}},"behavior":"{{behavior}}"}""";

    private const string Spaces = """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""";

    public static TheoryData<string, string> Components => new()
    {
        { "normalizer", $$"""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{{Spaces}}]}""" },
        { "normalizer", """{"type":"NFC"}""" },
        { "normalizer", """{"type":"Replace","pattern":{"String":" "},"content":"ab"}""" },
        { "normalizer", """{"type":"Lowercase"}""" },
        { "pre_tokenizer", Split("""{"String":"b"}""") },
        { "pre_tokenizer", Split("""{"Regex":"(?<=a)b|\\b\\w+$"}""") },
        { "pre_tokenizer", Split("""{"Regex":"\\s+(?!\\S)|\\w{2}"}""") },
        { "pre_tokenizer", Split("""{"Regex":"a.*?c|[^c]+c"}""") },
        { "pre_tokenizer", Split("""{"Regex":"\\w+"}""", "MergedWithNext") },
        { "pre_tokenizer", $$"""{"type":"Sequence","pretokenizers":[{{Split("""{"Regex":" ?\\w+"}""")}},"""
            + """{"type":"Digits","individual_digits":true}]}""" },
        { "pre_tokenizer", """{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}""" },
        { "pre_tokenizer", """{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}""" },
        { "pre_tokenizer", """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}""" },
        { "pre_tokenizer", Split("""{"String":" "}""", "MergedWithPrevious") },
        { "added_tokens", $"[{Added("ab", leftStrip: true, rightStrip: true)}]" },
        { "added_tokens", $"[{Added("return", rightStrip: true)},{Added("returnab")}]" },
        { "added_tokens", $"[{Added("abc", singleWord: true)}]" },
        { "added_tokens", $"[{Added("abc", normalized: true)}]" },
    };

    [Theory]
    [MemberData(nameof(Components))]
    public void They_are_so_whatever_the_tokenizer_does(string member, string json)
    {
        using var small = new SmallTokenizer();
        AgreesWithDefinition(small.With(member, json).Load(), 60);
        AgreesWithDefinition(small.With("model", Ignoring(small)).Load(), 20);

        static string Ignoring(SmallTokenizer small)
        {
            small.Model["fuse_unk"] = true;
            small.Model["ignore_merges"] = true;
            return small.Model.ToJsonString();
        }
    }

    /// <summary>What was scored before many places were looked up at a time.</summary>
    private static bool[] ScoredByDefinition(CorpusRecord record, DocumentTemplate template, Tokenizer tokenizer, int ids, int textStart)
    {
        var stretches = template.Render(record).ToList();
        var text = string.Concat(stretches.Select(stretch => stretch.Text));
        var scored = new bool[ids];
        var (at, from) = (0, -1);
        int Before(int place) => BeforeByDefinition(tokenizer, text, [place])[0];
        foreach (var stretch in stretches)
        {
            if (stretch.Answer && from < 0)
                from = Before(at);
            if (!stretch.Answer && from >= 0)
            {
                scored.AsSpan(textStart + from, Math.Max(0, Before(at) - from)).Fill(true);
                from = -1;
            }
            at += stretch.Text.Length;
        }
        if (from >= 0)
            scored.AsSpan(textStart + from).Fill(true);
        return scored;
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("{prompt}\n\n{response}")]
    [InlineData("{prompt}{response}")]
    [InlineData("Q: {prompt} A: {response} ###")]
    [InlineData("{response}{prompt}")]
    public void What_is_scored_of_a_conversation_is_what_always_was(string template) =>
        Gen.Select(Text, Text).List[1, 12].Sample(exchanges =>
        {
            CorpusRecord record = exchanges.Count == 1 ? new CorpusRecord.Answered(exchanges[0].Item1, exchanges[0].Item2, "")
                : new CorpusRecord.Conversation(
                    [.. exchanges.SelectMany(e => (Turn[])[new("user", e.Item1), new("assistant", e.Item2)])], "");
            foreach (var tokenizer in (Tokenizer[])[Llama, Gemma])
            {
                var how = DocumentTemplate.Read(template, tokenizer);
                var document = Document.From(record, how, tokenizer, LossOn.Response);
                if (how.Render(record).All(stretch => stretch.Answer))
                    continue;
                Assert.Equal(ScoredByDefinition(record, how, tokenizer, document.Ids.Length, tokenizer.Before.Count), document.Scored);
            }
        }, iter: 60);

    [Theory]
    [InlineData("chat")]
    [InlineData("{prompt}\n\n{response}")]
    public void A_conversation_of_thousands_of_messages_takes_no_longer_than_its_text(string template)
    {
        var talk = new CorpusRecord.Conversation([.. Enumerable.Range(0, 3200).Select(i => new Turn(
            i % 2 == 0 ? "user" : "assistant", $"Message {i} of a long conversation, which goes on and on about nothing much."))], "");
        foreach (var tokenizer in (Tokenizer[])[Llama, Gemma])
        {
            var how = DocumentTemplate.Read(template, tokenizer);
            _ = Document.From(talk, how, tokenizer, LossOn.All);   // fills the caches
            var clock = Stopwatch.StartNew();
            _ = Document.From(talk, how, tokenizer, LossOn.All);
            var once = clock.Elapsed;
            clock.Restart();
            _ = Document.From(talk, how, tokenizer, LossOn.Response);
            // By the definition it would be 1,600 times; the machine may be busy.
            Assert.True(clock.Elapsed < 20 * once + TimeSpan.FromSeconds(0.5), $"{clock.Elapsed} against {once}");
        }
    }
}
