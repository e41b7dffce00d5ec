using System.Text;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Settings;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/events/{event}</c>: what was recorded, its place in the chain, and the proof that it is there.</summary>
public sealed partial class EventPage
{
    private const int MostCaused = 50;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required LedgerEvent Event { get; set; }

    /// <summary>Null: it belongs to none.</summary>
    [Parameter]
    public CitedStudy? Study { get; set; }

    [Parameter]
    public LedgerEvent? Previous { get; set; }

    [Parameter]
    public LedgerEvent? Next { get; set; }

    [Parameter]
    public LedgerEvent? Cause { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<LedgerEvent> Caused { get; set; }

    [Parameter]
    public InclusionProof? Proof { get; set; }

    /// <summary>Why there is no proof; null where there is.</summary>
    [Parameter]
    public string? WhyNone { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<PublicSealKey> Keys { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view, Func<IReadOnlyList<PublicSealKey>?> keys)
    {
        var shown = await view.EventAsync();
        var (e, upTo) = (shown.Event, shown.UpTo);
        var (proof, why) = await view.ProofAsync(shown);
        return ShownPage.Of<EventPage>(
            (nameof(Event), e),
            (nameof(Study), shown.Study is { } study ? await view.CitedAsync(study) : null),
            (nameof(Previous), e.Version == 1 ? null : await view.Ledger.EventAsync(e.Stream, e.Version - 1, upTo, view.Cancellation)),
            (nameof(Next), await view.Ledger.EventAsync(e.Stream, e.Version + 1, upTo, view.Cancellation)),
            (nameof(Cause), await CauseOfAsync(view, e, upTo)),
            (nameof(Caused), shown.Study is { } of
                ? await view.Ledger.CausedByAsync(of, e.Id, upTo, MostCaused + 1, view.Cancellation) : []),
            (nameof(Proof), proof), (nameof(WhyNone), why), (nameof(Keys), Trusted(keys)));
    }

    private static async Task<LedgerEvent?> CauseOfAsync(View view, LedgerEvent e, long upTo) =>
        Guid.TryParse(e.Causation, out var cause)
            ? (await view.Ledger.EventsByIdAsync([cause], upTo, view.Cancellation))
                .FirstOrDefault(found => !view.Viewer.IsBound || (found.Fact as IStudyEvent)?.StudyId == view.Viewer.Study) : null;

    private static IReadOnlyList<PublicSealKey> Trusted(Func<IReadOnlyList<PublicSealKey>?> keys)
    {
        try
        {
            return keys() ?? [];
        }
        catch (SettingRefused)
        {
            return [];   // the page says that it knows no key; `ldc doctor` says why
        }
    }

    private string Canonical
    {
        get
        {
            using var data = JsonDocument.Parse(Event.Data);
            return Encoding.UTF8.GetString(CanonicalJson.Of(data.RootElement));
        }
    }

    private string ProofText => Encoding.UTF8.GetString(Proof!.ToJson());

    // A path leads to its root from some other places, too, in trees of other sizes: those that the page names are the ones that count.
    private static string? PlaceText(TreePlace? place) =>
        place is null ? null : FormattableString.Invariant($"{place.Index} {place.Size} {place.Root}");

    /// <summary>Where the stream is shown as a whole; null where no page shows it.</summary>
    private (string Url, string Name)? StreamPage => EventKinds.Find(Event.Type)?.Stream switch
    {
        EventStream.Run => (View.Url($"/runs/{Event.Stream}", ("at", View["at"])), $"run {NameBasedGuid.Short(Event.Stream)}"),
        EventStream.Study => (View.Url($"/studies/{Event.Stream}", ("at", View["at"])), $"study {NameBasedGuid.Short(Event.Stream)}"),
        _ => null,
    };
}
