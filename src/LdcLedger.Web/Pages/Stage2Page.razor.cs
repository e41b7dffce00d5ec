using LdcLedger.Domain.Rules;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>
/// <c>/studies/{study}/stage2</c>: every decision of stage 2 with the ranking that it saw, and the cells that wait for one.
/// </summary>
public sealed partial class Stage2Page
{
    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required ShownStudy Study { get; set; }

    [Parameter, EditorRequired]
    public required Decisions Decisions { get; set; }

    /// <summary>Every rule there is to decide by, the newest version of each.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<AggregationRule> Known { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view)
    {
        var study = await view.StudyAsync();
        return ShownPage.Of<Stage2Page>(
            (nameof(Study), study), (nameof(Decisions), await Views.Decisions.OfAsync(view, study)),
            (nameof(Known), (await view.BookAsync()).Newest));
    }
}
