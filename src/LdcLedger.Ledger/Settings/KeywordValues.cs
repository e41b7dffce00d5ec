using System.Text;

namespace LdcLedger.Ledger.Settings;

/// <summary>
/// libpq's other form, <c>host=localhost user='a user' password=pa\'ss</c>: pairs with white space between them and, where wanted, around
/// the sign of equality; a value with spaces stands in single quotes; a backslash takes what follows it as it is.
/// </summary>
internal static class KeywordValues
{
    /// <returns>In the order in which they stand; null where the text is not of this form.</returns>
    public static IReadOnlyList<(string Key, string Value)>? Parse(string text)
    {
        var pairs = new List<(string, string)>();
        var i = 0;
        while (true)
        {
            Skip();
            if (i == text.Length)
                return pairs.Count > 0 ? pairs : null;
            var begin = i;
            while (i < text.Length && text[i] != '=' && !char.IsWhiteSpace(text[i]))
                i++;
            var key = text[begin..i];
            Skip();
            if (i == text.Length || text[i] != '=' || key.Length == 0)
                return null;
            i++;
            Skip();
            if (Value() is not { } value)
                return null;
            pairs.Add((key, value));
        }

        void Skip()
        {
            while (i < text.Length && char.IsWhiteSpace(text[i]))
                i++;
        }

        string? Value()
        {
            var value = new StringBuilder();
            var quoted = i < text.Length && text[i] == '\'';
            if (quoted)
                i++;
            for (; i < text.Length; i++)
            {
                if (quoted ? text[i] == '\'' : char.IsWhiteSpace(text[i]))
                {
                    i++;
                    return value.ToString();
                }
                if (text[i] == '\\' && i + 1 < text.Length)
                    i++;
                value.Append(text[i]);
            }
            return quoted ? null : value.ToString();
        }
    }
}
