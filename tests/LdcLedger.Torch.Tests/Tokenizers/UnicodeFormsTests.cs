using LdcLedger.Torch.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Tokenizers;

public sealed class UnicodeFormsTests
{
    [Theory]   // expected values: Python's unicodedata
    [InlineData("e\u0301", "\u00E9", "e\u0301", "\u00E9", "e\u0301")]
    [InlineData("\uFB01", "\uFB01", "\uFB01", "fi", "fi")]
    [InlineData("\uD55C\uAE00", "\uD55C\uAE00", "\u1112\u1161\u11AB\u1100\u1173\u11AF", "\uD55C\uAE00",
        "\u1112\u1161\u11AB\u1100\u1173\u11AF")]
    [InlineData("a\u0327\u0301\u0323", "\u1EA1\u0327\u0301", "a\u0327\u0323\u0301", "\u1EA1\u0327\u0301", "a\u0327\u0323\u0301")]
    [InlineData("\u212B\u2126", "\u00C5\u03A9", "A\u030A\u03A9", "\u00C5\u03A9", "A\u030A\u03A9")]
    [InlineData("\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C")]
    [InlineData("\u1E9B\u0323", "\u1E9B\u0323", "\u017F\u0323\u0307", "\u1E69", "s\u0323\u0307")]
    [InlineData("\u2460\u00BD", "\u2460\u00BD", "\u2460\u00BD", "11\u20442", "11\u20442")]
    public void The_four_forms_are_those_of_the_standard(string text, string nfc, string nfd, string nfkc, string nfkd) =>
        Assert.Equal([nfc, nfd, nfkc, nfkd],
            [UnicodeForms.Nfc(text), UnicodeForms.Nfd(text), UnicodeForms.Nfkc(text), UnicodeForms.Nfkd(text)]);
}
