using System.Text;
using System.Text.Unicode;

namespace LdcLedger.Torch.Corpora;

/// <summary>Files of text: paragraphs of prose, or sources taken whole.</summary>
internal static class PlainFiles
{
    private const int LargestSource = 256 << 20;

    // What string.ReplaceLineEndings knows, the line feed apart, at which lines are cut already.
    private static readonly char[] OtherLineEnds = ['\r', '\f', '\u0085', '\u2028', '\u2029'];

    /// <summary>Stretches of lines between blank ones.</summary>
    /// <param name="bad">Takes place and reason of a paragraph that is not valid UTF-8.</param>
    public static IEnumerable<CorpusRecord> Paragraphs(InputFile file, Action<string, string> bad)
    {
        using var stream = CorpusStream.Open(file);
        var lines = new StringBuilder();
        var (number, first, wrong) = (0, 1, 0);
        foreach (var line in Lines(stream, file).Append(""))
        {
            number++;
            if (line is null || !string.IsNullOrWhiteSpace(line))
            {
                if (lines.Length > 0)
                    lines.Append('\n');
                else if (wrong == 0)
                    first = number;
                if (line is null && wrong == 0)
                    wrong = number;
                lines.Append(line?.TrimEnd());
                continue;
            }
            if (wrong > 0)
                bad($"{file.Path}, line {wrong}", "the line is not valid UTF-8");
            else if (lines.Length > 0)
                yield return new CorpusRecord.Plain(lines.ToString(), $"{file.Path}, line {first}");
            lines.Clear();
            wrong = 0;
        }
    }

    /// <summary>A line; null where it is not valid UTF-8.</summary>
    private static IEnumerable<string?> Lines(CorpusStream stream, InputFile file)
    {
        foreach (var (_, bytes) in TextLines.Of(stream, file))
        {
            if (!Utf8.IsValid(bytes.Span))
            {
                yield return null;
                continue;
            }
            // Of the two signs of one line end the first is left over.
            var text = Encoding.UTF8.GetString(bytes.Span is [.., (byte)'\r'] ? bytes.Span[..^1] : bytes.Span);
            if (text.IndexOfAny(OtherLineEnds) < 0)
                yield return text;
            else
                foreach (var part in text.Split(OtherLineEnds))
                    yield return part;
        }
    }

    /// <param name="bad">Takes place and reason of a file that is no text, or too large for one.</param>
    public static IEnumerable<CorpusRecord> Whole(InputFile file, Action<string, string> bad)
    {
        using var stream = CorpusStream.Open(file);
        var bytes = new byte[(int)Math.Clamp(file.Length + 1, 1 << 10, LargestSource + 1)];
        var length = 0;
        while (stream.Fill(bytes.AsSpan(length)) is > 0 and var read)
        {
            length += read;
            if (length > LargestSource)
            {
                bad(file.Path, $"the file has more than {LargestSource >> 20} MiB, the most that is read as one text");
                yield break;
            }
            if (length == bytes.Length)
                Array.Resize(ref bytes, Math.Min(2 * bytes.Length, LargestSource + 1));
        }
        if (Utf8.IsValid(bytes.AsSpan(0, length)))
            yield return new CorpusRecord.Plain(Encoding.UTF8.GetString(bytes.AsSpan(0, length)), file.Path);
        else
            bad($"{file.Path}, line {LineOfFirstBadByte(bytes.AsSpan(0, length))}", "the line is not valid UTF-8");
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
