using System.Globalization;
using System.Text;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>The <c>decoder</c> of tokenizer.json: tokens back to text. Without one, tokens are joined by spaces.</summary>
internal static class Decoder
{
    private const string Known = "Sequence, Replace, ByteFallback, Fuse, Strip, ByteLevel, Metaspace and BPEDecoder";

    public static Func<IReadOnlyList<string>, IReadOnlyList<string>> Read(TokenizerJson json)
    {
        switch (json["type"].Text())
        {
            case "Sequence":
                var steps = json["decoders"].Items().Select(Read).ToArray();
                return tokens => steps.Aggregate(tokens, (t, step) => step(t));
            case "Replace":
                var (pattern, content) = (json["pattern"].Pattern(), json["content"].Text());
                return tokens => [.. tokens.Select(token => Normalizer.Replace(token, pattern, content))];
            case "ByteFallback": return BytesToText;
            case "Fuse": return tokens => [string.Concat(tokens)];
            case "Strip":
                var (sign, start, stop) = (json["content"].Text(), json["start"].Number(), json["stop"].Number());
                return tokens => [.. tokens.Select(token => Strip(token, sign, start, stop))];
            case "ByteLevel":
                return tokens => [Encoding.UTF8.GetString([.. tokens.SelectMany(ByteAlphabet.BytesOf)])];
            case "Metaspace":
                var space = json["replacement"].Text();
                var prepends =
                    (json.Maybe("prepend_scheme")?.Text() ?? (json.Flag("add_prefix_space", true) ? "always" : "never")) != "never";
                return tokens =>
                    [.. tokens.Select((token, i) => token.Replace(space, i == 0 && prepends ? "" : " ", StringComparison.Ordinal))];
            case "BPEDecoder":
                var suffix = json.Maybe("suffix")?.Text() ?? "</w>";
                return tokens =>
                    [.. tokens.Select((token, i) => token.Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];
            default:
                throw json.UnknownType(Known);
        }
    }

    /// <summary>
    /// Runs of tokens like &lt;0xE2&gt; become the text that their bytes spell, or one U+FFFD each where they spell none.
    /// </summary>
    private static List<string> BytesToText(IReadOnlyList<string> tokens)
    {
        var texts = new List<string>(tokens.Count);
        var bytes = new List<byte>();
        void Flush()
        {
            if (bytes.Count == 0)
                return;
            try
            {
                texts.Add(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]));
            }
            catch (DecoderFallbackException)
            {
                texts.AddRange(Enumerable.Repeat("\uFFFD", bytes.Count));
            }
            bytes.Clear();
        }
        foreach (var token in tokens)
        {
            if (token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
                && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                continue;
            }
            Flush();
            texts.Add(token);
        }
        Flush();
        return texts;
    }

    private static string Strip(string token, string sign, int start, int stop)
    {
        for (var i = 0; i < start && token.StartsWith(sign, StringComparison.Ordinal); i++)
            token = token[sign.Length..];
        for (var i = 0; i < stop && token.EndsWith(sign, StringComparison.Ordinal); i++)
            token = token[..^sign.Length];
        return token;
    }
}
