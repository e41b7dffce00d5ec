using System.Globalization;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Ledger.Chain;

namespace LdcLedger.Ledger.Exchange;

/// <summary>The first line of a study's part of a file. What a hand-written one leaves out is null.</summary>
internal sealed record FirstLine(Guid? Study, long? Events, string? Root);

/// <summary>An event as a line says it. What a hand-written one may leave out is null.</summary>
/// <param name="Timestamp">In whole microseconds.</param>
/// <param name="TimestampText">As it is spelled.</param>
internal sealed record GivenEvent(
    Guid Stream, long? Version, string Type, Guid? Id, DateTimeOffset Timestamp, string TimestampText, Guid? Causation, JsonElement Data,
    string? Chain);

/// <summary>Reads lines of a study's file, field by field. A complaint is a sentence without the line, which the caller knows.</summary>
internal static class LineReading
{
    private static readonly string[] OfFirst = ["format", "study", "events", "root"];
    private static readonly string[] OfEvent = ["stream", "version", "type", "id", "timestamp", "causation", "data", "chain"];
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <exception cref="RuleViolation">It is no JSON object.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            var document = JsonDocument.Parse(line, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            throw new RuleViolation(
                "it is no JSON object; a line is {\"stream\": ..., \"type\": ..., \"timestamp\": ..., \"data\": {...}}.");
        }
        catch (JsonException cause)
        {
            var at = (cause.BytePositionInLine ?? 0) + 1;
            throw new RuleViolation(cause.BytePositionInLine >= line.Length
                ? "it ends in the middle of its JSON; the file may be truncated."
                : string.Create(CultureInfo.InvariantCulture, $"it is no JSON from byte {at} on: {Words(cause)}."));
        }
    }

    public static bool IsFirst(JsonElement line) => line.TryGetProperty("format", out _);

    /// <exception cref="RuleViolation">One of its fields is not what it should be.</exception>
    public static FirstLine First(JsonElement line)
    {
        OnlyKnown(line, OfFirst);
        var format = Text(line, "format")!;
        if (format != StudyLines.Format)
            throw new RuleViolation($"format is '{format}'; this version of ldc reads {StudyLines.Format}.");
        if (Whole(line, "events") is < 1)
            throw new RuleViolation("events is less than 1; a study has at least one event.");
        return new(Id(line, "study"), Whole(line, "events"), Hash(line, "root"));
    }

    /// <exception cref="RuleViolation">One of its fields is missing, unknown or not what it should be.</exception>
    public static GivenEvent Event(JsonElement line)
    {
        OnlyKnown(line, OfEvent);
        var text = Text(line, "timestamp") ?? throw Missing("timestamp", "a time such as 2026-11-25T15:30:00Z");
        if (!line.TryGetProperty("data", out var data))
            throw Missing("data", "the event's fields as a JSON object");
        if (data.ValueKind != JsonValueKind.Object)
            throw new RuleViolation("data is no JSON object.");
        return new(
            Id(line, "stream") ?? throw Missing("stream", "the UUID of the study, or of the run for a run's events"),
            Whole(line, "version"),
            Text(line, "type") ?? throw Missing("type", "the kind of event, such as run_planned"),
            Id(line, "id"), Time(text), text, Id(line, "causation"), data, Hash(line, "chain"));
    }

    private static RuleViolation Missing(string field, string what) => new($"{field} is missing; it is {what}.");

    private static void OnlyKnown(JsonElement line, string[] known)
    {
        foreach (var field in line.EnumerateObject())
            if (!known.Contains(field.Name))
                throw new RuleViolation($"'{field.Name}' is no field of a line; there are {string.Join(", ", known)}.");
    }

    private static JsonElement? Given(JsonElement line, string field) =>
        line.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(JsonElement line, string field) => Given(line, field) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? FactShape.TextOf(value)
        : throw new RuleViolation($"{field} is {Shown(value)}; it is a text.");

    private static long? Whole(JsonElement line, string field) => Given(line, field) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole) ? whole
        : throw new RuleViolation($"{field} is {Shown(value)}; it is a whole number.");

    private static Guid? Id(JsonElement line, string field) => Text(line, field) is not { } text ? null
        : Guid.TryParseExact(text, "D", out var id) && id.ToString("D") == text ? id
        : throw new RuleViolation($"{field} is '{text}'; it is a UUID in lower case, such as 5f0bc59d-a460-5f3f-8fb9-a609c2eb1e1c.");

    private static string? Hash(JsonElement line, string field) => Text(line, field) is not { } text ? null
        : text.Length == 64 && text.All(c => c is >= '0' and <= '9' or >= 'a' and <= 'f') ? text
        : throw new RuleViolation($"{field} is '{text}'; it is a SHA-256: 64 hexadecimal digits in lower case.");

    private static DateTimeOffset Time(string text)
    {
        var hasZone = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
        if (!hasZone || !DateTimeOffset.TryParseExact(
            text, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time))
            throw new RuleViolation($"timestamp is '{text}'; it is a time with its zone, such as 2026-11-25T15:30:00Z.");
        return time >= DateTimeOffset.UnixEpoch ? ChainLink.Cut(time)
            : throw new RuleViolation($"timestamp is {text}; times from 1970 on are allowed.");
    }

    internal static string Shown(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "...";
    }

    // Without the places that are counted from a file of one line.
    private static string Words(JsonException cause)
    {
        var end = cause.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? cause.Message : cause.Message[..end]).TrimEnd('.');
    }
}
