using LdcLedger.Ledger.ReadModels;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/</c>: every study, newest first.</summary>
public sealed partial class StudiesPage
{
    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<ToldStudy> Studies { get; set; }

    /// <summary>How many there are in all.</summary>
    [Parameter, EditorRequired]
    public required long Of { get; set; }

    /// <summary>What the next part goes on after; null: there are no more.</summary>
    [Parameter]
    public string? Next { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view, Cursor cursor)
    {
        var limit = (int)(view.Whole("limit", 1, 200) ?? 200);
        if (view.Time is { } time)
        {
            var then = await view.Ledger.Past.StudiesAsync(time, limit, 0, view.Cancellation);
            IReadOnlyList<ToldStudy> stood = [.. then.Items.Select(s => new ToldStudy(s.Study, null))];
            return ShownPage.Of<StudiesPage>((nameof(Studies), stood), (nameof(Of), then.Of));
        }
        var list = Cursor.ListOf(view);
        var (studies, next) = await view.Ledger.StudiesAsync(
            view["cursor"] is { } text ? cursor.Read(list, text) : null, limit, view.Cancellation);
        return ShownPage.Of<StudiesPage>(
            (nameof(Studies), studies), (nameof(Of), await view.Ledger.CountStudiesAsync(view.Cancellation)),
            (nameof(Next), next is null ? null : cursor.Write(list, next)));
    }
}
