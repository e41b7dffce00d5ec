using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LdcLedger.Ledger.Chain;

/// <summary>
/// An event as it stands outside the database, in an export or a proof: all that its chain hash covers, and the hash. It is one line of
/// JSON, the same bytes wherever it is written.
/// </summary>
/// <param name="Timestamp">In whole microseconds.</param>
/// <param name="Causation">Id of the event that led to it; null where a person did.</param>
/// <param name="Data">Written in its canonical form.</param>
/// <param name="Chain">Lower-case hexadecimal.</param>
public sealed record EventLine(
    Guid Stream, long Version, string Type, Guid Id, DateTimeOffset Timestamp, string? Causation, JsonElement Data, string Chain)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>The only spelling of a time in a line, with the microseconds that the ledger keeps.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>What the chain hash has to be after the event before.</summary>
    /// <param name="previous">That event's chain hash; null before the first of a stream.</param>
    public string HashAfter(string? previous) => new ChainLink(previous, Stream, Version, Type, Id, Timestamp, Causation, Data).Hash();

    /// <summary>The line, without an end.</summary>
    public void WriteTo(IBufferWriter<byte> to) =>
        Write(to, Stream, Version, Type, Id, Timestamp, Causation, CanonicalJson.Of(Data), Chain);

    /// <summary>The same of an event whose canonical data is at hand.</summary>
    /// <param name="canonicalData">RFC 8785.</param>
    public static void Write(
        IBufferWriter<byte> to, Guid stream, long version, string type, Guid id, DateTimeOffset timestamp, string? causation,
        ReadOnlySpan<byte> canonicalData, string chain)
    {
        Write(to, string.Create(CultureInfo.InvariantCulture,
            $$"""{"stream":"{{stream:D}}","version":{{version}},"type":"{{type}}","id":"{{id:D}}","timestamp":"{{Text(timestamp)}}","""));
        Write(to, causation is null ? "\"causation\":null,\"data\":" : $"\"causation\":\"{causation}\",\"data\":");
        to.Write(canonicalData);
        Write(to, $",\"chain\":\"{chain}\"}}");
    }

    /// <exception cref="FormatException">A field is missing or is not what it should be; the message is the end of a sentence.</exception>
    public static EventLine Read(JsonElement json) => new(
        json.Uuid("stream"), json.Whole("version", 1), json.Text("type"), json.Uuid("id"), Time(json), json.TextOrNull("causation"),
        json.Field("data", JsonValueKind.Object), json.Sha256("chain"));

    private static DateTimeOffset Time(JsonElement json)
    {
        var text = json.Text("timestamp");
        return DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new FormatException($"timestamp is '{text}', which is no time such as 2026-11-25T15:26:58.257537Z");
    }

    private static void Write(IBufferWriter<byte> to, string text) => Encoding.UTF8.GetBytes(text, to);
}
