using System.Text.Json;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Corpora;

/// <summary>The turns of a conversation: role and content, as most write them, or from and value.</summary>
internal static class RecordTurns
{
    /// <summary>
    /// The messages of a list; or of an object of equally long lists, as which some tables keep a list of objects. Null where it is
    /// neither.
    /// </summary>
    public static IReadOnlyList<JsonElement>? Items(JsonElement messages)
    {
        if (messages.ValueKind == JsonValueKind.Array)
            return [.. messages.EnumerateArray()];
        if (messages.ValueKind != JsonValueKind.Object)
            return null;
        var items = new List<Dictionary<string, JsonElement>>();
        foreach (var (i, column) in messages.EnumerateObject().Index())
        {
            if (column.Value.ValueKind != JsonValueKind.Array || i > 0 && column.Value.GetArrayLength() != items.Count)
                return null;
            foreach (var (at, value) in column.Value.EnumerateArray().Index())
            {
                if (at == items.Count)
                    items.Add([]);
                items[at][column.Name] = value;
            }
        }
        return [.. items.Select(item => JsonSerializer.SerializeToElement(item))];
    }

    /// <summary>Null, or why they are no conversation.</summary>
    public static string? Read(IReadOnlyList<JsonElement> messages, out List<Turn> turns)
    {
        turns = [];
        // After the system's word, user and assistant take turns: the chat formats of both families know nothing else.
        var expected = "user";
        foreach (var message in messages)
        {
            if (ReadTurn(message, turns.Count + 1, out var turn) is { } reason)
                return reason;
            if (turn.Role == "system" && turns.Count == 0)
            {
                turns.Add(turn);
                continue;
            }
            if (turn.Role != expected)
                return $"message {turns.Count + 1} has the role {turn.Role}, but {expected} is next";
            turns.Add(turn);
            expected = expected == "user" ? "assistant" : "user";
        }
        return null;
    }

    private static string? ReadTurn(JsonElement message, int number, out Turn turn)
    {
        turn = new Turn("", "");
        if ((Member(message, "role") ?? Member(message, "from")) is not { } who)
            return $"message {number} has no \"role\"";
        if (RecordText.Of(who, "role", out var role) is { } noRole)
            return noRole;
        var known = role switch
        {
            "system" or "user" or "assistant" => role,
            "human" => "user",
            "model" or "gpt" or "chatgpt" or "bot" => "assistant",
            _ => null,
        };
        if (known is null)
            return $"message {number} has the role \"{role}\", but system, user or assistant is needed";
        if ((Member(message, "content") ?? Member(message, "value")) is not { } content)
            return Member(message, "tool_calls") is null
                ? $"message {number} has no \"content\"" : $"message {number} calls a tool, which is not read";
        var reason = content.ValueKind == JsonValueKind.Array
            ? Parts(content, out var text) : RecordText.Of(content, "content", out text);
        if (reason is not null)
            return reason;
        turn = new Turn(known, text);
        return null;
    }

    /// <summary>Content as a list of parts, of which only text is read.</summary>
    private static string? Parts(JsonElement content, out string text)
    {
        text = "";
        foreach (var part in content.EnumerateArray())
        {
            if (Member(part, "text") is not { } written)
                return "a part of a message's content has no \"text\"; only text is read";
            if (RecordText.Of(written, "text", out var some) is { } reason)
                return reason;
            text += some;
        }
        return null;
    }

    private static JsonElement? Member(JsonElement fields, string name) =>
        fields.ValueKind == JsonValueKind.Object && fields.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value : null;
}
