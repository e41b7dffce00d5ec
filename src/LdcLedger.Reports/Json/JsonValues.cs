using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LdcLedger.Reports.Json;

/// <summary>Values of a report in JSON; numbers read back as they were, and what JSON has no number for is a word.</summary>
internal static class JsonValues
{
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Strings, integers, doubles, booleans or null, on one line of the file.</summary>
    public static void Row(Utf8JsonWriter json, IEnumerable<object?> values)
    {
        using var stream = new MemoryStream();
        using (var row = new Utf8JsonWriter(stream, OneLine))
        {
            row.WriteStartArray();
            foreach (var value in values)
                Value(row, value);
            row.WriteEndArray();
        }
        json.WriteRawValue(stream.ToArray(), skipInputValidation: true);
    }

    public static void Value(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool yes:
                json.WriteBooleanValue(yes);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double number:
                // The words of the CSV files.
                json.WriteStringValue(number.ToString("R", CultureInfo.InvariantCulture));
                break;
            default:
                throw new ArgumentException($"A {value.GetType().Name} has no form in a JSON report.", nameof(value));
        }
    }

    public static string Moment(DateTimeOffset at) =>
        at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
