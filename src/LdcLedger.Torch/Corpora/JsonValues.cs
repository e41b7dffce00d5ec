using System.Text.Json;
using System.Text.Unicode;

namespace LdcLedger.Torch.Corpora;

/// <summary>JSON values one after another, or the items of one list; one of them is in memory at a time.</summary>
/// <param name="list">Whether they stand in one list.</param>
internal sealed class JsonValues(CorpusStream stream, InputFile file, bool list)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start, _filled, _number, _line = 1;
    private bool _ended, _over;

    /// <param name="Number">Counted from 1.</param>
    /// <param name="Line">Where it begins.</param>
    public sealed record Value(JsonDocument Document, int Number, int Line, bool IsUtf8);

    /// <summary>The next value, to be disposed; null after the last.</summary>
    /// <exception cref="InvalidInputException">What follows is no JSON value.</exception>
    public Value? Next()
    {
        if (_over || !FindNext())
            return null;
        while (true)
        {
            if (TryParse(out var document, out var length))
            {
                var bytes = _buffer.AsSpan(_start, length);
                var value = new Value(document!, ++_number, _line, Utf8.IsValid(bytes));
                Pass(length);
                return value;
            }
            if (_filled - _start > TextLines.Longest)
                throw Broken($"is longer than {TextLines.Longest >> 20} MiB, the longest that is allowed");
            if (_ended)
                throw Broken("does not end");
            Fill();
        }
    }

    private bool TryParse(out JsonDocument? document, out int length)
    {
        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _filled - _start), isFinalBlock: _ended, default);
        try
        {
            var whole = JsonDocument.TryParseValue(ref reader, out document);
            length = (int)reader.BytesConsumed;
            return whole;
        }
        catch (JsonException e)
        {
            throw Broken($"is not valid JSON (at byte {e.BytePositionInLine + 1} of its line {e.LineNumber + 1})", e);
        }
    }

    /// <summary>Goes to where the next value begins; false where there is none.</summary>
    private bool FindNext()
    {
        if (_number == 0 && list && Peek() == '[')
            Pass(1);
        if (!list)
            return Peek() is not null;
        if (_number > 0 && Peek() == ',')
            Pass(1);
        else if (_number > 0 && Peek() is not (']' or null))
            throw Broken("does not follow the one before after a comma");
        if (Peek() is not { } sign)
            throw Broken("is missing, or the list's closing bracket");
        if (sign != ']')
            return true;
        Pass(1);
        _over = true;
        return Peek() is null ? false : throw Broken("stands behind the end of the list");
    }

    /// <summary>The next sign that is no white space; null at the end.</summary>
    private char? Peek()
    {
        while (true)
        {
            for (; _start < _filled; Pass(1))
                if (_buffer[_start] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                    return (char)_buffer[_start];
            if (_ended)
                return null;
            Fill();
        }
    }

    private void Pass(int bytes)
    {
        _line += _buffer.AsSpan(_start, bytes).Count((byte)'\n');
        _start += bytes;
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _filled - _start).CopyTo(_buffer);
        (_filled, _start) = (_filled - _start, 0);
        if (_filled == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = stream.Read(_buffer.AsSpan(_filled));
        (_filled, _ended) = (_filled + read, read == 0);
    }

    private InvalidInputException Broken(string what, Exception? cause = null) => cause is null
        ? new($"\"{file.Path}\": record {_number + 1} (line {_line}) {what}; nothing after it can be read.")
        : new($"\"{file.Path}\": record {_number + 1} (line {_line}) {what}; nothing after it can be read.", cause);
}
