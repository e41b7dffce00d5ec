using System.Reflection;
using System.Security.Cryptography;

namespace LdcLedger.Reports.Fonts;

/// <summary>A font file that every report is set in: it decides where lines break, so it is part of a report's provenance.</summary>
internal sealed record EmbeddedFont(string File, long Bytes, string Sha256)
{
    /// <summary>Every font of the assembly, by name.</summary>
    public static IReadOnlyList<EmbeddedFont> All { get; } =
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.EndsWith(".ttf", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(Read)];

    private static EmbeddedFont Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        return new(name, stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}
