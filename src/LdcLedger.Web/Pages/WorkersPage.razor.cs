using LdcLedger.Ledger.Runs;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/workers</c>: who is there, and what each does.</summary>
public sealed partial class WorkersPage
{
    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<WorkerSeen> Workers { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view) =>
        ShownPage.Of<WorkersPage>((nameof(Workers), await new WorkerRegister(view.Ledger.Store).AllAsync(view.Cancellation)));
}
