using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/runs</c>: runs of all studies, newest first, by whatever tells them apart.</summary>
public sealed partial class RunsPage
{
    public static readonly IReadOnlyList<string> Filters =
        ["study", "model", "domain", "stage", "role", "status", "seed", "worker", "cursor", "limit"];

    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<RunSummary> Runs { get; set; }

    /// <summary>What the next part goes on after; null: there are no more.</summary>
    [Parameter]
    public string? Next { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view, Cursor cursor)
    {
        var limit = (int)(view.Whole("limit", 1, 200) ?? 200);
        var study = view["study"] is { } named ? (await view.StudyAsync(named)).Id : (Guid?)null;
        var filter = new RunFilter(
            study, view["model"], view["domain"], (int?)view.Whole("stage", 0, 2), view["role"], view["status"],
            (int?)view.Whole("seed", int.MinValue, int.MaxValue), view["worker"]);
        var list = Cursor.ListOf(view);
        var (runs, next) = await view.Ledger.RunsAsync(
            filter, view["cursor"] is { } text ? cursor.Read(list, text) : null, limit, view.Cancellation);
        return ShownPage.Of<RunsPage>((nameof(Runs), runs), (nameof(Next), next is null ? null : cursor.Write(list, next)));
    }

    private string Command =>
        "ldc run list" + (View["study"] is { } study ? $" --study {study}" : "")
        + (View["status"] is { } status ? $" --status {status}" : "");
}
