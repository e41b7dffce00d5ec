using System.Globalization;
using System.Text;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>
/// A set of Unicode scalar values, as a character class of a pattern means it: letters beyond U+FFFF count like any other.
/// .NET's own <c>Regex</c> works on UTF-16 units and would split them.
/// </summary>
internal sealed class RuneSet
{
    private readonly Func<int, bool> _contains;
    private readonly ulong[] _plane0 = new ulong[0x10000 / 64];   // the first plane as bits, since nearly every text lives there

    public RuneSet(Func<int, bool> contains)
    {
        _contains = contains;
        for (var value = 0; value < 0x10000; value++)
            if (value is < 0xD800 or > 0xDFFF && contains(value))
                _plane0[value >> 6] |= 1UL << value;
    }

    public bool Contains(int value) => value < 0x10000 ? (_plane0[value >> 6] >> value & 1) != 0 : _contains(value);

    public static RuneSet Of(int value) => new(v => v == value);

    public static RuneSet Not(RuneSet set) => new(v => !set.Contains(v));

    public static RuneSet Either(RuneSet a, RuneSet b) => new(v => a.Contains(v) || b.Contains(v));

    public static RuneSet Both(RuneSet a, RuneSet b) => new(v => a.Contains(v) && b.Contains(v));

    public static RuneSet Between(int low, int high) => new(v => v >= low && v <= high);

    /// <summary>
    /// The set without regard to case: holds a value when its own, upper, lower or folded form is in <paramref name="set"/>.
    /// </summary>
    public static RuneSet IgnoringCase(RuneSet set) => new(v =>
        set.Contains(v) || set.Contains(Upper(v)) || set.Contains(Lower(v)) || set.Contains(Fold(v)) || set.Contains(Upper(Fold(v))));

    /// <summary>The sign in any case: those with the same fold.</summary>
    public static RuneSet OfAnyCase(int value)
    {
        var fold = Fold(value);
        return new RuneSet(v => Fold(v) == fold);
    }

    /// <summary>Simple case folding: two values are the same letter when their folds are equal.</summary>
    public static int Fold(int value) => value switch   // the letters that .NET's invariant case mapping leaves alone
    {
        0xB5 => 0x3BC, 0x17F => 's', 0x345 or 0x1FBE => 0x3B9, 0x3C2 => 0x3C3, 0x3D0 => 0x3B2, 0x3D1 => 0x3B8, 0x3D5 => 0x3C6,
        0x3D6 => 0x3C0, 0x3F0 => 0x3BA,
        0x3F1 => 0x3C1, 0x3F5 => 0x3B5, 0x1E9B => 0x1E61, 0x1E9E => 0xDF, 0x2126 => 0x3C9, 0x212A => 'k', 0x212B => 0xE5,
        _ => Lower(Upper(value)),
    };

    private static readonly ushort[] Uppers = Plane0(Rune.ToUpperInvariant), Lowers = Plane0(Rune.ToLowerInvariant);

    private static ushort[] Plane0(Func<Rune, Rune> map) =>
        [.. Enumerable.Range(0, 0x10000).Select(v => v is >= 0xD800 and <= 0xDFFF ? (ushort)v : (ushort)map(new Rune(v)).Value)];

    private static int Upper(int value) => value < 0x10000 ? Uppers[value] : Rune.ToUpperInvariant(new Rune(value)).Value;

    private static int Lower(int value) => value < 0x10000 ? Lowers[value] : Rune.ToLowerInvariant(new Rune(value)).Value;

    public static RuneSet Space { get; } = new(IsSpace);
    public static RuneSet Word { get; } = new(IsWord);
    public static RuneSet Digit { get; } = new(v => Category(v) == UnicodeCategory.DecimalDigitNumber);
    public static RuneSet HexDigit { get; } = new(v => v < 0x80 && char.IsAsciiHexDigit((char)v));
    public static RuneSet Numeric { get; } = OfCategory("N")!;
    public static RuneSet Mark { get; } = OfCategory("M")!;
    public static RuneSet Punctuation { get; } = new(v => Category(v).ToString().EndsWith("Punctuation", StringComparison.Ordinal)
        || v < 0x80 && (char.IsAsciiLetterOrDigit((char)v), v > 0x20, v < 0x7F) == (false, true, true));

    /// <summary>The property White_Space.</summary>
    public static bool IsSpace(int value) => Rune.IsWhiteSpace(new Rune(value));

    /// <summary>Letters, marks, decimal digits, letter numbers, connectors, and the circled and squared letters: what \w means.</summary>
    public static bool IsWord(int value) => Category(value) switch
    {
        <= UnicodeCategory.OtherLetter or UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => true,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber => true,
        _ => value is >= 0x24B6 and <= 0x24E9 or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189,
    };

    private static UnicodeCategory Category(int value) => Rune.GetUnicodeCategory(new Rune(value));

    /// <summary>
    /// The set of a Unicode property as it stands in <c>\p{…}</c> or <c>[:…:]</c>, or null where the name is not one of the supported.
    /// </summary>
    public static RuneSet? OfProperty(string name)
    {
        var plain = name.Replace("_", "").Replace(" ", "").Replace("-", "").ToLowerInvariant();
        return OfCategory(name) ?? plain switch
        {
            "any" => new RuneSet(_ => true),
            "letter" => OfCategory("L"),
            "mark" => Mark,
            "number" => Numeric,
            "punctuation" or "punct" => OfCategory("P"),
            "symbol" => OfCategory("S"),
            "separator" => OfCategory("Z"),
            "alpha" or "alphabetic" =>
                new RuneSet(v => IsWord(v) && !Digit.Contains(v) && Category(v) != UnicodeCategory.ConnectorPunctuation),
            "digit" => Digit,
            "alnum" => new RuneSet(v => IsWord(v) && Category(v) != UnicodeCategory.ConnectorPunctuation),
            "space" or "whitespace" => Space,
            "blank" => new RuneSet(v => v == 9 || Category(v) == UnicodeCategory.SpaceSeparator),
            "upper" or "uppercase" => OfCategory("Lu"),
            "lower" or "lowercase" => OfCategory("Ll"),
            "cntrl" => OfCategory("Cc"),
            "xdigit" => HexDigit,
            "word" => Word,
            "ascii" => Between(0, 0x7F),
            "han" => Ranges(0x2E80, 0x2E99, 0x2E9B, 0x2EF3, 0x2F00, 0x2FD5, 0x3005, 0x3005, 0x3007, 0x3007, 0x3021, 0x3029, 0x3038, 0x303B,
                0x3400, 0x4DBF,
                0x4E00, 0x9FFF, 0xF900, 0xFA6D, 0xFA70, 0xFAD9, 0x16FE2, 0x16FE3, 0x16FF0, 0x16FF1, 0x20000, 0x2A6DF, 0x2A700, 0x2EBE0,
                0x2F800, 0x2FA1D, 0x30000, 0x323AF),
            "hiragana" => Ranges(0x3041, 0x3096, 0x309D, 0x309F, 0x1B001, 0x1B11F, 0x1B150, 0x1B152, 0x1F200, 0x1F200),
            "katakana" =>
                Ranges(0x30A1, 0x30FA, 0x30FD, 0x30FF, 0x31F0, 0x31FF, 0x32D0, 0x32FE, 0x3300, 0x3357, 0xFF66, 0xFF6F, 0xFF71, 0xFF9D,
                0x1AFF0, 0x1AFF3, 0x1AFF5, 0x1AFFB, 0x1AFFD, 0x1AFFE, 0x1B000, 0x1B000, 0x1B120, 0x1B122, 0x1B164, 0x1B167),
            "hangul" =>
                Ranges(0x1100, 0x11FF, 0x302E, 0x302F, 0x3131, 0x318E, 0x3200, 0x321E, 0x3260, 0x327E, 0xA960, 0xA97C, 0xAC00, 0xD7A3,
                0xD7B0, 0xD7C6, 0xD7CB, 0xD7FB, 0xFFA0, 0xFFBE, 0xFFC2, 0xFFC7, 0xFFCA, 0xFFCF, 0xFFD2, 0xFFD7, 0xFFDA, 0xFFDC),
            "cyrillic" => Ranges(0x0400, 0x0484, 0x0487, 0x052F, 0x1C80, 0x1C88, 0x1D2B, 0x1D2B, 0x1D78, 0x1D78, 0x2DE0, 0x2DFF, 0xA640,
                0xA69F, 0xFE2E, 0xFE2F),
            "thai" => Ranges(0x0E01, 0x0E3A, 0x0E40, 0x0E5B),
            _ => null,
        };
    }

    private static RuneSet? OfCategory(string name) => name switch
    {
        "L" => Categories(0, 1, 2, 3, 4),
        "M" => Categories(5, 6, 7),
        "N" => Categories(8, 9, 10),
        "Z" => Categories(11, 12, 13),
        "C" => Categories(14, 15, 16, 17, 29),
        "P" => Categories(18, 19, 20, 21, 22, 23, 24),
        "S" => Categories(25, 26, 27, 28),
        "Lu" => Categories(0), "Ll" => Categories(1), "Lt" => Categories(2), "Lm" => Categories(3), "Lo" => Categories(4),
        "Mn" => Categories(5), "Mc" => Categories(6), "Me" => Categories(7),
        "Nd" => Categories(8), "Nl" => Categories(9), "No" => Categories(10),
        "Zs" => Categories(11), "Zl" => Categories(12), "Zp" => Categories(13),
        "Cc" => Categories(14), "Cf" => Categories(15), "Co" => Categories(17), "Cn" => Categories(29),
        "Pc" => Categories(18), "Pd" => Categories(19), "Ps" => Categories(20), "Pe" => Categories(21), "Pi" => Categories(22),
        "Pf" => Categories(23), "Po" => Categories(24),
        "Sm" => Categories(25), "Sc" => Categories(26), "Sk" => Categories(27), "So" => Categories(28),
        _ => null,
    };

    private static RuneSet Categories(params int[] numbers)   // numbers of UnicodeCategory, which follow the standard's order
    {
        var mask = numbers.Aggregate(0u, (m, n) => m | 1u << n);
        return new RuneSet(v => (mask >> (int)Category(v) & 1) != 0);
    }

    private static RuneSet Ranges(params int[] bounds) => new(v =>
    {
        for (var i = 0; i < bounds.Length; i += 2)
            if (v >= bounds[i] && v <= bounds[i + 1])
                return true;
        return false;
    });
}
