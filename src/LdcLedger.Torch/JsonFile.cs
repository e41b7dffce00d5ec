using System.Text.Json;

namespace LdcLedger.Torch;

/// <summary>A JSON file that a user named, or that lies in a folder that a user named: read whole, whatever its wrapping.</summary>
internal static class JsonFile
{
    // A tokenizer.json of 256 thousand tokens has 33 MB.
    private const long Longest = 1 << 30;

    /// <param name="content">The bytes of the file, as they stand on disk.</param>
    /// <returns>The document; a byte order mark before it is passed over.</returns>
    /// <exception cref="InvalidInputException">There is no such file, or it is not JSON; with line and column where it stops being
    /// so.</exception>
    public static JsonDocument Read(string path, out byte[] content)
    {
        var file = InputFile.Plain(path);
        if (file.Length > Longest)
            throw new InvalidInputException($"{path} has {file.Length} bytes; as JSON at most {Longest} are read.");
        using var stream = file.Open();
        content = new byte[file.Length];
        content = content[..stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)];
        try
        {
            return JsonDocument.Parse(content.AsMemory(content is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0));
        }
        catch (JsonException e)
        {
            throw new InvalidInputException(content is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..]
                ? $"{path} is text in UTF-16; JSON in UTF-8 is needed."
                : $"{path} is not valid JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}.", e);
        }
    }

    public static JsonDocument Read(string path) => Read(path, out _);
}
