using System.Text.Json.Nodes;
using Xunit;

namespace LdcLedger.Torch.Tests.Tokenizers;

public sealed class TokenizerComponentTests : IDisposable
{
    private readonly SmallTokenizer _tokenizer = new();

    public void Dispose() => _tokenizer.Dispose();

    [Fact]
    public void The_lowest_rank_merges_first_and_then_the_leftmost() => Assert.Equal("abc|ab|a", _tokenizer.Tokens("abcaba"));

    [Fact]
    public void A_long_run_merges_by_the_same_order() =>
        Assert.Equal(string.Join('|', Enumerable.Repeat("abc", 50)), _tokenizer.Tokens(string.Concat(Enumerable.Repeat("abc", 50))));

    [Fact]
    public void Ignoring_merges_takes_a_whole_piece_from_the_vocabulary()
    {
        _tokenizer.Model["merges"] = new JsonArray("a b");
        Assert.Equal("ab|c", _tokenizer.Tokens("abc"));
        _tokenizer.Model["ignore_merges"] = true;
        Assert.Equal("abc", _tokenizer.Tokens("abc"));
    }

    [Theory]
    [InlineData(false, "a|<unk>|<unk>|b")]
    [InlineData(true, "a|<unk>|b")]
    public void Unknown_signs_are_fused_where_the_model_says_so(bool fuse, string tokens)
    {
        _tokenizer.Model["fuse_unk"] = fuse;
        Assert.Equal(tokens, _tokenizer.Tokens("a中文b"));
    }

    [Fact]
    public void Unknown_signs_become_bytes_where_all_of_them_are_tokens()
    {
        _tokenizer.Model["byte_fallback"] = true;
        var vocabulary = (JsonObject)_tokenizer.Model["vocab"]!;
        foreach (var b in new[] { 0xE4, 0xB8, 0xAD })
            vocabulary[$"<0x{b:X2}>"] = vocabulary.Count;
        Assert.Equal("<0xE4>|<0xB8>|<0xAD>|<unk>", _tokenizer.Tokens("中文"));
        _tokenizer.With("decoder", """{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Fuse"}]}""");
        var loaded = _tokenizer.Load();
        Assert.Equal("中x", loaded.Decode(loaded.Encode("中x")));
        Assert.Equal("\uFFFD\uFFFDx", loaded.Decode(loaded.Encode("中x").Skip(1)));
    }

    [Theory]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "a12b", "a|1|2|b")]
    [InlineData("""{"type":"Split","pattern":{"String":"b"},"behavior":"Removed","invert":false}""", "abcab", "a|c|a")]
    [InlineData("""{"type":"Split","pattern":{"String":"b"},"behavior":"MergedWithPrevious","invert":false}""", "abcabc", "ab|c|ab|c")]
    [InlineData("""{"type":"Split","pattern":{"String":"b"},"behavior":"MergedWithNext","invert":false}""", "abcabc", "a|bc|a|bc")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"[ab]+"},"behavior":"Removed","invert":true}""", "abcab", "ab|ab")]
    [InlineData("""{"type":"WhitespaceSplit"}""", "ab c\nab", "ab|c|ab")]
    [InlineData("""{"type":"Whitespace"}""", "ab c!-ab", "ab|c|!|-|ab")]
    [InlineData("""{"type":"Punctuation"}""", "a.b", "a|.|b")]
    [InlineData("""{"type":"FixedLength","length":1}""", "abc", "a|b|c")]
    [InlineData("""{"type":"CharDelimiterSplit","delimiter":"-"}""", "ab-c", "ab|c")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""", "ab c", "▁|ab|▁|c")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}""", "ab c", "ab|▁|c")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""", "ab c", "Ġ|ab|Ġ|c")]
    [InlineData(
        """
        {"type":"Sequence","pretokenizers":[{"type":"ByteLevel","add_prefix_space":false,"use_regex":false},{"type":"Digits",
         "individual_digits":true}]}
        """, " ab1", "Ġ|ab|1")]
    public void Pieces_are_cut_as_the_pre_tokenizer_says(string json, string text, string tokens) =>
        Assert.Equal(tokens, _tokenizer.With("pre_tokenizer", json).Tokens(text));

    [Theory]
    [InlineData("""{"type":"Replace","pattern":{"String":" "},"content":"▁"}""", "a b", "a|▁|b")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}""", "a   b c", "a| |b| |c")]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "a", "▁|a")]
    [InlineData("""{"type":"NFC"}""", "e\u0301", "é")]
    [InlineData("""{"type":"NFKC"}""", "\u2460\u00B2", "1|2")]
    [InlineData("""{"type":"Lowercase"}""", "ABC", "abc")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":false}""", "  a ", "a| ")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"}]}""", "é", "e")]
    public void Text_is_normalised_as_the_normalizer_says(string json, string text, string tokens) =>
        Assert.Equal(tokens, _tokenizer.With("normalizer", json).Tokens(text));

    [Theory]
    [InlineData("""{"id":99,"content":"bc","special":false,"normalized":false}""", "abc", "a|bc")]
    [InlineData("""{"id":99,"content":"<x>","special":true,"normalized":false,"lstrip":true,"rstrip":true}""", "a <x>  b", "a|<x>|b")]
    [InlineData("""{"id":99,"content":"yz","special":false,"normalized":false,"single_word":true}""", "xyz yz", "x|y|z| |yz")]
    [InlineData("""{"id":99,"content":"X Y","special":false,"normalized":true}""", "X▁Y", "X Y")]
    public void Added_tokens_are_cut_out_first(string json, string text, string tokens) =>
        Assert.Equal(tokens, _tokenizer.With("normalizer",
            """{"type":"Replace","pattern":{"String":"▁"},"content":" "}""").With("added_tokens", $"[{json}]").Tokens(text));

    [Fact]
    public void Of_two_added_tokens_the_longer_wins_and_each_takes_the_next_free_id()
    {
        _tokenizer.With("added_tokens",
            """[{"id":7,"content":"<a","special":false,"normalized":false},{"id":8,"content":"<a>","special":true,"normalized":false}]""");
        var tokenizer = _tokenizer.Load();
        var first = ((JsonObject)_tokenizer.Model["vocab"]!).Count;
        Assert.Equal([first + 1, first], tokenizer.Encode("<a><a"));
        Assert.Equal(first, tokenizer.ModelVocabularySize);
    }

    [Fact]
    public void Special_tokens_are_left_out_of_the_text_on_request()
    {
        _tokenizer.With("added_tokens",
            """[{"id":99,"content":"<s>","special":true,"normalized":false}]""").With("decoder", """{"type":"Fuse"}""");
        var tokenizer = _tokenizer.Load();
        Assert.Equal("<s>abc", tokenizer.Decode(tokenizer.Encode("<s>abc")));
        Assert.Equal("abc", tokenizer.Decode(tokenizer.Encode("<s>abc"), skipSpecial: true));
    }

    [Fact]
    public void The_template_puts_its_tokens_around_the_text_only_when_asked()
    {
        _tokenizer.With("post_processor", """
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"B","type_id":0}},{"Sequence":{"id":"A",
             "type_id":0}},{"SpecialToken":{"id":"E","type_id":0}}],
             "pair":[],"special_tokens":{"B":{"id":"B","ids":[1],"tokens":["b"]},"E":{"id":"E","ids":[2,3],"tokens":["c","d"]}}}
            """);
        Assert.Equal("b|x|c|d", _tokenizer.Tokens("x", addSpecial: true));
        Assert.Equal("x", _tokenizer.Tokens("x"));
    }

    [Fact]
    public void The_end_of_a_text_is_the_tokenizers_own_and_then_what_the_model_adds()
    {
        _tokenizer.WithFile("tokenizer_config.json",
            """{"eos_token":"z","bos_token":{"content":"<s>"}}""").WithFile("generation_config.json", """{"eos_token_id":[3,25]}""");
        var tokenizer = _tokenizer.Load();
        Assert.Equal([25, 3], tokenizer.EosIds);
        Assert.Equal(tokenizer.IdOf("<s>"), tokenizer.BosId);
        // a named token is cut out, even where tokenizer.json does not list it
        Assert.Equal([tokenizer.BosId!.Value, 0], tokenizer.Encode("<s>a"));
    }

    [Theory]
    [InlineData("normalizer", """{"type":"Nmt"}""", "normalizer is of the type \"Nmt\", which is not supported")]
    [InlineData("pre_tokenizer",
        """{"type":"Sequence","pretokenizers":[{"type":"BertPreTokenizer"}]}""",
        "pre_tokenizer.pretokenizers[0] is of the type \"BertPreTokenizer\"")]
    [InlineData("pre_tokenizer",
        """{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Isolated"}""",
        "pre_tokenizer.pattern holds the regular expression /(a/, which has a '(' without ')'")]
    [InlineData("pre_tokenizer",
        """{"type":"Split","pattern":{"String":"a"},"behavior":"Kept"}""", "pre_tokenizer.behavior is \"Kept\", but one of Removed")]
    [InlineData("decoder", """{"type":"WordPiece"}""", "decoder is of the type \"WordPiece\"")]
    [InlineData("post_processor", """{"type":"Custom"}""", "post_processor is of the type \"Custom\"")]
    [InlineData("model",
        """{"type":"Unigram","vocab":[]}""", "model is of the type \"Unigram\", which is not supported; supported are BPE")]
    [InlineData("model",
        """{"type":"BPE","vocab":{"a":0},"merges":["a b"]}""", "model.merges[0] needs the token \"b\", which is not in the vocabulary")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":["a"]}""", "model.merges[0] is \"a\", but two tokens")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":-1},"merges":[]}""", "model.vocab[\"a\"] is -1, but a whole number")]
    [InlineData("model", """{"type":"BPE","merges":[]}""", "model has no \"vocab\"")]
    public void An_unknown_or_broken_component_is_refused_by_type_and_place(string member, string json, string reason)
    {
        var error = Assert.Throws<InvalidInputException>(() => _tokenizer.With(member, json).Load());
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_malformed_file_is_named()
    {
        Assert.Contains("no tokenizer at \"/nowhere\"",
            Assert.Throws<InvalidInputException>(() => LdcLedger.Torch.Tokenizers.Tokenizer.Load("/nowhere")).Message,
            StringComparison.Ordinal);
        _tokenizer.WithFile("tokenizer_config.json", "{\n  \"eos_token\" \"x\"}");
        Assert.Contains("is not valid JSON at line 2", Assert.Throws<InvalidInputException>(_tokenizer.Load).Message,
            StringComparison.Ordinal);
    }
}
