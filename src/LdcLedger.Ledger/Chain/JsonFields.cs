using System.Globalization;
using System.Text.Json;

namespace LdcLedger.Ledger.Chain;

/// <summary>Fields of JSON that somebody else wrote. What is not as it should be is named, as the end of a sentence.</summary>
internal static class JsonFields
{
    extension(JsonElement json)
    {
        public JsonElement Field(string name, params ReadOnlySpan<JsonValueKind> allowed)
        {
            if (json.ValueKind != JsonValueKind.Object)
                throw new FormatException($"{name} is looked for in something that is no JSON object");
            if (!json.TryGetProperty(name, out var value))
                throw new FormatException($"{name} is missing");
            return allowed.Contains(value.ValueKind) ? value
                : throw new FormatException($"{name} is {What(value.ValueKind)}, and should be {What(allowed[0])}");
        }

        public string Text(string name) => json.Field(name, JsonValueKind.String).GetString()!;

        public string? TextOrNull(string name) => json.Field(name, JsonValueKind.String, JsonValueKind.Null).GetString();

        public Guid Uuid(string name) => Guid.TryParseExact(json.Text(name), "D", out var id) ? id
            : throw new FormatException($"{name} is '{json.Text(name)}', which is no UUID");

        public long Whole(string name, long least) =>
            json.Field(name, JsonValueKind.Number).TryGetInt64(out var number) && number >= least ? number
                : throw new FormatException(string.Create(
                    CultureInfo.InvariantCulture, $"{name} is {json.GetProperty(name)}, which is no whole number from {least} on"));

        public string Sha256(string name) => Sha256(json.Text(name), name);

        public IReadOnlyList<byte[]> Sha256s(string name) =>
            [.. json.Field(name, JsonValueKind.Array).EnumerateArray().Select(hash => Convert.FromHexString(Sha256(
                hash.ValueKind == JsonValueKind.String ? hash.GetString()! : hash.GetRawText(), name)))];
    }

    private static string Sha256(string text, string name) =>
        text.Length == 64 && text.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f') ? text
            : throw new FormatException($"{name} has '{text}', which is no SHA-256 in lower-case hexadecimal");

    private static string What(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a truth value",
        JsonValueKind.Null => "null",
        JsonValueKind.Undefined => "nothing",
    };
}
