using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LdcLedger.Ledger.Chain;

/// <summary>What one link of a stream's hash chain covers: the event before, and everything an event states.</summary>
/// <param name="Previous">Hash of the event before in the stream; null for the first.</param>
/// <param name="Causation">Id of the event that led to this one; null where a person did.</param>
public readonly record struct ChainLink(
    string? Previous, Guid Stream, long Version, string Type, Guid Id, DateTimeOffset Timestamp, string? Causation, JsonElement Data)
{
    /// <summary>
    /// SHA-256, in lower-case hexadecimal, over these texts with a zero byte after each: <c>ledger/v1</c>, previous hash or nothing,
    /// stream, version, type, id, timestamp in microseconds since 1970, causation or nothing; then the canonical JSON of the data.
    /// </summary>
    public string Hash()
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        foreach (var field in (ReadOnlySpan<string>)
            [
                "ledger/v1", Previous ?? "", Stream.ToString("D"), Version.ToString(CultureInfo.InvariantCulture), Type, Id.ToString("D"),
                Microseconds(Timestamp).ToString(CultureInfo.InvariantCulture), Causation ?? "",
            ])
        {
            Encoding.UTF8.GetBytes(field, bytes);
            bytes.Write("\0"u8);
        }
        CanonicalJson.Write(Data, bytes);
        return Convert.ToHexStringLower(SHA256.HashData(bytes.WrittenSpan));
    }

    /// <summary>PostgreSQL keeps microseconds, so a timestamp is cut to them before it is hashed.</summary>
    public static DateTimeOffset Cut(DateTimeOffset time) =>
        new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    private static long Microseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
}
