using System.Globalization;
using System.Text;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>
/// The four normal forms of Unicode (UAX #15). .NET's own leave everything but ASCII as it is when the process runs without ICU, as this
/// one does.
/// </summary>
internal static class UnicodeForms
{
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, LCount = 19, VCount = 21, TCount = 28,
    SCount = LCount * VCount * TCount;

    private static readonly Dictionary<int, byte> Classes = [];
    private static readonly Dictionary<int, int[]> Canonical = [], Compatible = [];
    private static readonly Dictionary<(int, int), int> Compositions = [];

    static UnicodeForms()
    {
        using var stream = typeof(UnicodeForms).Assembly.GetManifestResourceStream("unicode-decompositions.txt")
            ?? throw new InvalidOperationException("The resource unicode-decompositions.txt is missing from the assembly.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var fields = line.Split(';');
            var value = int.Parse(fields[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (fields[1].Length > 0)
                Classes[value] = byte.Parse(fields[1], CultureInfo.InvariantCulture);
            if (fields[2].Length == 0)
                continue;
            var parts = fields[3].Split(' ').Select(p => int.Parse(p, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
            (fields[2] == "k" ? Compatible : Canonical)[value] = parts;
            if (fields[2] == "c" && parts.Length == 2)
                Compositions[(parts[0], parts[1])] = value;
        }
    }

    public static string Nfc(string text) => Ascii.IsValid(text) ? text : Compose(Decompose(text, compatible: false));
    public static string Nfd(string text) => Ascii.IsValid(text) ? text : Spell(Decompose(text, compatible: false));
    public static string Nfkc(string text) => Ascii.IsValid(text) ? text : Compose(Decompose(text, compatible: true));
    public static string Nfkd(string text) => Ascii.IsValid(text) ? text : Spell(Decompose(text, compatible: true));

    private static List<int> Decompose(string text, bool compatible)
    {
        var values = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, compatible, values);
        for (var i = 1; i < values.Count; i++)   // marks in order of their class, stably
        {
            var mark = values[i];
            var order = ClassOf(mark);
            if (order == 0)
                continue;
            var j = i;
            for (; j > 0 && ClassOf(values[j - 1]) > order; j--)
                values[j] = values[j - 1];
            values[j] = mark;
        }
        return values;
    }

    private static void Decompose(int value, bool compatible, List<int> into)
    {
        if (value is >= SBase and < SBase + SCount)
        {
            var syllable = value - SBase;
            into.Add(LBase + syllable / (VCount * TCount));
            into.Add(VBase + syllable % (VCount * TCount) / TCount);
            if (syllable % TCount > 0)
                into.Add(TBase + syllable % TCount);
        }
        else if (value >= 0x80 && (Canonical.TryGetValue(value, out var parts) || compatible && Compatible.TryGetValue(value, out parts)))
            foreach (var part in parts)
                Decompose(part, compatible, into);
        else
            into.Add(value);
    }

    private static string Compose(List<int> values)
    {
        var starter = -1;
        var kept = 0;
        var lastClass = 0;
        for (var i = 0; i < values.Count; i++)
        {
            var value = values[i];
            var order = ClassOf(value);
            var blocked = kept - 1 > starter && lastClass >= order;
            if (starter >= 0 && !blocked && Composed(values[starter], value) is { } whole)
            {
                values[starter] = whole;
                continue;
            }
            if (order == 0)
                starter = kept;
            lastClass = order;
            values[kept++] = value;
        }
        values.RemoveRange(kept, values.Count - kept);
        return Spell(values);
    }

    private static int? Composed(int first, int second)
    {
        if (first is >= LBase and < LBase + LCount && second is >= VBase and < VBase + VCount)
            return SBase + ((first - LBase) * VCount + second - VBase) * TCount;
        if (first is >= SBase and < SBase + SCount && (first - SBase) % TCount == 0 && second is > TBase and < TBase + TCount)
            return first + second - TBase;
        return Compositions.TryGetValue((first, second), out var whole) ? whole : null;
    }

    private static byte ClassOf(int value) => value < 0x300 ? (byte)0 : Classes.GetValueOrDefault(value);

    private static string Spell(List<int> values)
    {
        var text = new StringBuilder(values.Count);
        Span<char> signs = stackalloc char[2];
        foreach (var value in values)
            text.Append(signs[..new Rune(value).EncodeToUtf16(signs)]);
        return text.ToString();
    }
}
