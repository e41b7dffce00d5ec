using LdcLedger.Reports.Comparisons;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <summary>The tables of two reports, cell by cell.</summary>
/// <param name="Tables">Those that both have.</param>
/// <param name="OneSided">Tables of one side alone.</param>
public sealed record ReportDiffAnswer(
    StudyPosition Left, StudyPosition Right, bool IsSame, IReadOnlyList<TableComparison> Tables, IReadOnlyList<OneSided> OneSided);

/// <summary>What is answered of reports.</summary>
internal sealed class ReportsApi(ShownReports reports)
{
    public async Task<object> FileAsync(View view) => await reports.FileAsync(view, ReportForm.Find(view.Part("format")));

    public async Task<ReportVerdict> VerifyAsync(View view)
    {
        if (view.Request.HasFormContentType)
            throw new BadQuery("A report is sent as it is, the body of the request being its bytes: not as a form.");
        return await ReportVerdict.OfAsync(view, await SentFile.OfBodyAsync(view), reports.Work);
    }

    public async Task<ReportDiffAnswer> DiffAsync(View view)
    {
        var (left, right, _, compared) = await ReportSides.OfAsync(view, reports);
        return new(StudyPosition.Of(left), StudyPosition.Of(right), compared.IsSame, compared.Tables, compared.OneSided);
    }
}
