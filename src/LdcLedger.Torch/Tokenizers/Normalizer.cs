using System.Text;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>The <c>normalizer</c> of tokenizer.json: what is done to the text before it is cut.</summary>
internal static class Normalizer
{
    private const string Known = "Sequence, Replace, Prepend, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents and ByteLevel";

    public static Func<string, string> Read(TokenizerJson json)
    {
        switch (json["type"].Text())
        {
            case "Sequence":
                var steps = json["normalizers"].Items().Select(Read).ToArray();
                return text => steps.Aggregate(text, (t, step) => step(t));
            case "Replace":
                var content = json["content"].Text();
                if (json["pattern"].Maybe("String")?.Text() is { Length: > 0 } literal)
                    return text => text.Replace(literal, content, StringComparison.Ordinal);
                var pattern = json["pattern"].Pattern();
                return text => Replace(text, pattern, content);
            case "Prepend":
                var prefix = json["prepend"].Text();
                return text => text.Length == 0 ? text : prefix + text;
            case "NFC": return UnicodeForms.Nfc;
            case "NFD": return UnicodeForms.Nfd;
            case "NFKC": return UnicodeForms.Nfkc;
            case "NFKD": return UnicodeForms.Nfkd;
            case "Lowercase": return Lowercase;
            case "Strip":
                var (left, right) = (json.Flag("strip_left", true), json.Flag("strip_right", true));
                return text => (left, right) switch { (true, true) => text.Trim(), (true, _) => text.TrimStart(),
                    (_, true) => text.TrimEnd(), _ => text };
            case "StripAccents":
                return text => string.Concat(text.EnumerateRunes().Where(r => !RuneSet.Mark.Contains(r.Value)));
            case "ByteLevel":
                return text => ByteAlphabet.Spell(text);
            default:
                throw json.UnknownType(Known);
        }
    }

    public static string Replace(string text, SplitPattern pattern, string content)
    {
        StringBuilder? replaced = null;
        var done = 0;
        foreach (var (start, end) in pattern.Matches(text, 0, text.Length))
        {
            replaced ??= new StringBuilder(text.Length);
            replaced.Append(text, done, start - done).Append(content);
            done = end;
        }
        return replaced is null ? text : replaced.Append(text, done, text.Length - done).ToString();
    }

    private static string Lowercase(string text)
    {
        var lower = new StringBuilder(text.Length);
        Span<char> signs = stackalloc char[2];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == 0x130)
                lower.Append("i\u0307");   // the one letter whose lower case is two
            else
                lower.Append(signs[..Rune.ToLowerInvariant(rune).EncodeToUtf16(signs)]);
        }
        return lower.ToString();
    }
}
