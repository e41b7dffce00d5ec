using System.Globalization;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/ledger</c>: how far it has come, what is sealed of it, whether it is what was recorded, and its rules.</summary>
public sealed partial class LedgerPage
{
    private const int MostSeals = 200, MostDifferences = 100, LagHeight = 40;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    /// <summary>The place of the last event that is shown.</summary>
    [Parameter, EditorRequired]
    public required long Last { get; set; }

    /// <summary>How many there are up to there.</summary>
    [Parameter, EditorRequired]
    public required long Events { get; set; }

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

    /// <summary>What the page shows that is not in the ledger, as a text that changes with it.</summary>
    internal static string Beside(View view, LedgerVerification? newest) => view.IsLive ? string.Join(
        ' ', newest?.Number, newest?.Status, newest?.Events, view.State.Trend.StillSince?.UtcTicks,
        view.State.Trend.Stretches.LastOrDefault()) : "";

    private LagTrend Trend => View.State.Trend;

    /// <summary>When the read models were furthest behind; null: never by a second.</summary>
    private LagStretch? Worst =>
        Trend.Stretches.MaxBy(stretch => stretch.Worst) is { Worst.TotalSeconds: >= 1 } worst ? worst : null;

    // Of the height of the picture: the worst is as high as it.
    private int HeightOf(LagStretch stretch) => (int)Math.Ceiling(LagHeight * stretch.Worst / Worst!.Worst);

    /// <summary>Which events each seal came over, of the newest seals the first first, in thousandths of the ledger.</summary>
    private IEnumerable<LaneBar> Ranges =>
        from seal in Seals.Take(MostSeals).Reverse()
        let left = Place(seal.Fact.PreviousPosition)
        select new LaneBar(left, Math.Max(1, Place(seal.Fact.Position) - left), "", string.Create(
            CultureInfo.InvariantCulture,
            $"{seal.Fact.PreviousPosition + 1:N0} to {seal.Fact.Position:N0}, sealed {AsOf.Text(seal.Event.Timestamp)}"));

    private int Place(long position) => Events == 0 ? 0 : (int)Math.Clamp(Lane.Width * position / Events, 0, Lane.Width - 1);

    private static int PlaceOf(LagStretch stretch, LagStretch newest) =>
        LagTrend.MostStretches - 1 - (int)((newest.Begins - stretch.Begins) / LagTrend.StretchInterval);

    internal static async Task<ShownPage> LoadAsync(View view, Verifications verifications)
    {
        var last = view.Time is { } time ? await view.Ledger.PlaceAsync(time, view.State.Position, view.Cancellation) : view.State.Last;
        var rules = await view.DefinedAsync();
        var seals = await view.SealsAsync(last);
        // A seal is over all events before its own.
        var count = seals is [var newest, ..]
            ? newest.Fact.Position + await view.Ledger.CountAsync(newest.Event.Sequence, last, view.Cancellation)
            : await view.Ledger.CountAsync(0, last, view.Cancellation);
        return ShownPage.Of<LedgerPage>(
            (nameof(Events), count), (nameof(Last), last), (nameof(Seals), seals),
            (nameof(Rules), (IReadOnlyList<DefinedRule>)[.. rules.Where(rule => view.Time is not { } at || rule.At <= at)]),
            (nameof(Verification), view.IsLive ? verifications.Newest : null), (nameof(Receipt), await view.ReceiptAsync()));
    }
}
