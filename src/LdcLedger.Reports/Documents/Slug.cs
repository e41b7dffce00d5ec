using System.Globalization;
using System.Text;

namespace LdcLedger.Reports.Documents;

/// <summary>
/// Names of models and domains as parts of file names: anything that a shell, a URL or a file system could trip over is an underscore.
/// </summary>
internal sealed class Slug
{
    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Letters, digits, '.', '-' stay (other scripts' letters with their marks, too). Two names that would come to the same, also in a file
    /// system that does not tell capitals apart, get -2, -3, ... in the order in which they are asked for.
    /// </summary>
    public string Of(params ReadOnlySpan<string> names)
    {
        var key = string.Join('\0', names!);
        if (_given.TryGetValue(key, out var known))
            return known;
        var text = string.Join('_', names.ToArray().Select(Sanitise));
        var free = text;
        for (var i = 2; !_taken.Add(free); i++)
            free = $"{text}-{i}";
        return _given[key] = free;
    }

    private static string Sanitise(string name)
    {
        var text = new StringBuilder();
        foreach (var rune in name.Normalize(NormalizationForm.FormC).EnumerateRunes())
            if (Rune.IsLetterOrDigit(rune) || rune.Value is '.' or '-' or '_' or 0x200C or 0x200D
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)
                text.Append(rune.ToString());
            else if (text.Length == 0 || text[^1] != '_')
                text.Append('_');
        // Most file systems end a name at 255 bytes; both names and what comes around them must fit.
        while (Encoding.UTF8.GetByteCount(text.ToString()) > 90)
            text.Length -= char.IsLowSurrogate(text[^1]) ? 2 : 1;
        var trimmed = text.ToString().Trim('.');
        return trimmed.Length == 0 ? "_" : trimmed;
    }
}
