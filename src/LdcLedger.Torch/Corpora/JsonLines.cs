using System.Text.Json;
using System.Text.Unicode;

namespace LdcLedger.Torch.Corpora;

/// <summary>JSON lines: an object per line; blank lines are passed over.</summary>
internal static class JsonLines
{
    private const int LongestLine = 64 << 20;

    public static IEnumerable<CorpusRecord> Read(string file)
    {
        foreach (var (number, line) in Lines(file))
        {
            var place = $"{file}, line {number}";
            if (!Utf8.IsValid(line.Span))
                throw new InvalidInputException($"{place}: the line is not valid UTF-8.");
            JsonDocument document;
            try
            {
                document = JsonDocument.Parse(line);
            }
            catch (JsonException e)
            {
                var hint = line.Span[0] == (byte)'[' && number == 1
                    ? "; a JSON array is not JSON lines, which have one object per line" : "";
                throw new InvalidInputException($"{place}, column {e.BytePositionInLine + 1}: the line is not valid JSON{hint}.", e);
            }
            using (document)
                yield return RecordFields.Read(document.RootElement, place);
        }
    }

    private static IEnumerable<(int Number, ReadOnlyMemory<byte> Line)> Lines(string file)
    {
        using var stream = Open(file);
        var buffer = new byte[1 << 16];
        var (start, filled, number, ended) = (0, 0, 0, false);
        while (true)
        {
            var newline = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n');
            if (newline < 0 && !ended)
            {
                if (filled - start > LongestLine)
                    throw new InvalidInputException(
                        $"{file}, line {number + 1}: the line is longer than {LongestLine >> 20} MiB, the longest that is allowed.");
                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                (filled, start) = (filled - start, 0);
                if (filled == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
                var read = stream.Read(buffer, filled, buffer.Length - filled);
                (filled, ended) = (filled + read, read == 0);
                continue;
            }
            var end = newline < 0 ? filled : start + newline;
            number++;
            var from = number == 1 && buffer.AsSpan(start, end - start) is [0xEF, 0xBB, 0xBF, ..] ? start + 3 : start;
            var line = Trimmed(buffer.AsMemory(from, end - from));
            if (line.Length > 0)
                yield return (number, line);
            if (newline < 0)
                yield break;
            start = end + 1;
        }
    }

    private static ReadOnlyMemory<byte> Trimmed(ReadOnlyMemory<byte> line)
    {
        static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r';
        while (line.Length > 0 && IsSpace(line.Span[0]))
            line = line[1..];
        while (line.Length > 0 && IsSpace(line.Span[^1]))
            line = line[..^1];
        return line;
    }

    private static FileStream Open(string file)
    {
        try
        {
            return File.OpenRead(file);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new InvalidInputException($"{file} cannot be read: {e.Message}", e);
        }
    }
}
