using System.Text;

namespace LdcLedger.Reports.Markdown;

/// <summary>Any text as Markdown that shows it, in a line, a cell or a heading.</summary>
internal static class MarkdownText
{
    /// <summary>Every sign that could mean something within a line is escaped: in a cell, a heading, after other words.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var rune in OneLine(text).EnumerateRunes())
            escaped.Append(rune.Value switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '\\' or '`' or '*' or '_' or '[' or ']' or '#' or '|' or '~' or '$' or '!' => $"\\{rune}",
                _ => rune.ToString(),
            });
        return escaped.ToString();
    }

    /// <summary>A line that begins with a text of any kind: no item of a list, and no line under a heading.</summary>
    /// <param name="line">Escaped.</param>
    public static string Line(string line)
    {
        var digits = line.TakeWhile(char.IsAsciiDigit).Count();
        return line.Length == 0 ? line
            : line[0] is '-' or '+' or '=' ? "\\" + line
            : digits > 0 && line.AsSpan(digits) is ['.' or ')'] or ['.' or ')', ' ', ..] ? $"{line[..digits]}\\{line[digits..]}"
            : line;
    }

    /// <summary>Code: nothing in it means anything, except for the bar in a table.</summary>
    public static string Code(string text)
    {
        var line = OneLine(text);
        var fence = new string('`', LongestRun(line) + 1);
        var pad = line.StartsWith('`') || line.EndsWith('`') ? " " : "";
        return fence + pad + line.Replace("|", "\\|", StringComparison.Ordinal) + pad + fence;
    }

    public static string Fenced(string text)
    {
        var fence = new string('`', Math.Max(3, LongestRun(text) + 1));
        return $"{fence}text\n{text.ReplaceLineEndings("\n").TrimEnd('\n')}\n{fence}";
    }

    public static string Link(string text, string anchor) => $"[{Escape(text)}](#{Ascii(anchor)})";

    public static string Anchor(string anchor) => $"<a id=\"{Ascii(anchor)}\"></a>";

    /// <summary>A path in a link.</summary>
    public static string Path(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private static string Ascii(string name) => string.Concat(name.EnumerateRunes().Select(rune =>
        rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '-' or '_' or '.') ? rune.ToString()
            : rune.IsAscii ? "-" : $"u{rune.Value:x}"));

    private static string OneLine(string text) => string.Concat(text.EnumerateRunes().Select(r => Rune.IsControl(r) ? " " : r.ToString()));

    private static int LongestRun(string text)
    {
        var (longest, run) = (0, 0);
        foreach (var c in text)
            longest = Math.Max(longest, run = c == '`' ? run + 1 : 0);
        return longest;
    }
}
