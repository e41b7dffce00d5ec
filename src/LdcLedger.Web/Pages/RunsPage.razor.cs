using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Views;
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

    /// <summary>How many there are in all; of now nobody counts them.</summary>
    [Parameter]
    public long? Of { get; set; }

    /// <summary>What the next part goes on after; null: there are no more.</summary>
    [Parameter]
    public string? Next { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view, Cursor cursor)
    {
        var limit = (int)(view.Whole("limit", 1, 200) ?? 200);
        var filter = await view.FilterAsync();
        if (view.At is not null)
            return await LoadThenAsync(view, filter, limit);
        var list = Cursor.ListOf(view);
        var (runs, next) = await view.Ledger.RunsAsync(
            filter, view["cursor"] is { } text ? cursor.Read(list, text) : null, limit, view.Cancellation);
        return ShownPage.Of<RunsPage>((nameof(Runs), runs), (nameof(Next), next is null ? null : cursor.Write(list, next)));
    }

    // Folded from the events up to then. Of a single study that may be one of its positions, of all of them it is a time.
    private static async Task<ShownPage> LoadThenAsync(View view, RunFilter filter, int limit)
    {
        if (view["cursor"] is not null)
            throw new BadQuery(
                "cursor goes on in the list of now; of an earlier moment the newest are shown, and filters find the others.");
        var past = view.Ledger.Past;
        var stood = filter.Study is { } study
            ? await past.RunsAsync(
                await past.MomentAsync(study, view.At!, view.Cancellation), filter.Status, cancellation: view.Cancellation)
            : await past.RunsAsync(view.Time!.Value, filter.Status, cancellation: view.Cancellation);
        IReadOnlyList<RunSummary> runs = [.. stood.Items.Where(filter.Has).Reverse()];
        return ShownPage.Of<RunsPage>(
            (nameof(Runs), (IReadOnlyList<RunSummary>)[.. runs.Take(limit)]), (nameof(Of), (long)runs.Count));
    }

    private static string NameOf(RunSummary run) => RunFilters.NameOf(run.Id);

    /// <summary>The same filter, from its first part.</summary>
    private string CompareQuery => QueryString.Create(View.Request.Query
        .Where(q => q.Key is not ("cursor" or "limit") && q.Value.ToString().Length > 0)).Value ?? "";

    private string Command =>
        "ldc run list" + (View["study"] is { } study ? $" --study {ShellWord.Of(study)}" : "")
        + (View["status"] is { } status ? $" --status {ShellWord.Of(status)}" : "")
        + (View.At is { } at ? $" --as-of {ShellWord.Of($"{at}")}" : "");
}
