using System.Globalization;
using System.Text.Unicode;
using LdcLedger.Domain;

namespace LdcLedger.Ledger.Exchange;

/// <summary>
/// Lines of UTF-8 text, one at a time, however long the file: a byte order mark is passed over, lines end with LF or CR LF, empty ones do
/// not count.
/// </summary>
internal sealed class FileLines(Stream file)
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private byte[] _buffer = new byte[1 << 16];
    private int _start, _end;
    private bool _isAtEnd;

    /// <summary>Of the line that was read last: 1, 2, ...</summary>
    public long Number { get; private set; }

    /// <returns>The next line without its end, valid until the next call; null at the end of the file.</returns>
    /// <exception cref="RuleViolation">It is too long or no UTF-8 text; the message says nothing of where.</exception>
    public async Task<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellation)
    {
        while (await RawAsync(cancellation) is { } line)
        {
            Number++;
            if (Number == 1)
                line = WithoutMark(line);
            if (line.Length > 0 && line.Span[^1] == (byte)'\r')
                line = line[..^1];
            if (line.Span.Trim(" \t"u8).IsEmpty)
                continue;
            return Utf8.IsValid(line.Span) ? line : throw new RuleViolation("it is not UTF-8 text.");
        }
        return null;
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> first)
    {
        var head = first.Span;
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            throw new RuleViolation("the file is compressed (gzip); gunzip it first, or: gunzip -c FILE | ldc ledger import -");
        if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]))
            throw new RuleViolation("the file is compressed (zstd); unzstd it first, or: unzstd -c FILE | ldc ledger import -");
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            throw new RuleViolation("the file is UTF-16 text; UTF-8 is needed.");
        return head.StartsWith(ByteOrderMark) ? first[ByteOrderMark.Length..] : first;
    }

    private async Task<ReadOnlyMemory<byte>?> RawAsync(CancellationToken cancellation)
    {
        var looked = 0;
        while (true)
        {
            var end = _buffer.AsSpan(_start + looked, _end - _start - looked).IndexOf((byte)'\n');
            if (end >= 0 && looked + end <= StudyLines.MaxLineBytes)
            {
                var line = _buffer.AsMemory(_start, looked + end);
                _start += looked + end + 1;
                return line;
            }
            looked = _end - _start;
            if (looked > StudyLines.MaxLineBytes)
            {
                Number++;
                throw new RuleViolation(string.Create(
                    CultureInfo.InvariantCulture, $"it is longer than {StudyLines.MaxLineBytes >> 20} MiB, which no event is."));
            }
            if (_isAtEnd)
            {
                _start = _end;
                if (looked == 0)
                    return null;
                return _buffer.AsMemory(_end - looked, looked);
            }
            await FillAsync(cancellation);
        }
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        var read = await file.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        _isAtEnd = read == 0;
    }
}
