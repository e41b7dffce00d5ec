using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace LdcLedger.Web.Access;

/// <summary>
/// How a token is written: <c>ldc_</c>, 256 random bits, and four letters over them, by which a token that was cut off or mistyped is told
/// from one that is unknown.
/// </summary>
public static class TokenText
{
    private const string Prefix = "ldc_";
    private const int CheckLength = 4;

    // 32 bytes in base64url.
    private const int RandomLength = 43;

    public static string New()
    {
        var random = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return Prefix + random + Check(random);
    }

    /// <summary>Whether a text could be a token at all.</summary>
    public static bool IsWhole(string text) =>
        text.Length == Prefix.Length + RandomLength + CheckLength && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text[^CheckLength..] == Check(text[Prefix.Length..^CheckLength]);

    /// <summary>What is kept of a token: it is random, so no slow hash is needed.</summary>
    public static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Check(string random) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(random)))[..CheckLength];
}
