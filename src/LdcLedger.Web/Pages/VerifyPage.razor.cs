using LdcLedger.Domain;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/reports/verify</c>: whether a report that somebody has is what this ledger gives.</summary>
public sealed partial class VerifyPage
{
    [Parameter, EditorRequired]
    public required View View { get; set; }

    /// <summary>How many studies there are that it can be of.</summary>
    [Parameter, EditorRequired]
    public required long Studies { get; set; }

    /// <summary>The name of the file that was sent; null: none was.</summary>
    [Parameter]
    public string? File { get; set; }

    [Parameter]
    public ReportVerdict? Verdict { get; set; }

    /// <summary>Why there is no verdict.</summary>
    [Parameter]
    public string? Refusal { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view) =>
        ShownPage.Of<VerifyPage>((nameof(Studies), await view.Ledger.CountStudiesAsync(view.Cancellation)));

    /// <summary>The same with what was found of the file that the form brought.</summary>
    internal static async Task<ShownPage> LookAsync(View view, HeavyWork work)
    {
        var studies = (nameof(Studies), (object?)await view.Ledger.CountStudiesAsync(view.Cancellation));
        try
        {
            var sent = await SentFile.OfFormAsync(view, "file");
            return ShownPage.Of<VerifyPage>(
                studies, (nameof(File), sent.Name), (nameof(Verdict), await ReportVerdict.OfAsync(view, sent, work)));
        }
        catch (Exception refused) when (refused is RuleViolation or BadQuery)
        {
            return ShownPage.Of<VerifyPage>(studies, (nameof(Refusal), refused.Message)) with { Status = 400 };
        }
    }
}
