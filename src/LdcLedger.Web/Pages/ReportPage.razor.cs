using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/studies/{study}/report</c>: the report at a position, to be read, taken away and compared.</summary>
public sealed partial class ReportPage
{
    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required ShownStudy Study { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<AggregationRule> Rules { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<AggregationRule> Known { get; set; }

    private string RuleText => string.Join(',', Rules.Select(rule => rule.Reference));

    // Whoever takes it away takes what is shown, also where the study has moved on since.
    private string FileUrl(string extension) => View.Url(
        $"/api/v1/studies/{Study.Id}/report.{extension}", ("at", Study.Facts.Position), ("rule", View["rule"]));

    private string PreviewUrl => View.Url(
        PageEndpoints.Preview.Replace("{study}", Study.Id.ToString("D"), StringComparison.Ordinal),
        ("at", Study.Facts.Position), ("rule", View["rule"]));

    internal static async Task<ShownPage> LoadAsync(View view)
    {
        var (study, rules) = await ShownReports.AskedAsync(view, StudyDepth.Results);
        return ShownPage.Of<ReportPage>(
            (nameof(Study), study), (nameof(Rules), rules), (nameof(Known), (await view.BookAsync()).Newest));
    }
}
