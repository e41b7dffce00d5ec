using LdcLedger.Ledger.Chain;
using LdcLedger.Web.Access;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Pages;

/// <summary>
/// Every page, a row for each. To add one: a component <c>XPage.razor</c> in this folder, whose mark-up is a <see cref="Shell"/> around at
/// least one <see cref="Live"/> (what changes stands in it; forms and sliders outside), a <c>LoadAsync</c> in its <c>XPage.razor.cs</c>
/// that asks the <see cref="View"/> and nothing else, and its row here. The tests then demand that it be in the table of rights.
/// </summary>
public static class PageTable
{
    /// <param name="keys">Whose signatures under seals are trusted; null: nobody's.</param>
    public static IReadOnlyList<PageRoute> All(Cursor cursor, Func<IReadOnlyList<PublicSealKey>?> keys) =>
    [
        new("/", ["at", "cursor", "limit"], view => StudiesPage.LoadAsync(view, cursor)),
        new("/studies/{study}", ["at"], StudyPage.LoadAsync) { Access = RouteAccess.BoundReaders },
        new("/studies/{study}/map", ["at", "rule"], MapPage.LoadAsync) { Access = RouteAccess.BoundReaders },
        new("/studies/{study}/stage2", ["at"], Stage2Page.LoadAsync) { Access = RouteAccess.BoundReaders },
        new("/studies/{study}/rankings", ["at", "rule", "stability"], RankingsPage.LoadAsync) { Access = RouteAccess.BoundReaders },
        new("/runs", RunsPage.Filters, view => RunsPage.LoadAsync(view, cursor)),
        new("/runs/{run}", ["at", "after"], RunPage.LoadAsync) { Access = RouteAccess.BoundReaders },
        new("/events/{event}", [], view => EventPage.LoadAsync(view, keys)) { Access = RouteAccess.BoundReaders },
        new("/workers", [], WorkersPage.LoadAsync) { IsOfLedgerAlone = false },
        new("/ledger", [], LedgerPage.LoadAsync),
    ];
}
