using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace LdcLedger.Domain.Identity;

/// <summary>
/// UUID version 5 (RFC 9562 section 5.5): SHA-1 of namespace and name. The same name gives the same id everywhere and for ever.
/// </summary>
public static class NameBasedGuid
{
    public static Guid Of(Guid space, string name)
    {
        var bytes = new byte[16 + Encoding.UTF8.GetByteCount(name)];
        space.TryWriteBytes(bytes, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(16));
        Span<byte> hash = stackalloc byte[20];
#pragma warning disable CA5350 // SHA-1 is what version 5 is defined with; it names, it does not protect.
        SHA1.HashData(bytes, hash);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>First 8 hexadecimal digits: how ids are shown where a unique prefix will do.</summary>
    public static string Short(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes).ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
    }
}
