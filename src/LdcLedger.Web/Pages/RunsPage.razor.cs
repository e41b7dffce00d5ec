using LdcLedger.Domain.Runs;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Pages;

/// <summary><c>/runs</c>: runs of all studies, newest first, by whatever tells them apart.</summary>
public sealed partial class RunsPage
{
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
        var filter = await view.FilterAsync();
        var list = Cursor.ListOf(view);
        var (runs, next) = await view.Ledger.RunsAsync(
            filter, view["cursor"] is { } text ? cursor.Read(list, text) : null, limit, view.Cancellation);
        return ShownPage.Of<RunsPage>((nameof(Runs), runs), (nameof(Next), next is null ? null : cursor.Write(list, next)));
    }

    /// <summary>The same filter, from its first part.</summary>
    private string CompareQuery => QueryString.Create(View.Request.Query
        .Where(q => q.Key is not ("cursor" or "limit") && q.Value.ToString().Length > 0)).Value ?? "";

    private string Command =>
        "ldc run list" + (View["study"] is { } study ? $" --study {study}" : "")
        + (View["status"] is { } status ? $" --status {status}" : "");
}
