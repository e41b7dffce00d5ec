using System.Text;
using ICSharpCode.SharpZipLib.GZip;
using ZstdSharp;

namespace LdcLedger.Torch.Corpora;

/// <summary>
/// The text of a corpus file as UTF-8 bytes, whatever it is wrapped in: gzip and zstd are told by the first bytes and unpacked on the way,
/// a byte order mark is taken off, UTF-16 and UTF-32 that begin with one are translated. Reads forward only.
/// </summary>
internal sealed class CorpusStream : IDisposable
{
    private readonly InputFile _file;
    private readonly Stream _stream;

    private CorpusStream(InputFile file, Stream stream) => (_file, _stream) = (file, stream);

    /// <exception cref="InvalidInputException">The file cannot be opened, is a pointer of Git LFS, or is compressed in a way that is not
    /// read.</exception>
    public static CorpusStream Open(InputFile file)
    {
        if (Objection(file) is { } objection)
            throw new InvalidInputException($"\"{file.Path}\" {objection}.");
        Span<byte> head = stackalloc byte[4];
        int count;
        using (var looked = new CorpusStream(file, Unpacked(file)))
            count = looked.Fill(head);
        var (encoding, mark) = EncodingOf(head[..count]);
        var opened = new CorpusStream(file, Unpacked(file));
        opened.Fill(head[..mark]);
        return encoding is null ? opened
            : new CorpusStream(file, Encoding.CreateTranscodingStream(opened._stream, encoding, Encoding.UTF8));
    }

    /// <summary>Why the file cannot be read this way, as the end of a sentence; null where it can.</summary>
    public static string? Objection(InputFile file) => file.Content switch
    {
        InputContent.Plain or InputContent.Empty or InputContent.WebPage or InputContent.Gzip or InputContent.Zstandard => null,
        InputContent.LfsPointer => InputFile.Objection(file.Content),
        InputContent.Zip or InputContent.Xz or InputContent.Bzip2 or InputContent.Lz4 or InputContent.SevenZip =>
            InputFile.Objection(file.Content) + "; of compressed files gzip and zstd are read as they are",
        _ => throw new InvalidOperationException($"A content of the kind {file.Content} is not told."),
    };

    /// <summary>How many bytes were read: at least one before the end.</summary>
    /// <exception cref="InvalidInputException">The compressed data is damaged or ends too early, or is no text in its encoding.</exception>
    public int Read(Span<byte> buffer)
    {
        try
        {
            return _stream.Read(buffer);
        }
        catch (Exception e) when (_file.Content is InputContent.Gzip or InputContent.Zstandard && IsOfData(e))
        {
            throw new InvalidInputException($"\"{_file.Path}\" is damaged or cut off: its compressed data cannot be read to the end.", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidInputException($"\"{_file.Path}\" begins as UTF-16 or UTF-32, but is no such text to its end.", e);
        }
    }

    // Damaged data leads the libraries to exceptions of many kinds; a disk that fails has its own.
    private static bool IsOfData(Exception e) =>
        e is EndOfStreamException || e is not (IOException or OutOfMemoryException or DecoderFallbackException);

    /// <summary>As many bytes as there are, up to the buffer's length.</summary>
    public int Fill(Span<byte> buffer)
    {
        var filled = 0;
        for (int read; filled < buffer.Length && (read = Read(buffer[filled..])) > 0;)
            filled += read;
        return filled;
    }

    private static Stream Unpacked(InputFile file)
    {
        var stream = file.Open(FileOptions.SequentialScan, 1 << 16);
        return file.Content switch
        {
            // .NET's own stream ends without a word where the file is cut off, and checks no sum.
            InputContent.Gzip => new GZipInputStream(stream, 1 << 16),
            InputContent.Zstandard => new DecompressionStream(stream, leaveOpen: false),
            _ => stream,
        };
    }

    private static (Encoding? Encoding, int Mark) EncodingOf(ReadOnlySpan<byte> head) => head switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (null, 3),
        [0xFF, 0xFE, 0, 0] => (new UTF32Encoding(bigEndian: false, byteOrderMark: false, throwOnInvalidCharacters: true), 4),
        [0, 0, 0xFE, 0xFF] => (new UTF32Encoding(bigEndian: true, byteOrderMark: false, throwOnInvalidCharacters: true), 4),
        [0xFF, 0xFE, ..] => (new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true), 2),
        [0xFE, 0xFF, ..] => (new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true), 2),
        _ => (null, 0),
    };

    public void Dispose() => _stream.Dispose();
}
