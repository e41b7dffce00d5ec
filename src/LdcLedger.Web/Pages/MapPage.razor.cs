using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Views;
using LdcLedger.Reports.Documents;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>
/// <c>/studies/{study}/map</c>: where each model changes, layer by layer; every number leads to the event that states it.
/// </summary>
public sealed partial class MapPage
{
    private const int Shades = 16;

    private static readonly string Measured = EventKinds.Of(typeof(LayerNormMeasured)).Alias;

    private Dictionary<(string Model, string Domain), RunSummary>? _first;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required ShownNorms Norms { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<AggregationRule> Known { get; set; }

    /// <summary>The figures of the report under the rule, but for losses.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<ReportFigure> Figures { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<NormMap> Maps { get; set; }

    /// <summary>What they say, in words.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<string> Findings { get; set; }

    private ShownStudy Study => Norms.Study;

    private AggregationRule Rule => Norms.Rule;

    internal static async Task<ShownPage> LoadAsync(View view, ShownReports reports)
    {
        var norms = await ShownNorms.OfAsync(view, StudyDepth.Norms);
        var shown = reports.Figures(norms, withLosses: false);
        return ShownPage.Of<MapPage>(
            (nameof(Norms), norms), (nameof(Figures), shown.All), (nameof(Maps), shown.Maps), (nameof(Findings), shown.FindingsOfNorms),
            (nameof(Known), (await view.BookAsync()).Newest));
    }

    private IEnumerable<ReportFigure> Curves =>
        Figures.Where(figure => ShownFigures.NameOf(figure).StartsWith("fig_norm_", StringComparison.Ordinal));

    /// <summary>The report's figure of a map; null where it has none.</summary>
    private ReportFigure? FigureOf(NormMap map) => map.Group is { } group
        ? Figures.Titled("layer_domain", map.Model, Regimes.Group(group).Line)
        : Figures.Titled("layer_module", map.Model, map.Domain!);

    private string FilesOf(ReportFigure figure) => View.Url($"/api/v1/studies/{Study.Id}/figures/{ShownFigures.NameOf(figure)}");

    private string FileQuery => View.Query(
        ("at", View["at"]), ("rule", View["rule"]), ("epoch", Norms.Epoch), ("seed", Norms.Seed));

    private static string NameOf(NormMap map) =>
        map.Group is { } group ? $"{map.Model}, {Regimes.Group(group).Line}" : $"{map.Model}, {map.Domain}";

    /// <summary>The event that states a layer's norms, of the first seed; null where no run of it completed.</summary>
    private Guid? EventOf(NormMap map, MapRow row, int layer)
    {
        var (model, domain) = (map.Model, map.Domain ?? row.Name);
        // Once for the page: it has thousands of numbers.
        _first ??= Study.Facts.Runs.Where(r => r.Stage == 1 && r.Role == Regimes.All && r.Status == RunStatuses.Completed)
            .GroupBy(r => (r.Model, r.Domain)).ToDictionary(cell => cell.Key, cell => cell.MinBy(r => r.Seed)!);
        var run = _first.GetValueOrDefault((model, domain));
        return run is null ? null : LedgerIds.Event(run.Id, Measured, Rule.Epoch ?? run.EpochsCompleted, layer);
    }

    private static int Shade(double value, double most) => most > 0 ? (int)Math.Clamp(value / most * (Shades - 1), 0, Shades - 1) : 0;
}
