using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>A layer whose rank an epoch moved.</summary>
/// <param name="From">Null: it had none before.</param>
/// <param name="Event">That states the layer's norms after that epoch.</param>
public sealed record RankMove(RankingPoint Point, int Layer, int? From, int To, Guid Event);

/// <summary>How one ranking came about: since when it is what it is, its ranks by position, and which event moved which layer.</summary>
public sealed partial class RankMoves
{
    private const int MostMoves = 100;

    private static readonly string Measured = EventKinds.Of(typeof(LayerNormMeasured)).Alias;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required ShownStudy Study { get; set; }

    [Parameter, EditorRequired]
    public required AggregationRule Rule { get; set; }

    [Parameter, EditorRequired]
    public required RankingHistory History { get; set; }

    [Parameter, EditorRequired]
    public required ReportFigure Figure { get; set; }

    private long? Since => View.Whole("since", 1, long.MaxValue);

    /// <summary>Moves of the layers that the figure shows, the newest first.</summary>
    private IReadOnlyList<RankMove> Moves
    {
        get
        {
            var layers = RankCharts.LayersOf(History);
            IReadOnlyList<RankMove> moves =
            [
                .. from pair in History.Points.Zip(History.Points.Skip(1))
                   from layer in layers
                   let before = pair.First.RankOf(layer)
                   let after = pair.Second.RankOf(layer)
                   where after is not null && after != before && (Since is null || pair.Second.Position > Since)
                   select new RankMove(pair.Second, layer, before, after.Value, EventOf(pair.Second, layer)),
            ];
            return [.. moves.Reverse()];
        }
    }

    /// <summary>The ranks at the position that the page is asked to begin at; null where nothing was measured then.</summary>
    private RankingPoint? Then => Since is { } since ? History.Points.LastOrDefault(point => point.Position <= since) : null;

    // The epoch that the rule ranks by, which need not be the one that was just measured.
    private Guid EventOf(RankingPoint point, int layer) => LedgerIds.Event(point.Run, Measured, Rule.Epoch ?? point.Epoch, layer);
}
