using System.Globalization;
using System.Text.Json;

namespace LdcLedger.Cli.Runs;

/// <summary>What an event states, in a line: its telling numbers, rounded. Kinds without a sentence of their own show their JSON, shortened.</summary>
internal static class EventSentence
{
    private const int Longest = 110;

    public static string Of(string type, JsonElement data)
    {
        string Number(string name, string format = "0.####") => Value(data, name) is { ValueKind: JsonValueKind.Number } n ? n.GetDouble().ToString(format, CultureInfo.InvariantCulture) : "-";
        string Text(string name) => Value(data, name) is { ValueKind: JsonValueKind.String } s ? s.GetString()! : "-";
        string Hash(string name) => Text(name) is { Length: > 12 } hash ? hash[..12] : Text(name);
        return type switch
        {
            "run_planned" => $"{Text("role")}, stage {Number("stage")}, data {Hash("dataSha256")}, weights {Hash("weightsSha256")}",
            "run_claimed" => $"attempt {Number("attempt")} by {Text("worker")}",
            "epoch_completed" => $"epoch {Number("epoch")}, step {Number("step")}, {Number("totalNats", "0.######")} nats over {Number("scoredTokens")} tokens",
            "layer_norm_measured" => $"epoch {Number("epoch")}, layer {Number("layer")}: {Norms(data)}",
            "perplexity_evaluated" => $"{Number("totalNats", "0.######")} nats over {Number("scoredTokens")} tokens, {Number("bytes")} bytes",
            "checkpoint_saved" => $"step {Number("step")}, {Hash("sha256")}, {Number("bytes")} bytes",
            "adapter_saved" => $"{Hash("weightsSha256")}, {Number("bytes")} bytes",
            "run_completed" => $"{Number("steps")} steps, {Number("trainedTokens")} tokens, {Number("seconds", "0.0")} s",
            "run_failed" => Text("reason"),
            "run_released" or "run_cancel_requested" or "run_retry_requested" or "run_abandoned" => Text("reason"),
            _ => Shortened(data.GetRawText()),
        };
    }

    private static string Norms(JsonElement data) => Value(data, "projections") is { ValueKind: JsonValueKind.Array } projections
        ? string.Join(", ", projections.EnumerateArray().Select(p =>
            $"{(Value(p, "projection") is { } name ? name.GetString()!.Replace("_proj", "", StringComparison.Ordinal) : "?")} {(Value(p, "updateFrobenius") is { } v ? v.GetDouble().ToString("0.000", CultureInfo.InvariantCulture) : "-")}"))
        : "-";

    private static JsonElement? Value(JsonElement of, string name)
    {
        if (of.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var property in of.EnumerateObject())
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return property.Value;
        return null;
    }

    private static string Shortened(string text) => text.Length <= Longest ? text : text[..(Longest - 3)] + "...";
}
