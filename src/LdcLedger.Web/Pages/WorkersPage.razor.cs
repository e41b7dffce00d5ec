using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Runs;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/workers</c>: who is there, and what each does.</summary>
public sealed partial class WorkersPage
{
    private const int NewestStudies = 10;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<WorkerSeen> Workers { get; set; }

    /// <summary>The newest, whose work is a page of each.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<ToldStudy> Studies { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view) => view.At is not null
        ? throw new BadQuery(
            "Workers are shown as they are now: what they say of themselves is kept nowhere. Who trained what at an earlier moment stands "
            + "in the runs of that moment.")
        : ShownPage.Of<WorkersPage>((nameof(Workers), await new WorkerRegister(view.Ledger.Store).AllAsync(view.Cancellation)),
            (nameof(Studies), (await view.Ledger.StudiesAsync(null, NewestStudies, view.Cancellation)).Studies));
}
