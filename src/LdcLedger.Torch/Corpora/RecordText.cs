using System.Text.Json;

namespace LdcLedger.Torch.Corpora;

/// <summary>Values of a record as texts, and what they are where they are none.</summary>
internal static class RecordText
{
    /// <summary>Null, or why the value cannot be used.</summary>
    public static string? Of(JsonElement value, string name, out string text)
    {
        text = "";
        if (value.ValueKind != JsonValueKind.String)
            return $"\"{name}\" is {Kind(value)}, but a text is needed";
        try
        {
            text = value.GetString()!;
            return null;
        }
        catch (InvalidOperationException)   // an escaped half of a surrogate pair
        {
            return $"\"{name}\" is not valid Unicode";
        }
    }

    /// <summary>The name of a field, as far as it can be shown.</summary>
    public static string Shown(JsonProperty member)
    {
        try
        {
            return member.Name.Length <= 40 ? member.Name : member.Name[..37] + "...";
        }
        catch (InvalidOperationException)
        {
            return "?";
        }
    }

    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => throw new InvalidOperationException($"A JSON value of the kind {value.ValueKind} has no name."),
    };
}
