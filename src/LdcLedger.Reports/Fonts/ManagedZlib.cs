using ICSharpCode.SharpZipLib.Zip.Compression;

namespace LdcLedger.Reports.Fonts;

/// <summary>
/// Compresses by managed code alone: native zlib chooses its code by the processor and its version by the system, and then the same content
/// has other bytes elsewhere.
/// </summary>
internal static class ManagedZlib
{
    /// <summary>In zlib's format, as PDF and WOFF want it.</summary>
    public static byte[] Deflated(ReadOnlySpan<byte> content)
    {
        var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION);
        deflater.SetInput(content.ToArray());
        deflater.Finish();
        using var packed = new MemoryStream(content.Length / 3 + 64);
        var buffer = new byte[32 * 1024];
        while (!deflater.IsFinished)
            packed.Write(buffer, 0, deflater.Deflate(buffer));
        return packed.ToArray();
    }
}
