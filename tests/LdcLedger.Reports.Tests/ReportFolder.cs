using LdcLedger.Reports.Documents;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>A report's files, written as long as the test may go on.</summary>
internal static class ReportFolder
{
    public static WrittenReport Write(ReportDocument document, string folder, IReadOnlyCollection<string>? formats = null) =>
        ReportFiles.Write(document, folder, formats, TestContext.Current.CancellationToken);
}
