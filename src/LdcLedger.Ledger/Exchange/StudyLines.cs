using System.Buffers;
using System.Globalization;
using System.Text;
using LdcLedger.Ledger.Chain;

namespace LdcLedger.Ledger.Exchange;

/// <summary>
/// Studies as JSON lines, the form in which they go from one ledger to another: for each study a first line, then its events in ledger
/// order, each an <see cref="EventLine"/>. The page <c>infra/study-files.md</c> describes it for people who write such files.
/// </summary>
internal static class StudyLines
{
    /// <summary>Name of the form and its version; the first line says it.</summary>
    public const string Format = "ldcledger/1";

    /// <summary>Longer lines are refused unread: no event of any study comes near it.</summary>
    public const int MaxLineBytes = 16 << 20;

    public static void WriteFirst(IBufferWriter<byte> to, Guid study, long events, string root) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"format":"{{Format}}","study":"{{study:D}}","events":{{events}},"root":"{{root}}"}{{'\n'}}"""), to);
}
