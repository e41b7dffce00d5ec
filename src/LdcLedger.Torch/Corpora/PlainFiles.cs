using System.Text;
using System.Text.Unicode;

namespace LdcLedger.Torch.Corpora;

/// <summary>Files of UTF-8 text: paragraphs of prose, or sources taken whole.</summary>
internal static class PlainFiles
{
    private const int LargestFile = 256 << 20, Sample = 8192;

    /// <summary>Stretches of lines between blank ones.</summary>
    public static IEnumerable<CorpusRecord> Paragraphs(string file)
    {
        var lines = new StringBuilder();
        var (number, first) = (0, 1);
        foreach (var line in ReadText(file).ReplaceLineEndings("\n").Split('\n').Append(""))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                if (lines.Length > 0)
                    lines.Append('\n');
                else
                    first = number;
                lines.Append(line.TrimEnd());
                continue;
            }
            if (lines.Length > 0)
                yield return new CorpusRecord.Plain(lines.ToString(), $"{file}, line {first}");
            lines.Clear();
        }
    }

    public static IEnumerable<CorpusRecord> Whole(string file)
    {
        yield return new CorpusRecord.Plain(ReadText(file), file);
    }

    /// <summary>Sources with a zero byte near their beginning are pictures, objects and the like.</summary>
    public static bool IsBinary(string file) => Head(file, Sample).Contains((byte)0);

    public static bool Begins(string file, ReadOnlySpan<byte> bytes) => Head(file, bytes.Length).AsSpan().SequenceEqual(bytes);

    private static byte[] Head(string file, int count)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var head = new byte[count];
            return head[..stream.ReadAtLeast(head, count, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new InvalidInputException($"{file} cannot be read: {e.Message}", e);
        }
    }

    private static string ReadText(string file)
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(file).Length > LargestFile)
                throw new InvalidInputException(
                    $"{file} holds {new FileInfo(file).Length} bytes; at most {LargestFile} are read as one text, "
                    + "so split it or use jsonl.");
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new InvalidInputException($"{file} cannot be read: {e.Message}", e);
        }
        var text = bytes.AsSpan(bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0);
        if (!Utf8.IsValid(text))
            throw new InvalidInputException($"{file} is not valid UTF-8 (line {LineOfFirstBadByte(text)}).");
        return Encoding.UTF8.GetString(text);
    }

    private static int LineOfFirstBadByte(ReadOnlySpan<byte> text)
    {
        var line = 1;
        foreach (var range in text.Split((byte)'\n'))
        {
            if (!Utf8.IsValid(text[range]))
                return line;
            line++;
        }
        return line;
    }
}
