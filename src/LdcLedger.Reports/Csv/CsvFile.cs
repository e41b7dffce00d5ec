using System.Globalization;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Csv;

/// <summary>
/// Writes a table as CSV (RFC 4180, UTF-8, lines end with CR LF); numbers read back as the same numbers, an empty field is no value.
/// </summary>
public static class CsvFile
{
    public static string Of(DataFile data)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Write(text, data.Header, data.Rows);
        return text.ToString();
    }

    /// <param name="rows">Strings, integers, doubles, booleans or null; read one by one.</param>
    public static void Write(TextWriter to, IEnumerable<string> header, IEnumerable<IEnumerable<object?>> rows)
    {
        foreach (var row in rows.Prepend(header))
        {
            to.Write(string.Join(',', row.Select(Field)));
            to.Write("\r\n");
        }
    }

    /// <summary>The same text, unless a spreadsheet would compute it.</summary>
    public static string NoFormula(string text) => text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text;

    private static string Field(object? value) => value switch
    {
        null => "",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        int number => number.ToString(CultureInfo.InvariantCulture),
        long number => number.ToString(CultureInfo.InvariantCulture),
        bool yes => yes ? "true" : "false",
        string text => Quoted(text),
        _ => throw new ArgumentException($"A {value.GetType().Name} has no form in a CSV file.", nameof(value)),
    };

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 && text.Trim().Length == text.Length
            ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
