namespace LdcLedger.Web.Views;

/// <summary>A text as one word of a shell, so that a line that a page shows does no more than it says when it is pasted.</summary>
internal static class ShellWord
{
    public static string Of(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:@=,+".Contains(c, StringComparison.Ordinal)) ? text
        : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
