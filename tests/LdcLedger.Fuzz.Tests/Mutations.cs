using System.Globalization;
using System.Text;

namespace LdcLedger.Fuzz.Tests;

/// <summary>
/// What happens to files: bytes flipped, lost, doubled, moved, cut off, and values that no author of a reader thought of.
/// </summary>
internal static class Mutations
{
    private static readonly byte[][] Oddities =
    [
        .. new[]
        {
            "null", "-1", "0", "1e309", "-0.0", "9223372036854775808", "18446744073709551615", "0.1", "NaN", "Infinity", "true", "[]", "{}",
            "\"\"", "\"\\ud800\"", "\"\\u0000\"", "[[[[[[[[", "{\"a\":{\"a\":", "\n", "\r\n", "\t", "\0", "\uFEFF", "\u202E", "&a",
            "*a", "!!", "%", "%00", "%zz", "@", "://", "//", "?", "=", ";", "'", "\"", "\\", "../", "/dev/zero", "~", "${HOME}",
        }.Select(text => Encoding.UTF8.GetBytes(text)),
        [0xff], [0xff, 0xfe], [0xc3, 0x28], [0x80, 0x80, 0x80, 0x80], new byte[16], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        Encoding.UTF8.GetBytes(new string('[', 2000)), Encoding.UTF8.GetBytes(new string('a', 5000)),
    ];

    /// <summary>One to four changes; the same random numbers make the same ones.</summary>
    public static byte[] Of(byte[] sample, Random random)
    {
        var bytes = sample.ToList();
        for (var left = random.Next(1, 5); left > 0; left--)
            Change(bytes, random);
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, Random random)
    {
        if (bytes.Count == 0)
        {
            bytes.AddRange(Oddities[random.Next(Oddities.Length)]);
            return;
        }
        // Headers and structure lie in front; without this most changes of a large file would hit its ballast.
        var reach = random.Next(2) == 0 ? bytes.Count : Math.Min(bytes.Count, 400);
        var at = random.Next(reach);
        var length = Math.Min(random.Next(1, 40), bytes.Count - at);
        switch (random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 4:
                bytes.InsertRange(random.Next(reach), bytes.GetRange(at, length));
                break;
            case 5:
                bytes.InsertRange(at, Oddities[random.Next(Oddities.Length)]);
                break;
            case 6:
                ReplaceWord(bytes, at, Oddities[random.Next(Oddities.Length)]);
                break;
            case 7:
                ReplaceWord(bytes, at, Encoding.ASCII.GetBytes(
                    (random.NextInt64() >> random.Next(63)).ToString(CultureInfo.InvariantCulture)));
                break;
            case 8:
                var moved = bytes.GetRange(at, length);
                bytes.RemoveRange(at, length);
                bytes.InsertRange(random.Next(bytes.Count + 1), moved);
                break;
            case var other:
                throw new InvalidOperationException($"There is no change {other}.");
        }
    }

    /// <summary>The number, name or text that stands at a place, whole.</summary>
    private static void ReplaceWord(List<byte> bytes, int at, byte[] with)
    {
        int from = at, to = at;
        while (from > 0 && IsWord(bytes[from - 1])) from--;
        while (to < bytes.Count && IsWord(bytes[to])) to++;
        bytes.RemoveRange(from, to - from);
        bytes.InsertRange(from, with);

        static bool IsWord(byte value) =>
            char.IsAsciiLetterOrDigit((char)value) || value is (byte)'.' or (byte)'-' or (byte)'_' or (byte)'+';
    }
}
