using System.Globalization;
using System.Text;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Csv;

/// <summary>
/// Writes a table as CSV (RFC 4180, UTF-8, lines end with CR LF); numbers read back as the same numbers, an empty field is no value.
/// </summary>
public static class CsvFile
{
    public static string Of(DataFile data)
    {
        var text = new StringBuilder();
        foreach (var row in data.Rows.Prepend([.. data.Header]))
            text.AppendJoin(',', row.Select(Field)).Append("\r\n");
        return text.ToString();
    }

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
