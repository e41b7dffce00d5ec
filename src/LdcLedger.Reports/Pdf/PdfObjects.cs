using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using LdcLedger.Reports.Fonts;

namespace LdcLedger.Reports.Pdf;

/// <summary>
/// Writes the objects of a PDF 1.7 as they come: streams by themselves, dictionaries packed by the hundred, and at the end where each is.
/// </summary>
internal sealed class PdfObjects : IDisposable
{
    private const int PackSize = 200;

    // Half a million of them in a thousand pages of tables. A file has at most 4 GB.
    private readonly record struct Entry(byte Kind, uint Where, ushort Index);

    private readonly Stream _output;
    private readonly List<Entry> _entries = [new(0, 0, 65535)];
    private readonly List<(int Id, string Body)> _pack = [];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private uint _position;

    public PdfObjects(Stream output)
    {
        _output = output;
        // The second line tells programs that guess that this is no text.
        Raw("%PDF-1.7\n%\u00E2\u00E3\u00CF\u00D3\n");
    }

    public void Dispose() => _hash.Dispose();

    /// <summary>The number of an object that is written later.</summary>
    public int Reserve(int count = 1)
    {
        var first = _entries.Count;
        for (var i = 0; i < count; i++)
            _entries.Add(default);
        return first;
    }

    public int Write(string body)
    {
        var id = Reserve();
        Write(id, body);
        return id;
    }

    public void Write(int id, string body)
    {
        _pack.Add((id, body));
        if (_pack.Count == PackSize)
            WritePack();
    }

    /// <summary>By itself and readable, for programs that know little of PDF.</summary>
    public void WriteAlone(int id, string body)
    {
        _entries[id] = new(1, _position, 0);
        Raw($"{id} 0 obj\n{body}\nendobj\n");
    }

    /// <param name="entries">Of its dictionary, without filter and length.</param>
    /// <param name="packed">Metadata stays readable for programs that know no PDF.</param>
    public void WriteStream(int id, string entries, ReadOnlySpan<byte> content, bool packed = true)
    {
        var bytes = packed ? ManagedZlib.Deflated(content) : content.ToArray();
        _entries[id] = new(1, _position, 0);
        Raw($"{id} 0 obj\n<<{entries}{(packed ? " /Filter /FlateDecode" : "")} /Length {bytes.Length}>>\nstream\n");
        Raw(bytes);
        Raw("\nendstream\nendobj\n");
    }

    /// <summary>Where everything is; identified by a hash of everything before.</summary>
    public void Finish(int catalog, int info)
    {
        WritePack();
        var identity = Convert.ToHexString(_hash.GetCurrentHash().AsSpan(0, 16));
        var table = Reserve();
        var start = _position;
        _entries[table] = new(1, start, 0);
        var rows = new byte[_entries.Count * 7];
        for (var i = 0; i < _entries.Count; i++)
        {
            var row = rows.AsSpan(i * 7, 7);
            row[0] = _entries[i].Kind;
            BinaryPrimitives.WriteUInt32BigEndian(row[1..], _entries[i].Where);
            BinaryPrimitives.WriteUInt16BigEndian(row[5..], _entries[i].Index);
        }
        WriteStream(
            table,
            $"/Type /XRef /Size {_entries.Count} /W [1 4 2] /Root {catalog} 0 R /Info {info} 0 R /ID [<{identity}> <{identity}>]", rows);
        Raw($"startxref\n{start}\n%%EOF\n");
        _output.Flush();
    }

    private void WritePack()
    {
        if (_pack.Count == 0)
            return;
        var id = Reserve();
        var (head, body) = (new StringBuilder(), new StringBuilder());
        for (var i = 0; i < _pack.Count; i++)
        {
            head.Append(CultureInfo.InvariantCulture, $"{_pack[i].Id} {body.Length} ");
            body.Append(_pack[i].Body).Append('\n');
            _entries[_pack[i].Id] = new(2, (uint)id, (ushort)i);
        }
        var content = Encoding.Latin1.GetBytes($"{head}{body}");
        WriteStream(id, $"/Type /ObjStm /N {_pack.Count} /First {head.Length}", content);
        _pack.Clear();
    }

    private void Raw(string text) => Raw(Encoding.Latin1.GetBytes(text));

    private void Raw(byte[] bytes)
    {
        _output.Write(bytes);
        _hash.AppendData(bytes);
        _position = checked(_position + (uint)bytes.Length);
    }
}

/// <summary>How strings, names and numbers are written in a PDF.</summary>
internal static partial class PdfSyntax
{
    /// <summary>A string as a PDF holds it: UTF-16, in hexadecimal digits.</summary>
    public static string Text(string text) => $"<FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}>";

    /// <summary>The same of ASCII alone, which stays readable.</summary>
    public static string Ascii(string text) => $"({Escaped().Replace(text, "\\$0")})";

    public static string Number(float value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A name: what is no letter, digit or hyphen as its UTF-8 bytes.</summary>
    public static string Name(string text) =>
        "/" + string.Concat(Encoding.UTF8.GetBytes(text).Select(b =>
            b is >= (byte)'0' and <= (byte)'9' or >= (byte)'A' and <= (byte)'Z' or >= (byte)'a' and <= (byte)'z' or (byte)'-'
                ? $"{(char)b}" : $"#{b:X2}"));

    [GeneratedRegex(@"[()\\]")]
    private static partial Regex Escaped();
}
