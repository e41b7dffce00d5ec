using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/ledger</c>: how far it has come, and what is sealed of it.</summary>
public sealed partial class LedgerPage
{
    private const int MostSeals = 200;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    /// <summary>Newest first.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<LedgerEvent> Seals { get; set; }

    private LedgerSealed? Newest => Seals.Select(e => e.Fact).OfType<LedgerSealed>().FirstOrDefault();

    internal static async Task<ShownPage> LoadAsync(View view)
    {
        var seals = await view.Ledger.Now.HistoryAsync(LedgerIds.Seals, view.Cancellation);
        return ShownPage.Of<LedgerPage>(
            (nameof(Seals), (IReadOnlyList<LedgerEvent>)[.. seals.Where(e => e.Sequence <= view.State.Position).Reverse()]));
    }
}
