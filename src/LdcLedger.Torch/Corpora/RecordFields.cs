using System.Text.Json;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Corpora;

/// <summary>
/// The fields that make a record: <c>messages</c>, or <c>prompt</c> with <c>response</c>, or <c>text</c>; the first of these that is there.
/// </summary>
internal static class RecordFields
{
    public static readonly string[] Names = ["text", "prompt", "response", "messages"];

    public static CorpusRecord Read(JsonElement fields, string place)
    {
        if (fields.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException($"{place}: the record is {Kind(fields)}, but an object is needed.");
        if (Member(fields, "messages") is { } messages)
            return new CorpusRecord.Conversation(ReadTurns(messages, place), place);
        var (prompt, response) = (Member(fields, "prompt"), Member(fields, "response"));
        if (prompt is { } p && response is { } r)
            return new CorpusRecord.Answered(Text(p, "prompt", place), Text(r, "response", place), place);
        if (Member(fields, "text") is { } text)
            return new CorpusRecord.Plain(Text(text, "text", place), place);
        if (prompt is not null || response is not null)
            throw new InvalidInputException(
                $"{place}: the record has {(prompt is null ? "\"response\" without \"prompt\"" : "\"prompt\" without \"response\"")}.");
        var found = string.Join(", ", fields.EnumerateObject().Take(6).Select(member => $"\"{member.Name}\""));
        throw new InvalidInputException($"{place}: the record has {(found.Length == 0 ? "no field" : found)}, "
            + "but \"text\", or \"prompt\" and \"response\", or \"messages\" is needed.");
    }

    private static List<Turn> ReadTurns(JsonElement messages, string place)
    {
        if (messages.ValueKind != JsonValueKind.Array)
            throw new InvalidInputException($"{place}: \"messages\" is {Kind(messages)}, but a list is needed.");
        var turns = new List<Turn>();
        foreach (var message in messages.EnumerateArray())
        {
            var role = message.ValueKind == JsonValueKind.Object && Member(message, "role") is { } r ? Text(r, "role", place)
                : throw new InvalidInputException($"{place}: message {turns.Count + 1} has no \"role\".");
            role = role == "model" ? "assistant" : role;
            if (role is not ("system" or "user" or "assistant"))
                throw new InvalidInputException(
                    $"{place}: message {turns.Count + 1} has the role \"{role}\", but system, user or assistant is needed.");
            var content = Member(message, "content")
                ?? throw new InvalidInputException($"{place}: message {turns.Count + 1} has no \"content\".");
            turns.Add(new Turn(role, content.ValueKind == JsonValueKind.Array ? Parts(content, place) : Text(content, "content", place)));
        }
        // After the system's word, user and assistant take turns: the chat formats of both families know nothing else.
        var expected = "user";
        foreach (var (turn, i) in turns.Select((turn, i) => (turn, i)))
        {
            if (turn.Role == "system" && i == 0)
                continue;
            if (turn.Role != expected)
                throw new InvalidInputException($"{place}: message {i + 1} has the role {turn.Role}, but {expected} is next.");
            expected = expected == "user" ? "assistant" : "user";
        }
        return turns;
    }

    /// <summary>Content as a list of parts, of which only text is read.</summary>
    private static string Parts(JsonElement content, string place) => string.Concat(content.EnumerateArray().Select(part =>
        part.ValueKind == JsonValueKind.Object && Member(part, "text") is { } text ? Text(text, "text", place)
            : throw new InvalidInputException($"{place}: a part of a message's content has no \"text\"; only text is read.")));

    private static JsonElement? Member(JsonElement fields, string name) =>
        fields.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Text(JsonElement value, string name, string place)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw new InvalidInputException($"{place}: \"{name}\" is {Kind(value)}, but a text is needed.");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)   // an escaped half of a surrogate pair
        {
            throw new InvalidInputException($"{place}: \"{name}\" is not valid Unicode.", e);
        }
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
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
