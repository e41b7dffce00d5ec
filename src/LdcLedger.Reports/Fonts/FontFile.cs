using System.Reflection;
using System.Security.Cryptography;
using SkiaSharp;

namespace LdcLedger.Reports.Fonts;

/// <summary>A font in the assembly, read when it is first needed.</summary>
/// <param name="name">Of the file.</param>
internal sealed class FontFile(string name)
{
    private readonly Lazy<SKTypeface> _typeface = new(() =>
    {
        using var stream = Open(name);
        return SKTypeface.FromStream(stream) ?? throw new InvalidOperationException($"Font {name} in the assembly cannot be read.");
    });

    // A font decides where lines break, so it is part of a report's provenance.
    private readonly Lazy<string> _sha256 = new(() =>
    {
        using var stream = Open(name);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    });

    public string Name => name;

    public SKTypeface Typeface => _typeface.Value;

    /// <summary>Lower-case hexadecimal.</summary>
    public string Sha256 => _sha256.Value;

    public long Length
    {
        get
        {
            using var stream = Open(name);
            return stream.Length;
        }
    }

    public byte[] Bytes()
    {
        using var stream = Open(name);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static Stream Open(string name) => Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
        ?? throw new InvalidOperationException($"Font {name} is missing in the assembly.");
}
