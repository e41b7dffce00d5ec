using System.Globalization;
using System.Text;

namespace LdcLedger;

/// <summary>
/// A message that quotes what somebody gave, fit for a terminal, a log and the ledger: whatever the input holds, it stays one line, of
/// bounded length, and moves neither the cursor nor the direction of writing. Domain and Specs compile this file as well.
/// </summary>
internal static class OneLine
{
    private const int Beginning = 2_000, End = 900;

    public static string Of(string message)
    {
        if (message.Length > Beginning + End + 100)
            message = $"{message[..Beginning]} ... ({message.Length - Beginning - End} characters) ... {message[^End..]}";
        if (!message.Any(IsUnfit))
            return message;
        var fit = new StringBuilder(message.Length + 16);
        foreach (var sign in message)
            fit.Append(sign switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when IsUnfit(sign) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)sign:X4}"),
                _ => sign.ToString(),
            });
        return fit.ToString();
    }

    // Control characters, marks that turn the direction of writing, separators of lines and paragraphs, the byte order mark.
    private static bool IsUnfit(char sign) =>
        char.IsControl(sign) || sign is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029' or '\uFEFF';
}
