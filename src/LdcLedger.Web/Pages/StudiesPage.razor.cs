using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.ReadModels;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/</c>: every study, newest first.</summary>
public sealed partial class StudiesPage
{
    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required Page<StudySummary> Studies { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view) => ShownPage.Of<StudiesPage>(
        (nameof(Studies), await view.Ledger.Now.StudiesAsync(200, 0, view.Cancellation)));
}
