using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Views;
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

    /// <summary>What moves of each; of an earlier moment nothing does.</summary>
    [Parameter]
    public IReadOnlyDictionary<Guid, StudyMovement>? Movements { get; set; }

    /// <summary>The place in the whole ledger up to which it is sealed.</summary>
    [Parameter]
    public long Sealed { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view, Cursor cursor)
    {
        var limit = (int)(view.Whole("limit", 1, 200) ?? 200);
        if (view.Time is { } time)
        {
            if (view["name"] is not null)
                throw new BadQuery("name finds studies as they are now; of an earlier moment all are listed.");
            var then = await view.Ledger.Past.StudiesAsync(time, limit, 0, view.Cancellation);
            IReadOnlyList<ToldStudy> stood = [.. then.Items.Select(s => new ToldStudy(s.Study, null))];
            return ShownPage.Of<StudiesPage>((nameof(Studies), stood), (nameof(Of), then.Of));
        }
        var list = Cursor.ListOf(view);
        var (studies, next) = await view.Ledger.StudiesAsync(
            view["cursor"] is { } text ? cursor.Read(list, text) : null, limit, view.Cancellation, view["name"]);
        return ShownPage.Of<StudiesPage>(
            (nameof(Studies), studies), (nameof(Of), await view.Ledger.CountStudiesAsync(view.Cancellation, view["name"])),
            (nameof(Movements), await view.Ledger.MovementsAsync(
                [.. studies.Select(s => s.Study.Id)], view.State.Position, view.Cancellation)),
            (nameof(Sealed), await view.Ledger.SealedAsync(view.State.Position, view.Cancellation)),
            (nameof(Next), next is null ? null : cursor.Write(list, next)));
    }
}
