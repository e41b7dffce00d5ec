using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
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
        Write(bytes, Encoding.UTF8.GetBytes(Previous ?? ""), Stream, Version, Type, Id, Microseconds(Timestamp), Causation,
            JsonMarshal.GetRawUtf8Value(Data));
        return Convert.ToHexStringLower(SHA256.HashData(bytes.WrittenSpan));
    }

    /// <summary>What is hashed. <paramref name="previous"/> is hexadecimal, or empty.</summary>
    /// <param name="microseconds">Since 1970.</param>
    /// <param name="data">JSON in UTF-8, in any spelling.</param>
    /// <returns>Where in <paramref name="into"/> the canonical JSON of the data begins.</returns>
    internal static int Write(
        ArrayBufferWriter<byte> into, ReadOnlySpan<byte> previous, Guid stream, long version, string type, Guid id, long microseconds,
        string? causation, ReadOnlySpan<byte> data)
    {
        into.Write("ledger/v1\0"u8);
        into.Write(previous);
        into.Write("\0"u8);
        Write(into, stream);
        Write(into, version);
        Write(into, type);
        Write(into, id);
        Write(into, microseconds);
        Write(into, causation ?? "");
        var begins = into.WrittenCount;
        CanonicalJson.Write(data, into);
        return begins;
    }

    /// <summary>PostgreSQL keeps microseconds, so a timestamp is cut to them before it is hashed.</summary>
    public static DateTimeOffset Cut(DateTimeOffset time) =>
        new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    /// <summary>Since 1970.</summary>
    internal static long Microseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    private static void Write(ArrayBufferWriter<byte> into, Guid id)
    {
        var text = into.GetSpan(37);
        id.TryFormat(text, out var length);
        text[length] = 0;
        into.Advance(length + 1);
    }

    private static void Write(ArrayBufferWriter<byte> into, long number)
    {
        var text = into.GetSpan(21);
        Utf8Formatter.TryFormat(number, text, out var length);
        text[length] = 0;
        into.Advance(length + 1);
    }

    private static void Write(ArrayBufferWriter<byte> into, string text)
    {
        Encoding.UTF8.GetBytes(text, into);
        into.Write("\0"u8);
    }
}
