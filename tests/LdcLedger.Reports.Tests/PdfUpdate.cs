using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace LdcLedger.Reports.Tests;

/// <summary>Changes an object of a PDF of ldc's as editors of PDFs do: by another of its number, in a section behind the file.</summary>
internal static partial class PdfUpdate
{
    /// <param name="change">Of an object's text; null where it is another that is meant. The first is changed.</param>
    public static byte[] Of(byte[] pdf, Func<string, string?> change)
    {
        var text = Encoding.Latin1.GetString(pdf);
        var (number, changed) = Objects(pdf, text).Select(o => (o.Number, Changed: change(o.Text))).First(o => o.Changed is not null);
        var table = StartOfTable().Matches(text)[^1].Groups[1].Value;
        var trailer = text[int.Parse(table, CultureInfo.InvariantCulture)..];
        var update = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{number} 0 obj\n{changed}\nendobj\n");
        var start = pdf.Length + update.Length;
        update.Append(CultureInfo.InvariantCulture, $"xref\n{number} 1\n{pdf.Length:D10} 00000 n \ntrailer\n")
            .Append(CultureInfo.InvariantCulture, $"<< {string.Join(' ', Kept().Matches(trailer))} /Prev {table} >>\n")
            .Append(CultureInfo.InvariantCulture, $"startxref\n{start}\n%%EOF\n");
        return [.. pdf, .. Encoding.Latin1.GetBytes(update.ToString())];
    }

    /// <summary>Those that are packed together: all but streams.</summary>
    private static IEnumerable<(int Number, string Text)> Objects(byte[] pdf, string text)
    {
        foreach (Match packed in Packed().Matches(text))
        {
            var from = packed.Index + packed.Length;
            var length = int.Parse(packed.Groups["length"].Value, CultureInfo.InvariantCulture);
            using var stream = new ZLibStream(new MemoryStream(pdf, from, length), CompressionMode.Decompress);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var objects = reader.ReadToEnd();
            var first = int.Parse(packed.Groups["first"].Value, CultureInfo.InvariantCulture);
            var places = objects[..first].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .Select(place => int.Parse(place, CultureInfo.InvariantCulture)).Chunk(2).ToList();
            for (var i = 0; i < places.Count; i++)
            {
                var end = i + 1 < places.Count ? first + places[i + 1][1] : objects.Length;
                yield return (places[i][0], objects[(first + places[i][1])..end]);
            }
        }
    }

    [GeneratedRegex("/Type /ObjStm /N [0-9]+ /First (?<first>[0-9]+) "
        + "/Filter /FlateDecode /Length (?<length>[0-9]+)>>\\s*stream\\r?\\n")]
    private static partial Regex Packed();

    [GeneratedRegex("startxref\\s+([0-9]+)")]
    private static partial Regex StartOfTable();

    [GeneratedRegex("/(?:Size [0-9]+|(?:Root|Info) [0-9]+ 0 R)")]
    private static partial Regex Kept();
}
