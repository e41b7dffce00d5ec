using System.Buffers.Binary;
using System.IO.Compression;
using ICSharpCode.SharpZipLib.Checksum;
using LdcLedger.Reports.Fonts;

namespace LdcLedger.Reports.Figures;

/// <summary>
/// A PNG with its pixels compressed again by <see cref="ManagedZlib"/>, since SkiaSharp's own zlib chooses its code by the processor, and
/// with its size on paper, which SkiaSharp does not state.
/// </summary>
internal static class PortablePng
{
    private const int SignatureLength = 8;

    /// <param name="png">As SkiaSharp writes it.</param>
    /// <param name="pixelsPerPoint">Of a 72nd of an inch.</param>
    public static byte[] Of(byte[] png, double pixelsPerPoint)
    {
        using var pixels = new MemoryStream();
        using var result = new MemoryStream();
        result.Write(png, 0, SignatureLength);
        for (var at = SignatureLength; at < png.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            var type = png.AsSpan(at + 4, 4);
            if (type.SequenceEqual("IDAT"u8))
                pixels.Write(png, at + 8, length);
            else
            {
                if (type.SequenceEqual("IEND"u8))
                    Write(result, "IDAT"u8, ManagedZlib.Deflated(Unpacked(pixels.ToArray())));
                Write(result, type, png.AsSpan(at + 8, length));
                if (type.SequenceEqual("IHDR"u8))
                    Write(result, "pHYs"u8, Resolution(pixelsPerPoint));
            }
            at += length + 12;
        }
        return result.ToArray();
    }

    /// <summary>Across and down, in pixels per metre, and that they are per metre.</summary>
    private static byte[] Resolution(double pixelsPerPoint)
    {
        var resolution = new byte[9];
        var pixelsPerMetre = (uint)Math.Round(pixelsPerPoint * 72 / 0.0254);
        BinaryPrimitives.WriteUInt32BigEndian(resolution, pixelsPerMetre);
        BinaryPrimitives.WriteUInt32BigEndian(resolution.AsSpan(4), pixelsPerMetre);
        resolution[8] = 1;
        return resolution;
    }

    private static byte[] Unpacked(byte[] packed)
    {
        using var from = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var to = new MemoryStream();
        from.CopyTo(to);
        return to.ToArray();
    }

    /// <summary>Length, type, data, and the checksum over type and data.</summary>
    private static void Write(MemoryStream to, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, (uint)data.Length);
        to.Write(number);
        to.Write(type);
        to.Write(data);
        var sum = new Crc32();
        sum.Update([.. type, .. data]);
        BinaryPrimitives.WriteUInt32BigEndian(number, (uint)sum.Value);
        to.Write(number);
    }
}
