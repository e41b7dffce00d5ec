using System.Buffers;
using System.Globalization;
using System.Text;
using LdcLedger.Ledger.Replay;

namespace LdcLedger.Ledger.Exchange;

/// <summary>
/// Studies as JSON lines, the form in which they go from one ledger to another: for each study a first line, then its events in ledger
/// order, a line each. The page <c>infra/study-files.md</c> describes it for people who write such files.
/// </summary>
internal static class StudyLines
{
    /// <summary>Name of the form and its version; the first line says it.</summary>
    public const string Format = "ldcledger/1";

    /// <summary>Longer lines are refused unread: no event of any study comes near it.</summary>
    public const int MaxLineBytes = 16 << 20;

    /// <summary>The only spelling of a time in a file that a ledger wrote.</summary>
    public static string Text(DateTimeOffset time) => AsOf.Text(time);

    public static void WriteFirst(IBufferWriter<byte> to, Guid study, long events, string root) => Write(to, string.Create(
        CultureInfo.InvariantCulture, $$"""{"format":"{{Format}}","study":"{{study:D}}","events":{{events}},"root":"{{root}}"}{{'\n'}}"""));

    /// <param name="canonicalData">RFC 8785.</param>
    public static void WriteEvent(
        IBufferWriter<byte> to, Guid stream, long version, string type, Guid id, DateTimeOffset timestamp, string? causation,
        ReadOnlySpan<byte> canonicalData, string chain)
    {
        Write(to, string.Create(CultureInfo.InvariantCulture,
            $$"""{"stream":"{{stream:D}}","version":{{version}},"type":"{{type}}","id":"{{id:D}}","timestamp":"{{Text(timestamp)}}","""));
        Write(to, causation is null ? "\"causation\":null,\"data\":" : $"\"causation\":\"{causation}\",\"data\":");
        to.Write(canonicalData);
        Write(to, $",\"chain\":\"{chain}\"}}\n");
    }

    private static void Write(IBufferWriter<byte> to, string text) => Encoding.UTF8.GetBytes(text, to);
}
