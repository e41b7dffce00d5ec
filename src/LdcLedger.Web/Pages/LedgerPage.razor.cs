using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/ledger</c>: how far it has come, what is sealed of it, whether it is what was recorded, and its rules.</summary>
public sealed partial class LedgerPage
{
    private const int MostSeals = 200, MostDifferences = 100;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    /// <summary>The place of the last event that is shown.</summary>
    [Parameter, EditorRequired]
    public required long Last { get; set; }

    /// <summary>Newest first.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<ShownSeal> Seals { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<DefinedRule> Rules { get; set; }

    /// <summary>The newest that was asked for in this process; null: none, or an earlier moment is shown.</summary>
    [Parameter]
    public LedgerVerification? Verification { get; set; }

    /// <summary>What was asked for on the page before; null: nothing.</summary>
    [Parameter]
    public Receipt? Receipt { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view, Verifications verifications)
    {
        var last = view.Time is { } time ? await view.Ledger.PlaceAsync(time, view.State.Position, view.Cancellation) : view.State.Last;
        var rules = await view.DefinedAsync();
        return ShownPage.Of<LedgerPage>(
            (nameof(Last), last), (nameof(Seals), await view.SealsAsync(last)),
            (nameof(Rules), (IReadOnlyList<DefinedRule>)[.. rules.Where(rule => view.Time is not { } at || rule.At <= at)]),
            (nameof(Verification), view.IsLive ? verifications.Newest : null), (nameof(Receipt), await view.ReceiptAsync()));
    }
}
