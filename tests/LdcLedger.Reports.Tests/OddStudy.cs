using LdcLedger.Domain.Tests;

namespace LdcLedger.Reports.Tests;

internal static class OddStudy
{
    /// <summary>Names with every sign that LaTeX, Markdown, CSV or JSON reads in its own way, and of many scripts.</summary>
    public static SampleStudy Sample => new()
    {
        Name = "R&D_50% {#1} $x$ ~^\\ | <a> \"q\" `t` 'u' [v] *w* --x",
        Models = [("ząb_№5 & \\alpha%", "llama", 4), ("数学モデル😀/v1", "gemma3", 4)],
        Domains =
        [
            "données médicales", "Straße & Bücher", "数学", "Ελληνικά", "русский язык", "emoji 👩‍🔬🇩🇪",
            "[x] *y* {z} #1 $2 %3 ~4 ^5 \\6 |7| <8>", string.Concat(Enumerable.Repeat("verylong", 10)),
        ],
        Failing = run => run is ("数学モデル😀/v1", "数学", "all", _) ? ("failed", "the loss was NaN at step 17 & 100 % of_it [x]") : null,
    };
}
