using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace LdcLedger.Reports.Pdf;

/// <summary>
/// Reads the objects of a PDF as SkiaSharp writes it: a classic cross-reference table, streams with a length that stands in their
/// dictionary and with one filter. No reader of PDFs in general.
/// </summary>
internal sealed partial class SkiaPdf
{
    private readonly Stream _file;
    private readonly SortedDictionary<int, int> _offsets = [];

    /// <param name="file">Is read wherever it is asked, so that a long one need not be in memory.</param>
    public SkiaPdf(Stream file)
    {
        _file = file;
        var end = Text(Math.Max(0, Length - 1024), Length);
        var table = Number(StartXref().Match(end));
        var lines = Text(table, Length).Split('\n');
        for (int i = 1, id = 0; !lines[i].StartsWith("trailer", StringComparison.Ordinal); i++)
        {
            var fields = lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 2)
                id = Whole(fields[0]);
            else if (fields is [_, _, "n"])
                _offsets[id++] = Whole(fields[0]);
            else
                id++;
        }
        Size = _offsets.Keys.Max() + 1;
        var catalog = Dictionary(Number(RootEntry().Match(end)));
        Pages = [.. Leaves(Number(PagesEntry().Match(catalog)))];
    }

    /// <summary>One more than the highest number of an object.</summary>
    public int Size { get; }

    /// <summary>Objects of the pages, in their order.</summary>
    public IReadOnlyList<int> Pages { get; }

    /// <summary>An object without the data of its stream.</summary>
    public string Dictionary(int id)
    {
        var start = _offsets[id];
        for (var length = 2048; ; length *= 4)
        {
            var text = Text(start, Math.Min(Length, start + length));
            var end = EndOfDictionary().Match(text);
            if (end.Success)
                return text[(text.IndexOf("obj", StringComparison.Ordinal) + 3)..end.Index].Trim();
            if (start + length >= Length)
                throw Unexpected($"object {id} has no end");
        }
    }

    /// <summary>What a stream holds, unpacked; null where the object is none.</summary>
    public byte[]? Stream(int id)
    {
        var dictionary = Dictionary(id);
        var length = LengthEntry().Match(dictionary);
        if (!length.Success)
            return null;
        // What the object's text left out: from its number to the data.
        var head = Bytes(_offsets[id], Math.Min(Length, _offsets[id] + dictionary.Length + 64));
        var data = _offsets[id] + head.AsSpan().IndexOf("stream\n"u8) + "stream\n".Length;
        var stored = Bytes(data, data + Number(length));
        if (!dictionary.Contains("/FlateDecode", StringComparison.Ordinal))
            return stored;
        using var packed = new ZLibStream(new MemoryStream(stored), CompressionMode.Decompress);
        using var content = new MemoryStream();
        packed.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>The value of a key of a dictionary's text: up to its end, dictionaries and lists within included.</summary>
    public static string Value(string dictionary, string key)
    {
        var start = dictionary.IndexOf($"/{key} ", StringComparison.Ordinal) + key.Length + 2;
        if (start < key.Length + 2)
            throw Unexpected($"an object has no {key}: {dictionary}");
        var depth = 0;
        for (var i = start; i < dictionary.Length; i++)
        {
            depth += dictionary[i] is '<' or '[' ? 1 : dictionary[i] is '>' or ']' ? -1 : 0;
            if (depth < 0 || depth == 0 && (dictionary[i] is '>' or ']' || i + 1 < dictionary.Length && dictionary[i + 1] is '/' or '\n'))
                return dictionary[start..(depth < 0 ? i : i + 1)].Trim();
        }
        return dictionary[start..].Trim();
    }

    public static IEnumerable<int> References(string text) => Reference().Matches(text).Select(Number);

    /// <summary>The text with every reference to an object renamed.</summary>
    public static string Renamed(string text, Func<int, int> newId) =>
        Reference().Replace(text, match => $"{newId(Number(match))} 0 R");

    private IEnumerable<int> Leaves(int node)
    {
        var body = Dictionary(node);
        return body.Contains("/Kids ", StringComparison.Ordinal) ? References(Value(body, "Kids")).SelectMany(Leaves) : [node];
    }

    // Latin-1 keeps one character per byte, so that positions in the text are positions in the file.
    private string Text(int start, int end) => Encoding.Latin1.GetString(Bytes(start, end));

    private byte[] Bytes(int start, int end)
    {
        var bytes = new byte[end - start];
        _file.Position = start;
        _file.ReadExactly(bytes);
        return bytes;
    }

    private int Length => checked((int)_file.Length);

    private static int Number(Match match) => match.Success ? Whole(match.Groups[1].Value) : throw Unexpected("an entry is missing");

    private static int Whole(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private static InvalidOperationException Unexpected(string what) =>
        new($"SkiaSharp wrote a PDF that is not built as expected: {what}.");

    [GeneratedRegex(@"startxref\s+(\d+)")]
    private static partial Regex StartXref();

    [GeneratedRegex(@"/Root (\d+) 0 R")]
    private static partial Regex RootEntry();

    [GeneratedRegex(@"/Pages (\d+) 0 R")]
    private static partial Regex PagesEntry();

    [GeneratedRegex(@"/Length (\d+)")]
    private static partial Regex LengthEntry();

    [GeneratedRegex(@"(?<=>>)\s*stream\n|\nendobj")]
    private static partial Regex EndOfDictionary();

    [GeneratedRegex(@"\b(\d+) 0 R\b")]
    private static partial Regex Reference();
}
