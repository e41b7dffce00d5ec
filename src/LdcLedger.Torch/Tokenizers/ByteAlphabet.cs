using System.Text;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>
/// The one-to-one alphabet in which byte-level vocabularies are spelled: printable Latin-1 signs stand for themselves, the other bytes for
/// U+0100 and on (a space is Ġ, a newline Ċ).
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Signs = MakeSigns();
    private static readonly Dictionary<char, byte> Bytes = Enumerable.Range(0, 256).ToDictionary(b => Signs[b], b => (byte)b);

    private static char[] MakeSigns()
    {
        var signs = new char[256];
        var next = 256;
        for (var b = 0; b < 256; b++)
            signs[b] = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)b : (char)next++;
        return signs;
    }

    public static char SignOf(byte value) => Signs[value];

    public static string Spell(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var count = Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(count, bytes, static (signs, bytes) =>
        {
            for (var i = 0; i < signs.Length; i++)
                signs[i] = Signs[bytes[i]];
        });
    }

    /// <summary>The bytes of a token; one with a sign outside the alphabet (an added token) is its own UTF-8.</summary>
    public static byte[] BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
            if (!Bytes.TryGetValue(token[i], out bytes[i]))
                return Encoding.UTF8.GetBytes(token);
        return bytes;
    }
}
