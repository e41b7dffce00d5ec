using LdcLedger.Ledger.Seals;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Pages;

/// <summary>A row of <see cref="FormTable"/>: what a button of a page asks for.</summary>
/// <param name="Pattern">Where its form is sent.</param>
/// <param name="AskAsync">Does it; gives the page to go on with.</param>
internal sealed record FormRoute(string Pattern, Func<View, IFormCollection, Task<string>> AskAsync);

/// <summary>
/// Every form by which an operator asks for something; its <see cref="OperatorForm"/> stands on a page. They do what the API does, and the
/// page that follows shows the receipt.
/// </summary>
internal static class FormTable
{
    public static IReadOnlyList<FormRoute> All(Verifications verifications, Func<SealKeys> keys) =>
    [
        Of("/studies/{study}/cancel", (view, form) => StudyRequests.CancelAsync(view, form["reason"]), asked => asked.Place),
        Of("/studies/{study}/extend", (view, form) => StudyRequests.ExtendAsync(view, form["rule"]), asked => asked.Place),
        Of("/studies/{study}/playground", (view, form) => StudyRequests.DefineAndExtendAsync(view, form["rule"]), asked => asked.Place),
        Of("/runs/{run}/retry", (view, form) => StudyRequests.RetryAsync(view, form["reason"]), asked => asked.Place),
        Of("/ledger/seals", (view, _) => LedgerRequests.SealAsync(view, keys()), _ => "/ledger"),
        Of("/ledger/rules", (view, form) => LedgerRequests.DefineAsync(view, form["rule"], null), _ => "/ledger"),
        new("/ledger/verifications", async (view, _) =>
        {
            await verifications.BeginAsync(view.Viewer.Name, view.Cancellation);
            return view.Url("/ledger");
        }),
    ];

    private static FormRoute Of(string pattern, Func<View, IFormCollection, Task<Asked>> ask, Func<Asked, string> page) =>
        new(pattern, async (view, form) =>
        {
            var asked = await ask(view, form);
            return view.Url(page(asked), ("receipt", asked.Receipt?.Last.Id));
        });
}
