namespace LdcLedger.Torch.Corpora;

/// <summary>A stream cut at its line feeds; one line is in memory at a time.</summary>
internal static class TextLines
{
    /// <summary>Bytes of the longest line that is read.</summary>
    public const int Longest = 256 << 20;

    /// <summary>
    /// The lines without their ends, numbered from 1; what follows the last line feed is a line too, if it is only an empty one. A line is
    /// good until the next is asked for.
    /// </summary>
    /// <exception cref="InvalidInputException">A line is longer than <see cref="Longest"/>.</exception>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte> Line)> Of(CorpusStream stream, InputFile file)
    {
        var buffer = new byte[1 << 16];
        var (start, filled, looked, number, ended) = (0, 0, 0, 0, false);
        while (true)
        {
            var found = buffer.AsSpan(looked, filled - looked).IndexOf((byte)'\n');
            if (found < 0 && !ended)
            {
                if (filled - start > Longest)
                    throw new InvalidInputException(
                        $"{file.Path}, line {number + 1}: the line is longer than {Longest >> 20} MiB, the longest that is allowed.");
                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                (filled, start) = (filled - start, 0);
                looked = filled;
                if (filled == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
                var read = stream.Read(buffer.AsSpan(filled));
                (filled, ended) = (filled + read, read == 0);
                continue;
            }
            var end = found < 0 ? filled : looked + found;
            yield return (++number, buffer.AsMemory(start, end - start));
            if (found < 0)
                yield break;
            start = looked = end + 1;
        }
    }
}
