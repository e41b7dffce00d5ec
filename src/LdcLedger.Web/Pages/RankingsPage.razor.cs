using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Views;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>The rankings of one model, domain and group, a rule each.</summary>
/// <param name="Rows">In the order of the rules.</param>
/// <param name="Tau">How far two rules agree, by rule and rule; null where one of them ranks nothing.</param>
public sealed record RankingsOfCell(
    string Model, string Domain, string Group, IReadOnlyList<RankingRow> Rows, IReadOnlyList<IReadOnlyList<double?>> Tau);

/// <summary><c>/studies/{study}/rankings</c>: which layers change most, under one to six rules side by side, at any position.</summary>
public sealed partial class RankingsPage
{
    private const int MostRanks = 200;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required ShownStudy Study { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<AggregationRule> Rules { get; set; }

    /// <summary>Every rule there is to choose from, the newest version of each.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<AggregationRule> Known { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<RankingsOfCell> Cells { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<(long Position, LedgerEvent Event)> Milestones { get; set; }

    /// <summary>How the rankings under the first rule came about; null: nobody asked.</summary>
    [Parameter]
    public IReadOnlyList<(RankingHistory History, ReportFigure Figure)>? Histories { get; set; }

    private bool WithStability => View["stability"] == "yes";

    private string RuleText => string.Join(',', Rules.Select(rule => rule.Reference));

    internal static async Task<ShownPage> LoadAsync(View view)
    {
        var (stable, withHistory) = (view.IsYes("stability"), view.IsYes("history"));
        var since = view.Whole("since", 1, long.MaxValue);
        if (since is not null && !withHistory)
            throw new BadQuery("since is of how rankings came about: it is asked with history=yes.");
        var chosen = await view.RulesAsync();
        var study = await view.StudyAsync(
            chosen, stable || withHistory || chosen is not null ? StudyDepth.Norms : StudyDepth.Results);
        var rules = chosen ?? [study.Study.Rule];
        var tables = rules.Select(rule =>
            stable ? RankingTable.WithStability(study.Facts, rule) : RankingTable.Of(study.Facts, rule)).ToList();
        // Of an earlier moment none that came later: the page is the same for ever. Its slider asks the page of now how far it goes.
        var upTo = study.Moment?.Sequence ?? view.State.Position;
        var histories = withHistory ? await RankingHistories.OfAsync(view, study, rules[0]) : null;
        return ShownPage.Of<RankingsPage>(
            (nameof(Study), study), (nameof(Rules), rules),
            (nameof(Histories), histories?.Zip(RankCharts.Of(histories, rules[0])).ToList()),
            (nameof(Known), (await view.BookAsync()).Newest),
            (nameof(Cells), CellsOf(tables)),
            (nameof(Milestones), await view.Ledger.MilestonesAsync(study.Id, upTo, view.Cancellation)));
    }

    private static IReadOnlyList<RankingsOfCell> CellsOf(IReadOnlyList<RankingTable> tables) =>
    [
        .. tables[0].Rows.Select((first, i) =>
        {
            IReadOnlyList<RankingRow> rows = [.. tables.Select(table => table.Rows[i])];
            return new RankingsOfCell(
                first.Model, first.Domain, first.Group, rows,
                [.. rows.Select(a => (IReadOnlyList<double?>)[.. rows.Select(b => Tau(a, b))])]);
        }),
    ];

    private static double? Tau(RankingRow a, RankingRow b)
    {
        var (left, right) = (a.Layers.ToDictionary(l => l.Layer, l => l.Score), b.Layers.ToDictionary(l => l.Layer, l => l.Score));
        var layers = left.Keys.Where(right.ContainsKey).Order().ToList();
        return RankCorrelation.TauB([.. layers.Select(l => left[l])], [.. layers.Select(l => right[l])]);
    }

    /// <summary>How many of the highest layers two rules share, for every number that stage 2 targets.</summary>
    private string Overlap(RankingRow a, RankingRow b) => string.Join(", ", Study.Study.Spec.Stage2.Top.Select(k =>
        $"top {k}: {a.Layers.Take(k).Select(l => l.Layer).Intersect(b.Layers.Take(k).Select(l => l.Layer)).Count()}/{k}"));

    private static double? InTop(RankingRow row, int layer, int top) => row.Stability is { } stability && stability.Tops.Contains(top)
        ? stability.Layers.FirstOrDefault(l => l.Layer == layer)?.InTop[stability.Tops.ToList().IndexOf(top)] : null;
}
