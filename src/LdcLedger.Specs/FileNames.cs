using System.Globalization;
using System.Text;

namespace LdcLedger.Specs;

/// <summary>
/// Names of models, domains and rules become parts of file names, so they keep to letters and digits, of any script, and '.', '-', '_'.
/// </summary>
internal static class FileNames
{
    public const int Longest = 80;

    // A file system ends a name at 255 bytes, and something may stand around it.
    private const int MostBytes = 240;

    /// <param name="place">Where the name stands; one that is empty has been found already.</param>
    /// <param name="taken">Names from which it must differ.</param>
    public static void Check(SpecReading reading, string place, string name, IEnumerable<string>? taken = null)
    {
        if (name.Length == 0)
            return;
        if (!name.EnumerateRunes().All(IsAllowed) || !Rune.IsLetterOrDigit(name.EnumerateRunes().First()))
            reading.Note(place, $"{place}: '{name}' cannot be part of a file name; allowed are letters and digits of any script, '.', '-' "
                + "and '_', beginning with a letter or digit");
        else if (new StringInfo(name).LengthInTextElements > Longest || Encoding.UTF8.GetByteCount(name) > MostBytes)
            reading.Note(place, $"{place}: '{name}' is too long to be part of a file name; allowed are at most {Longest} characters and "
                + $"{MostBytes} bytes in UTF-8");
        if (taken?.Contains(name, StringComparer.OrdinalIgnoreCase) == true)
            reading.Note(place, $"{place}: '{name}' appears twice; names must differ by more than case");
    }

    /// <summary>The text with a dash for what no name may have, at most as long as a name; "study" where nothing is left.</summary>
    public static string From(string text)
    {
        var name = string.Concat(text.EnumerateRunes().Select(rune => IsAllowed(rune) ? rune.ToString() : "-")).TrimStart('-', '.', '_');
        var length = 0;
        while (length < name.Length
            && StringInfo.GetNextTextElementLength(name, length) is var next
            && new StringInfo(name[..(length + next)]).LengthInTextElements <= Longest
            && Encoding.UTF8.GetByteCount(name.AsSpan(0, length + next)) <= MostBytes)
            length += next;
        return length == 0 || !Rune.IsLetterOrDigit(name.EnumerateRunes().First()) ? "study" : name[..length];
    }

    // A letter's marks, and what joins or parts letters within a word of Persian or Hindi, belong to it.
    private static bool IsAllowed(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || rune.Value is '.' or '-' or '_' or 0x200C or 0x200D
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
