using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace LdcLedger.Reports.Fonts;

/// <summary>
/// A TrueType font with the outlines of some glyphs alone, under their old numbers, and with no tables but those that a PDF needs
/// (ISO 32000-1, 9.9). SkiaSharp is built without the library that would do it, and embeds fonts whole.
/// </summary>
internal static class GlyphSubset
{
    private const int Header = 12, Entry = 16;
    private const ushort MoreComponents = 0x20, WordArguments = 0x01, Scale = 0x08, TwoScales = 0x40, Matrix = 0x80;

    private static readonly string[] Needed = ["cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"];

    /// <param name="glyphs">Numbers; the glyph for what is missing, 0, is always kept.</param>
    public static byte[] Of(byte[] font, IEnumerable<int> glyphs)
    {
        var tables = Tables(font);
        var (outlines, isLong) = (tables["glyf"], BinaryPrimitives.ReadInt16BigEndian(tables["head"].Span[50..]) != 0);
        var starts = Starts(tables["loca"].Span, isLong);
        var kept = new SortedSet<int>();
        var open = new Stack<int>(glyphs.Append(0));
        while (open.TryPop(out var glyph))
            if (glyph < starts.Length - 1 && kept.Add(glyph))
                foreach (var part in Parts(outlines.Span[starts[glyph]..starts[glyph + 1]]))
                    open.Push(part);
        var (body, places) = (new MemoryStream(), new byte[starts.Length * 4]);
        for (var glyph = 0; glyph < starts.Length; glyph++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(places.AsSpan(glyph * 4), (uint)body.Length);
            if (!kept.Contains(glyph))
                continue;
            body.Write(outlines.Span[starts[glyph]..starts[glyph + 1]]);
            while (body.Length % 4 != 0)
                body.WriteByte(0);
        }
        var head = tables["head"].ToArray();
        BinaryPrimitives.WriteInt16BigEndian(head.AsSpan(50), 1);
        // The sum over the whole font, which a font inside a PDF need not have.
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(8), 0);
        (tables["glyf"], tables["loca"], tables["head"]) = (body.ToArray(), places, head);
        return Font([.. Needed.Where(tables.ContainsKey).Select(name => (name, tables[name]))]);
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Tables(byte[] font)
    {
        var tables = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        for (var i = 0; i < BinaryPrimitives.ReadUInt16BigEndian(font.AsSpan(4)); i++)
        {
            var entry = font.AsSpan(Header + i * Entry, Entry);
            tables[Encoding.ASCII.GetString(entry[..4])] = font.AsMemory(
                BinaryPrimitives.ReadInt32BigEndian(entry[8..]), BinaryPrimitives.ReadInt32BigEndian(entry[12..]));
        }
        return tables;
    }

    private static int[] Starts(ReadOnlySpan<byte> loca, bool isLong)
    {
        var starts = new int[loca.Length / (isLong ? 4 : 2)];
        for (var i = 0; i < starts.Length; i++)
            starts[i] = isLong ? BinaryPrimitives.ReadInt32BigEndian(loca[(i * 4)..])
                : BinaryPrimitives.ReadUInt16BigEndian(loca[(i * 2)..]) * 2;
        return starts;
    }

    /// <summary>The glyphs that a composed one is made of.</summary>
    private static List<int> Parts(ReadOnlySpan<byte> outline)
    {
        var parts = new List<int>();
        if (outline.Length < 10 || BinaryPrimitives.ReadInt16BigEndian(outline) >= 0)
            return parts;
        for (var at = 10; ;)
        {
            var flags = BinaryPrimitives.ReadUInt16BigEndian(outline[at..]);
            parts.Add(BinaryPrimitives.ReadUInt16BigEndian(outline[(at + 2)..]));
            at += 4 + ((flags & WordArguments) != 0 ? 4 : 2)
                + ((flags & Scale) != 0 ? 2 : (flags & TwoScales) != 0 ? 4 : (flags & Matrix) != 0 ? 8 : 0);
            if ((flags & MoreComponents) == 0)
                return parts;
        }
    }

    private static byte[] Font(IReadOnlyList<(string Name, ReadOnlyMemory<byte> Data)> tables)
    {
        using var font = new MemoryStream();
        var directory = new byte[Header + tables.Count * Entry];
        BinaryPrimitives.WriteUInt32BigEndian(directory, 0x00010000);
        BinaryPrimitives.WriteUInt16BigEndian(directory.AsSpan(4), (ushort)tables.Count);
        var power = BitOperations.Log2((uint)tables.Count);
        BinaryPrimitives.WriteUInt16BigEndian(directory.AsSpan(6), (ushort)(16 << power));
        BinaryPrimitives.WriteUInt16BigEndian(directory.AsSpan(8), (ushort)power);
        BinaryPrimitives.WriteUInt16BigEndian(directory.AsSpan(10), (ushort)(tables.Count * 16 - (16 << power)));
        font.Write(directory);
        foreach (var (i, (name, data)) in tables.Index())
        {
            var entry = directory.AsSpan(Header + i * Entry, Entry);
            Encoding.ASCII.GetBytes(name, entry);
            BinaryPrimitives.WriteUInt32BigEndian(entry[4..], Sum(data.Span));
            BinaryPrimitives.WriteUInt32BigEndian(entry[8..], (uint)font.Length);
            BinaryPrimitives.WriteUInt32BigEndian(entry[12..], (uint)data.Length);
            font.Write(data.Span);
            while (font.Length % 4 != 0)
                font.WriteByte(0);
        }
        var whole = font.ToArray();
        directory.CopyTo(whole, 0);
        return whole;
    }

    private static uint Sum(ReadOnlySpan<byte> table)
    {
        uint sum = 0;
        for (var i = 0; i < table.Length; i++)
            sum += (uint)table[i] << (24 - i % 4 * 8);
        return sum;
    }
}
