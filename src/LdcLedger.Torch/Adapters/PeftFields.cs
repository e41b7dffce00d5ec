using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LdcLedger.Torch.Adapters;

/// <summary>
/// The fields of an <c>adapter_config.json</c>, by their types. Absent and null are the same: PEFT's default. What is of another type is
/// refused in one line, however the file spreads it.
/// </summary>
/// <param name="file">For messages.</param>
internal sealed class PeftFields(string file, JsonElement json)
{
    private const int LongestQuote = 100;

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string File => file;

    public IEnumerable<string> Names => json.EnumerateObject().Select(entry => entry.Name).Distinct(StringComparer.Ordinal);

    public JsonElement? Maybe(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;

    /// <summary>Whether it says anything: neither absent nor null, false, "", [] or {}.</summary>
    public bool IsSet(string name) => Maybe(name) is { } value && value.ValueKind switch
    {
        JsonValueKind.False => false,
        JsonValueKind.True or JsonValueKind.Number => true,
        JsonValueKind.String => value.GetString()!.Length > 0,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        _ => throw new InvalidOperationException($"{file}: {name} is a {value.ValueKind}, which JSON does not have."),
    };

    public bool Flag(string name) => Maybe(name) is { } value
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false"));

    public string? Text(string name) => Maybe(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "a text");

    public double Number(string name, double otherwise) => Maybe(name) is { } value ? NumberIn(value, name) : otherwise;

    public int Rank(string name, int otherwise) => Maybe(name) is { } value ? RankIn(value, name) : otherwise;

    /// <summary>A list of texts, or one text; empty where there is nothing.</summary>
    public IReadOnlyList<string> Texts(string name) => Maybe(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            [.. list.EnumerateArray().Select(item => item.GetString()!)],
        _ => throw Wrong(name, "a list of texts"),
    };

    public IReadOnlyList<(string Pattern, double Value)> Numbers(string name) =>
        [.. Entries(name).Select(entry => (entry.Name, NumberIn(entry.Value, $"{name}.{entry.Name}")))];

    public IReadOnlyList<(string Pattern, int Value)> Ranks(string name) =>
        [.. Entries(name).Select(entry => (entry.Name, RankIn(entry.Value, $"{name}.{entry.Name}")))];

    /// <summary>A value as the file has it, in one line; a long one is cut.</summary>
    public string Quote(string name) => Maybe(name) is { } value ? Quote(value) : "missing";

    public InvalidInputException Wrong(string name, string allowed) => new($"{file}: {name} is {Quote(name)}, but {allowed} is needed.");

    private static string Quote(JsonElement value)
    {
        var text = JsonSerializer.Serialize(value, Compact);
        return text.Length <= LongestQuote ? text : text[..(LongestQuote - 3)] + "...";
    }

    private IEnumerable<JsonProperty> Entries(string name) => Maybe(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Object } map => map.EnumerateObject(),
        _ => throw Wrong(name, "an object of module names"),
    };

    private double NumberIn(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number
            : throw new InvalidInputException($"{file}: {name} is {Quote(value)}, but a finite number is needed.");

    // Python writes 8.0 where somebody divided.
    private int RankIn(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= 1 && number <= int.MaxValue
            && number == Math.Floor(number) ? Convert.ToInt32(number, CultureInfo.InvariantCulture)
            : throw new InvalidInputException($"{file}: {name} is {Quote(value)}, but a whole number of 1 or more is needed.");
}
