using System.Buffers.Binary;
using System.Text;

namespace LdcLedger.Torch.Libtorch;

/// <summary>
/// The symbol versions that an ELF library asks of another (System V ABI, "Symbol Versioning"). TorchSharp 0.107's bindings ask libstdc++
/// for GLIBCXX_3.4.32 only because of one symbol that they never call; the loader refuses the whole file where libstdc++ is older, unless
/// the entry is marked weak.
/// </summary>
internal static class SymbolVersions
{
    private const uint SectionNeeds = 0x6ffffffe;                  // SHT_GNU_verneed
    private const ushort Weak = 2;                                 // VER_FLG_WEAK

    /// <summary>
    /// Marks weak, in <paramref name="image"/>, each version asked of <paramref name="library"/> that <paramref name="provided"/> does not
    /// define.
    /// </summary>
    /// <returns>Whether anything was missing.</returns>
    public static bool MakeMissingOptional(Span<byte> image, string library, ReadOnlySpan<byte> provided)
    {
        // 64-bit little-endian only
        if (image.Length < 64 || !image[..4].SequenceEqual("\u007fELF"u8) || image[4] != 2 || image[5] != 1) return false;
        var sections = (int)BinaryPrimitives.ReadInt64LittleEndian(image[0x28..]);
        int sectionSize = BinaryPrimitives.ReadUInt16LittleEndian(image[0x3A..]),
            count = BinaryPrimitives.ReadUInt16LittleEndian(image[0x3C..]);
        var changed = false;
        for (var s = 0; s < count; s++)
        {
            var header = image[(sections + s * sectionSize)..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != SectionNeeds) continue;
            var names = (int)BinaryPrimitives.ReadInt64LittleEndian(
                image[(sections + (int)BinaryPrimitives.ReadUInt32LittleEndian(header[0x28..]) * sectionSize + 0x18)..]);
            var need = (int)BinaryPrimitives.ReadInt64LittleEndian(header[0x18..]);
            for (var left = (int)BinaryPrimitives.ReadUInt32LittleEndian(header[0x2C..]); left > 0; left--)
            {
                var entry = image[need..];
                if (NameAt(image, names + (int)BinaryPrimitives.ReadUInt32LittleEndian(entry[4..])) == library)
                    changed |= MarkMissing(image, need + (int)BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]),
                                           BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]), names, provided);
                need += (int)BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
            }
        }
        return changed;
    }

    private static bool MarkMissing(Span<byte> image, int version, int count, int names, ReadOnlySpan<byte> provided)
    {
        var changed = false;
        for (; count > 0; count--)
        {
            var entry = image[version..];
            var name = NameAt(image, names + (int)BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
            if (provided.IndexOf(Encoding.ASCII.GetBytes($"\0{name}\0")) < 0)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(entry[4..], (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]) | Weak));
                changed = true;
            }
            version += (int)BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
        }
        return changed;
    }

    private static string NameAt(ReadOnlySpan<byte> image, int at)
    {
        var text = image[at..];
        return Encoding.ASCII.GetString(text[..text.IndexOf((byte)0)]);
    }
}
