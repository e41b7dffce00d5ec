using LdcLedger.Torch.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Tokenizers;

public sealed class SplitPatternTests
{
    private const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static string[] Matches(string pattern, string text) =>
        [.. SplitPattern.Parse(pattern, what => new InvalidInputException(what))
            .Matches(text, 0, text.Length).Select(m => text[m.Start..m.End])];

    [Theory]
    [InlineData("Hello world", "Hello", " world")]
    [InlineData("a  b", "a", " ", " b")]
    [InlineData("x   \n\n y", "x", "   \n\n", " y")]
    [InlineData("I'M DON'T", "I", "'M", " DON", "'T")]
    [InlineData("12345", "123", "45")]
    [InlineData("trailing  ", "trailing", "  ")]
    [InlineData("𝐀𝐁c 𠜎!", "𝐀𝐁c", " 𠜎", "!")]
    [InlineData("'ſx", "'ſ", "x")]
    [InlineData("a.\r\n", "a", ".\r\n")]
    public void The_pattern_of_Llama_3_cuts_as_Oniguruma_does(string text, params string[] pieces) =>
        Assert.Equal(pieces, Matches(Llama3, text));

    [Theory]
    [InlineData("a*?b", "aab", "aab")]
    [InlineData("a{2}", "aaaaa", "aa", "aa")]
    [InlineData("a{,2}b", "aaab", "aab")]
    [InlineData("a++a", "aaa")]
    [InlineData("(?>a*)b", "aab", "aab")]
    [InlineData("(ab|a)(bc)?", "abc", "ab")]
    [InlineData("(?:ab)+", "ababa", "abab")]
    [InlineData("(?:ab){1,2}?", "ababab", "ab", "ab", "ab")]
    [InlineData("(?<=a)b", "abcb", "b")]
    [InlineData("(?<!a|cc)b", "abccbb", "b")]
    [InlineData("[a-c&&[^b]]+", "abcab", "a", "ca")]
    [InlineData("[[:digit:]_-]+", "x1-2_y", "1-2_")]
    [InlineData(@"\bfoo\b", "foo food foo", "foo", "foo")]
    [InlineData("^a", "a\na", "a", "a")]
    [InlineData("(?i)straße|ÄB", "äb STRAßE", "äb", "STRAßE")]
    [InlineData(@"[\p{Lu}\p{Lt}]?[\p{Ll}\p{M}]+", "CamelCase", "Camel", "Case")]
    [InlineData(@"\p{Han}+|\P{Han}+", "日本go語", "日本", "go", "語")]
    [InlineData(@"\x{1F600}|\u0041", "A😀", "A", "😀")]
    [InlineData("(a*)*b", "aaab", "aaab")]
    [InlineData(".", "a\n😀", "a", "😀")]
    [InlineData("a{x", "a{x", "a{x")]
    public void Syntax_means_what_it_means_in_Oniguruma(string pattern, string text, params string[] matches) =>
        Assert.Equal(matches, Matches(pattern, text));

    [Theory]
    [InlineData(@"\p{Klingon}", "unknown Unicode property 'Klingon'")]
    [InlineData("(a", "'(' without ')'")]
    [InlineData("a)", "unmatched ')'")]
    [InlineData("[a", "'[' without ']'")]
    [InlineData("*a", "repeats nothing")]
    [InlineData(@"(a)\1", @"unsupported escape '\1'")]
    [InlineData("(?<=a*)b", "without a fixed width")]
    [InlineData("a{5,2}", "wrong order")]
    public void What_cannot_be_read_is_refused_by_name(string pattern, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidInputException>(() => Matches(pattern, "a")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_long_text_needs_no_deep_stack() =>
        Assert.Equal(900_001, Assert.Single(Matches("(?:ab?)+", new string('a', 900_001))).Length);
}
