using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;
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
    public required ShownStudy Study { get; set; }

    [Parameter, EditorRequired]
    public required AggregationRule Rule { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<AggregationRule> Known { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view)
    {
        var chosen = await view.RulesAsync(most: 1);
        var study = await view.StudyAsync(chosen, norms: true);
        var book = await view.BookAsync();
        return ShownPage.Of<MapPage>(
            (nameof(Study), study), (nameof(Rule), chosen?[0] ?? study.Study.Rule),
            (nameof(Known), (IReadOnlyList<AggregationRule>)
                [.. book.All.GroupBy(rule => rule.Name).Select(same => same.MaxBy(rule => rule.Version)!)]));
    }

    private IEnumerable<NormMap> Maps => NormMap.ByDomain(Study.Facts, Rule).Concat(NormMap.ByProjection(Study.Facts, Rule));

    /// <summary>The curves of the report, with one scale for all domains of a model.</summary>
    private IEnumerable<PointChart> Curves =>
        from model in NormFigure.Of(Study.Facts, Rule).GroupBy(figure => figure.Model)
        let top = model.SelectMany(f => f.Lines).SelectMany(l => l.Points).Select(p => p.Score).Where(double.IsFinite)
            .DefaultIfEmpty(1).Max()
        from figure in model
        select NormChart.Of(figure, top);

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
