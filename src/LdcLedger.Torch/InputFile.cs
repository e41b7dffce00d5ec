namespace LdcLedger.Torch;

/// <summary>What a file holds, by its first bytes, where that is not what its name says.</summary>
public enum InputContent
{
    /// <summary>Nothing that is known by its first bytes.</summary>
    Plain,

    Empty,

    /// <summary>A few lines in place of a large file that Git LFS has not fetched.</summary>
    LfsPointer,

    Gzip,

    Zstandard,

    Zip,

    Xz,

    Bzip2,

    Lz4,

    SevenZip,

    /// <summary>A web page, as a browser saves it in place of the file that it shows.</summary>
    WebPage,
}

/// <summary>
/// The one door through which a file that a user named is looked at and opened. Links are followed; what is not a regular file is refused
/// without being opened, so nothing ever waits on a pipe.
/// </summary>
public sealed class InputFile
{
    private const int HeadBytes = 128;

    private readonly Lazy<InputContent> _content;

    private InputFile(string path, long length)
    {
        (Path, Length) = (path, length);
        _content = new Lazy<InputContent>(() => Length == 0 ? InputContent.Empty : ContentOf(Head(HeadBytes)));
    }

    /// <summary>As it was given.</summary>
    public string Path { get; }

    /// <summary>Bytes; behind a link those of its target.</summary>
    public long Length { get; }

    /// <summary>What is in it, by its first bytes.</summary>
    /// <exception cref="InvalidInputException">It cannot be opened.</exception>
    public InputContent Content => _content.Value;

    /// <exception cref="InvalidInputException">There is no regular file at <paramref name="path"/>; the message says what there
    /// is.</exception>
    public static InputFile At(string path) => InputEntry.At(path) switch
    {
        { Objection: { } objection } => throw new InvalidInputException($"\"{path}\" {objection}."),
        var entry => new InputFile(path, entry.Length),
    };

    /// <summary>As <see cref="At"/>, for files whose content is read as it stands.</summary>
    /// <exception cref="InvalidInputException">It is no regular file, is empty, compressed, a web page or a pointer of Git LFS.</exception>
    public static InputFile Plain(string path)
    {
        var file = At(path);
        return Objection(file.Content) is not { } objection ? file : throw new InvalidInputException($"\"{path}\" {objection}.");
    }

    /// <exception cref="InvalidInputException">It has gone since, or may not be read.</exception>
    public FileStream Open(FileOptions options = FileOptions.None, int bufferSize = 4096)
    {
        try
        {
            return new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize, options);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InvalidInputException($"\"{Path}\" may not be read by this user.", e);
        }
        catch (IOException e)
        {
            throw new InvalidInputException($"\"{Path}\" cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The first bytes: <paramref name="count"/> of them, or as many as there are.</summary>
    public byte[] Head(int count)
    {
        using var stream = Open(bufferSize: 0);
        var head = new byte[count];
        return head[..stream.ReadAtLeast(head, count, throwOnEndOfStream: false)];
    }

    /// <summary>Why content of this kind cannot be read as it stands, as the end of a sentence that begins with the file's path; null where
    /// it can.</summary>
    public static string? Objection(InputContent content) => content switch
    {
        InputContent.Plain => null,
        InputContent.Empty => "is empty",
        InputContent.LfsPointer => "is a pointer of Git LFS, not the file itself; `git lfs pull` in its repository fetches it",
        InputContent.Gzip => "is compressed (gzip); gunzip it first",
        InputContent.Zstandard => "is compressed (zstd); unzstd it first",
        InputContent.Zip => "is a zip archive; unpack it first",
        InputContent.Xz => "is compressed (xz); unxz it first",
        InputContent.Bzip2 => "is compressed (bzip2); bunzip2 it first",
        InputContent.Lz4 => "is compressed (lz4); unlz4 it first",
        InputContent.SevenZip => "is a 7-Zip archive; unpack it first",
        InputContent.WebPage => "is a web page (HTML), not the file that the page shows; download the file itself",
        _ => throw new InvalidOperationException($"A content of the kind {content} has no words."),
    };

    internal static InputContent ContentOf(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
            return InputContent.Empty;
        if (head.StartsWith("version https://git-lfs.github.com/spec/"u8) || head.StartsWith("version https://hawser.github.com/spec/"u8))
            return InputContent.LfsPointer;
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return InputContent.Gzip;
        // The frame itself, or a frame to skip before it, as parallel compressors write.
        if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) || head is [>= 0x50 and <= 0x5F, 0x2A, 0x4D, 0x18, ..])
            return InputContent.Zstandard;
        if (head.StartsWith("PK\x03\x04"u8))
            return InputContent.Zip;
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            return InputContent.Xz;
        if (head is [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, ..])
            return InputContent.Bzip2;
        if (head.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4D, 0x18]))
            return InputContent.Lz4;
        if (head.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C]))
            return InputContent.SevenZip;
        return IsWebPage(head) ? InputContent.WebPage : InputContent.Plain;
    }

    private static bool IsWebPage(ReadOnlySpan<byte> head)
    {
        var text = System.Text.Encoding.Latin1.GetString(head).TrimStart('\xEF', '\xBB', '\xBF', ' ', '\t', '\r', '\n');
        return text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase);
    }
}
