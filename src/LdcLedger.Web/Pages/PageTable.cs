using LdcLedger.Web.Access;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Pages;

/// <summary>
/// Every page, a row for each. To add one: a component <c>XPage.razor</c> in this folder, whose mark-up is a <see cref="Shell"/> around at
/// least one <see cref="Live"/> (what changes stands in it; forms and sliders outside), a <c>LoadAsync</c> in its <c>XPage.razor.cs</c>
/// that asks the <see cref="View"/> and nothing else, and its row here. The tests then demand that it be in the table of rights.
/// </summary>
public static class PageTable
{
    /// <param name="verifications">Those that were asked for in this process.</param>
    public static IReadOnlyList<PageRoute> All(WebParts parts, Verifications verifications) =>
    [
        new("/", ["at", "name", "cursor", "limit"], view => StudiesPage.LoadAsync(view, parts.Cursor)),
        new("/studies/{study}", ["at", "receipt"], StudyPage.LoadAsync) { Access = RouteAccess.BoundReaders },
        new("/studies/{study}/map", ["at", .. ShownNorms.Parameters], view => MapPage.LoadAsync(view, parts.Reports))
            { Access = RouteAccess.BoundReaders },
        new("/studies/{study}/stage2", ["at"], Stage2Page.LoadAsync) { Access = RouteAccess.BoundReaders },
        new("/studies/{study}/work", ["at"], WorkPage.LoadAsync) { Access = RouteAccess.BoundReaders },
        new("/studies/{study}/rankings", ["at", "rule", "stability", "history", "since"], RankingsPage.LoadAsync)
            { Access = RouteAccess.BoundReaders },
        new("/studies/{study}/report", ["at", "rule"], ReportPage.LoadAsync) { Access = RouteAccess.BoundReaders },
        new("/studies/{study}/playground", ["at", "rule", View.RuleText], view => PlaygroundPage.LoadAsync(view, parts.Reports.Work))
            { Access = RouteAccess.BoundReaders },
        new("/reports/diff", ["left", "right", "leftAt", "rightAt", "rule"], view => ReportDiffPage.LoadAsync(view, parts.Reports)),
        new("/reports/verify", [], VerifyPage.LoadAsync),
        new("/reports/verify", [], view => VerifyPage.LookAsync(view, parts.Reports.Work)) { Method = "POST", Limit = BodyLimit.OfFiles },
        new("/runs", [.. RunFilters.Parameters, "at"], view => RunsPage.LoadAsync(view, parts.Cursor)),
        new("/compare", [.. RunFilters.Parameters, "by"], view => ComparePage.LoadAsync(view, parts)),
        new("/runs/{run}", ["at", "after", "receipt"], RunPage.LoadAsync) { Access = RouteAccess.BoundReaders },
        new("/events/{event}", ["at"], view => EventPage.LoadAsync(view, parts.Keys)) { Access = RouteAccess.BoundReaders },
        new("/status", ["doctor"], view => StatusPage.LoadAsync(view, parts)) { IsOfLedgerAlone = false },
        new("/reference", [], view => ReferencePage.LoadAsync(view, parts)) { Access = RouteAccess.BoundReaders },
        new("/workers", ["at"], WorkersPage.LoadAsync) { IsOfLedgerAlone = false },
        new("/ledger", ["at", "receipt"], view => LedgerPage.LoadAsync(view, verifications))
        {
            Beside = view => LedgerPage.Beside(view, verifications.Newest),
        },
    ];
}
