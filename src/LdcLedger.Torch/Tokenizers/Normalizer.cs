using System.Text;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>The <c>normalizer</c> of tokenizer.json: what is done to the text before it is cut.</summary>
internal static class Normalizer
{
    /// <param name="Apply">To a text.</param>
    /// <param name="GoOn">Where every character becomes one character, whatever stands beside it: what is done to a later part of a text,
    /// so that a text is its parts, and as much longer as what is put in front of the first. Else null.</param>
    public sealed record Step(Func<string, string> Apply, Func<string, string>? GoOn);

    private const string Known = "Sequence, Replace, Prepend, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents and ByteLevel";

    public static Step Read(TokenizerJson json)
    {
        var (type, apply) = (json["type"].Text(), Function(json));
        if (type == "Sequence")
        {
            var parts = json["normalizers"].Items().Select(Read).ToArray();
            return new(text => parts.Aggregate(text, (t, part) => part.Apply(t)),
                parts.All(part => part.GoOn is not null) ? text => parts.Aggregate(text, (t, part) => part.GoOn!(t)) : null);
        }
        return type switch
        {
            "Replace" when json["pattern"].Maybe("String")?.Text() is { Length: 1 } && json["content"].Text().Length == 1 =>
                new(apply, apply),
            "Prepend" => new(apply, text => text),
            _ => new(apply, null),
        };
    }

    private static Func<string, string> Function(TokenizerJson json)
    {
        switch (json["type"].Text())
        {
            case "Sequence":
                return text => text;   // its parts are read by themselves
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
