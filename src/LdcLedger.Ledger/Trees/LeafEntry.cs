using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using LdcLedger.Domain.Events;

namespace LdcLedger.Ledger.Trees;

/// <summary>
/// Which event a leaf of the ledger's tree was, in 48 bytes beside its chain hash. The chain hash proves; this names: where a sealed event
/// is gone or changed, it says which, and what of it. The marks are CRC-32C, for telling fields apart and for nothing else.
/// </summary>
internal readonly record struct LeafEntry(
    Guid Stream, long Version, long Microseconds, uint TypeMark, uint IdMark, uint CausationMark, uint DataMark)
{
    public const int Size = 48;

    public static uint Mark(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (var rest in bytes[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }

    public static uint Mark(string? text)
    {
        if (text is null)
            return 0;
        Span<byte> bytes = text.Length <= 128 ? stackalloc byte[3 * text.Length] : new byte[3 * text.Length];
        return Mark(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    public static uint Mark(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return Mark(bytes);
    }

    /// <summary>The name of its type, where it is one that this program knows.</summary>
    public string? Type
    {
        get
        {
            var mark = TypeMark;
            return EventKinds.All.Select(kind => kind.Alias).FirstOrDefault(alias => Mark(alias) == mark);
        }
    }

    public void Write(Span<byte> into)
    {
        Stream.TryWriteBytes(into, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(into[16..], Version);
        BinaryPrimitives.WriteInt64BigEndian(into[24..], Microseconds);
        BinaryPrimitives.WriteUInt32BigEndian(into[32..], TypeMark);
        BinaryPrimitives.WriteUInt32BigEndian(into[36..], IdMark);
        BinaryPrimitives.WriteUInt32BigEndian(into[40..], CausationMark);
        BinaryPrimitives.WriteUInt32BigEndian(into[44..], DataMark);
    }

    public static LeafEntry Read(ReadOnlySpan<byte> from) => new(
        new(from[..16], bigEndian: true),
        BinaryPrimitives.ReadInt64BigEndian(from[16..]), BinaryPrimitives.ReadInt64BigEndian(from[24..]),
        BinaryPrimitives.ReadUInt32BigEndian(from[32..]), BinaryPrimitives.ReadUInt32BigEndian(from[36..]),
        BinaryPrimitives.ReadUInt32BigEndian(from[40..]), BinaryPrimitives.ReadUInt32BigEndian(from[44..]));
}
