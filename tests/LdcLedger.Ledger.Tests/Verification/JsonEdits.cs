using System.Text.Json.Nodes;

namespace LdcLedger.Ledger.Tests.Verification;

/// <summary>JSON with one value or key changed, added, renamed or removed.</summary>
internal static class JsonEdits
{
    public static string Of(string json, Random random)
    {
        var whole = JsonNode.Parse(json)!;
        if (random.Next(40) == 0)
            return random.Next(3) switch { 0 => "{}", 1 => "[]", _ => "\"another\"" };
        List<JsonNode> places = [];
        Collect(whole, places);
        var place = places[random.Next(places.Count)];
        if (place is JsonObject fields)
            Change(fields, random);
        else
            Change((JsonArray)place, random);
        return whole.ToJsonString();
    }

    private static void Collect(JsonNode? node, List<JsonNode> places)
    {
        switch (node)
        {
            case JsonObject fields:
                places.Add(fields);
                foreach (var field in fields)
                    Collect(field.Value, places);
                break;
            case JsonArray { Count: > 0 } items:
                places.Add(items);
                foreach (var item in items)
                    Collect(item, places);
                break;
        }
    }

    private static void Change(JsonObject fields, Random random)
    {
        var keys = fields.Select(field => field.Key).ToList();
        if (keys.Count == 0 || random.Next(8) == 0)
        {
            fields["added"] = random.Next(1_000);
            return;
        }
        var key = keys[random.Next(keys.Count)];
        var value = fields[key];
        switch (random.Next(8))
        {
            case 0:
                fields.Remove(key);
                break;
            case 1:
                fields.Remove(key);
                fields[key + "X"] = value?.DeepClone();
                break;
            default:
                fields[key] = Other(value, random);
                break;
        }
    }

    private static void Change(JsonArray items, Random random)
    {
        var at = random.Next(items.Count);
        switch (random.Next(3))
        {
            case 0:
                items.RemoveAt(at);
                break;
            case 1:
                items.Insert(at, items[at]?.DeepClone());
                break;
            default:
                items[at] = Other(items[at], random);
                break;
        }
    }

    private static JsonNode? Other(JsonNode? value, Random random) => value switch
    {
        JsonValue scalar when scalar.TryGetValue<double>(out var number) => random.Next(3) switch
        {
            0 => number + 1,
            1 => number * (1 + 1e-12) + 1e-9,
            _ => number.ToString("R", null),
        },
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => random.Next(3) switch
        {
            0 => text + " ",
            1 => null,
            _ => text.Length > 0 ? text[1..] : "x",
        },
        JsonValue scalar when scalar.TryGetValue<bool>(out var truth) => !truth,
        null => random.Next(2) == 0 ? 0 : "null",
        _ => null,
    };
}
