using System.Buffers.Binary;

namespace LdcLedger.Reports.Fonts;

/// <summary>A TrueType font as WOFF 1.0: the same tables, each compressed.</summary>
internal static class WebFont
{
    private const int HeaderSize = 44, EntrySize = 20, TrueTypeHeader = 12, TrueTypeEntry = 16;

    public static byte[] Of(ReadOnlySpan<byte> font)
    {
        var count = BinaryPrimitives.ReadUInt16BigEndian(font[4..]);
        var directory = new byte[HeaderSize + count * EntrySize];
        using var body = new MemoryStream();
        var unpacked = TrueTypeHeader + count * TrueTypeEntry;
        for (var i = 0; i < count; i++)
        {
            var entry = font.Slice(TrueTypeHeader + i * TrueTypeEntry, TrueTypeEntry);
            var (offset, length) = (Number(entry[8..]), Number(entry[12..]));
            var table = font.Slice(offset, length);
            var packed = ManagedZlib.Deflated(table);
            var stored = packed.Length < length ? packed : table.ToArray();
            var written = directory.AsSpan(HeaderSize + i * EntrySize, EntrySize);
            entry[..4].CopyTo(written);
            Put(written[4..], directory.Length + (int)body.Length);
            Put(written[8..], stored.Length);
            Put(written[12..], length);
            entry[4..8].CopyTo(written[16..]);
            body.Write(stored);
            while (body.Length % 4 != 0)
                body.WriteByte(0);
            unpacked += (length + 3) / 4 * 4;
        }
        "wOFF"u8.CopyTo(directory);
        font[..4].CopyTo(directory.AsSpan(4));
        Put(directory.AsSpan(8), directory.Length + (int)body.Length);
        BinaryPrimitives.WriteUInt16BigEndian(directory.AsSpan(12), count);
        Put(directory.AsSpan(16), unpacked);
        BinaryPrimitives.WriteUInt16BigEndian(directory.AsSpan(20), 1);
        return [.. directory, .. body.ToArray()];
    }

    private static int Number(ReadOnlySpan<byte> at) => checked((int)BinaryPrimitives.ReadUInt32BigEndian(at));

    private static void Put(Span<byte> at, int number) => BinaryPrimitives.WriteUInt32BigEndian(at, (uint)number);
}
