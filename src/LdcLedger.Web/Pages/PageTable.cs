using LdcLedger.Web.Views;

namespace LdcLedger.Web.Pages;

/// <summary>
/// Every page, a row for each. To add one: a component <c>XPage.razor</c> in this folder, whose mark-up is a <see cref="Shell"/> around at
/// least one <see cref="Live"/> (what changes stands in it; forms and sliders outside), a <c>LoadAsync</c> in its <c>XPage.razor.cs</c>
/// that asks the <see cref="View"/> and nothing else, and its row here. The tests then demand that it be in the table of rights.
/// </summary>
public static class PageTable
{
    public static IReadOnlyList<PageRoute> All(Cursor cursor) =>
    [
        new("/", ["at", "cursor", "limit"], view => StudiesPage.LoadAsync(view, cursor)),
    ];
}
