using System.Text.Json;
using System.Text.Unicode;

namespace LdcLedger.Torch.Corpora;

/// <summary>
/// Records written as JSON: an object per line; or one list of objects; or objects that each take several lines. Which of them a file is,
/// its first value tells.
/// </summary>
internal static class JsonRecords
{
    private const int LookedAt = 1 << 20;

    private enum Layout { Lines, List, Objects }

    /// <param name="bad">Takes place and reason of a record that cannot be used.</param>
    /// <exception cref="InvalidInputException">The file cannot be read on: a list or an object of several lines is broken, so that nobody
    /// can tell where the next begins.</exception>
    public static IEnumerable<CorpusRecord> Read(InputFile file, RecordFields fields, Action<string, string> bad)
    {
        var layout = LayoutOf(file);
        return layout == Layout.Lines ? Lines(file, fields, bad) : Values(file, layout == Layout.List, fields, bad);
    }

    /// <summary>Whether a file of JSON is records, rather than settings, a description, or whatever else is written as JSON.</summary>
    public static bool IsRecords(InputFile file, RecordFields fields)
    {
        var head = Head(file);
        if (head is [(byte)'[', .. var items])
            return items.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
        if (FirstValue(head, out var after) is not { } document)
            return false;
        using (document)
            return document.RootElement.ValueKind == JsonValueKind.Object
                && (fields.Recognises(document.RootElement) || head.AsSpan(after).TrimStart(" \t\r\n"u8) is [(byte)'{', ..]);
    }

    private static Layout LayoutOf(InputFile file)
    {
        var head = Head(file);
        if (head is [(byte)'[', ..])
            return Layout.List;
        // A line that is whole is a record, and one that is not may be the beginning of an object that goes on.
        var line = head.AsSpan(0, head.AsSpan().IndexOf((byte)'\n') is >= 0 and var end ? end : head.Length);
        if (head is not [(byte)'{', ..] || IsValue(line) || FirstValue(head, out _) is not { } document)
            return Layout.Lines;
        document.Dispose();
        return Layout.Objects;
    }

    private static byte[] Head(InputFile file)
    {
        using var stream = CorpusStream.Open(file);
        var head = new byte[file.Content == InputContent.Plain ? Math.Min(LookedAt, file.Length) : LookedAt];
        return [.. head.AsSpan(0, stream.Fill(head)).TrimStart(" \t\r\n"u8)];
    }

    private static bool IsValue(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read()) { }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The first value; null where it is broken, or goes on beyond what was looked at.</summary>
    private static JsonDocument? FirstValue(ReadOnlySpan<byte> head, out int after)
    {
        var reader = new Utf8JsonReader(head, isFinalBlock: false, default);
        try
        {
            var whole = JsonDocument.TryParseValue(ref reader, out var document);
            after = (int)reader.BytesConsumed;
            return whole ? document : null;
        }
        catch (JsonException)
        {
            after = 0;
            return null;
        }
    }

    private static IEnumerable<CorpusRecord> Lines(InputFile file, RecordFields fields, Action<string, string> bad)
    {
        using var stream = CorpusStream.Open(file);
        foreach (var (number, whole) in TextLines.Of(stream, file))
        {
            var line = whole.Trim(" \t\r"u8);
            if (line.IsEmpty)
                continue;
            if (ReadLine(line, $"{file.Path}, line {number}", fields, bad) is { } record)
                yield return record;
        }
    }

    private static CorpusRecord? ReadLine(ReadOnlyMemory<byte> line, string place, RecordFields fields, Action<string, string> bad)
    {
        if (!Utf8.IsValid(line.Span))
        {
            bad(place, "the line is not valid UTF-8");
            return null;
        }
        try
        {
            using var document = JsonDocument.Parse(line);
            return fields.Read(document.RootElement, place, bad);
        }
        catch (JsonException e)
        {
            bad(place, $"the line is not valid JSON (at byte {e.BytePositionInLine + 1})");
            return null;
        }
    }

    private static IEnumerable<CorpusRecord> Values(InputFile file, bool list, RecordFields fields, Action<string, string> bad)
    {
        using var stream = CorpusStream.Open(file);
        var values = new JsonValues(stream, file, list);
        while (values.Next() is { } value)
            using (value.Document)
            {
                var place = $"{file.Path}, record {value.Number} (line {value.Line})";
                if (!value.IsUtf8)
                    bad(place, "the record is not valid UTF-8");
                else if (fields.Read(value.Document.RootElement, place, bad) is { } record)
                    yield return record;
            }
    }
}
