using LdcLedger.Reports.Documents;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/compare</c>: the runs that a filter chooses beside each other: in what they differ, and what came of it.</summary>
public sealed partial class ComparePage
{
    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required RunComparison Compared { get; set; }

    [Parameter, EditorRequired]
    public required bool ByLayer { get; set; }

    private IReadOnlyList<ReportFigure> Losses => Compared.LossCharts();

    private IReadOnlyList<string> Sums =>
        [.. Compared.Runs.SelectMany(run => SumsOf(run)).Select(sum => sum.Of).Distinct().OrderBy(of => ByLayer ? int.Parse(of, null) : 0)];

    internal static async Task<ShownPage> LoadAsync(View view, WebParts parts)
    {
        var byLayer = view.IsByLayer();
        var compared = await parts.Comparisons.OfAsync(view, parts.Cursor);
        return ShownPage.Of<ComparePage>(
            (nameof(Compared), compared), (nameof(ByLayer), byLayer));
    }

    private IReadOnlyList<NormSum> SumsOf(ComparedRun run) => ByLayer ? run.ByLayer : run.ByProjection;

    private static bool IsExact(string setting) =>
        setting is "studyId" or "tuning" || setting.EndsWith("Sha256", StringComparison.Ordinal);

    private static string Shown(string setting, string? value) => value is null ? "–"
        : setting.EndsWith("Sha256", StringComparison.Ordinal) && value.Length > 12 ? value[..12] : value;
}
