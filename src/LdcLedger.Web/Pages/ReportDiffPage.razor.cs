using LdcLedger.Domain.Rules;
using LdcLedger.Reports.Comparisons;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/reports/diff</c>: the tables of two reports, cell by cell.</summary>
public sealed partial class ReportDiffPage
{
    private const int MostCells = 200;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    /// <summary>Null where no two sides are named yet.</summary>
    [Parameter]
    public ReportSides? Sides { get; set; }

    private IReadOnlyList<CellDifference> Cells => [.. Sides!.Compared.Tables.SelectMany(table => table.Differences)];

    private IReadOnlyList<OneSided> Alone =>
        [.. Sides!.Compared.Tables.SelectMany(table => table.OneSided).Concat(Sides.Compared.OneSided)];

    private string Command => Sides is not { } sides ? "ldc report diff A B"
        : (View["leftAt"] ?? View["rightAt"]) is null
            ? $"ldc report diff {sides.Left.Id} {sides.Right.Id}{(sides.Rule is { } rule ? $" --rule {rule.Reference}" : "")}"
            : string.Join(" && ", Built(sides.Left, "left"), Built(sides.Right, "right"), "ldc report diff left right");

    private string Built(ShownStudy side, string folder) =>
        FormattableString.Invariant($"ldc report build {side.Id} --as-of {side.Facts.Position}")
        + $"{(Sides!.Rule is { } rule ? $" --rule {rule.Reference}" : "")} --format csv --out {folder}";

    internal static async Task<ShownPage> LoadAsync(View view, ShownReports reports) => ShownPage.Of<ReportDiffPage>(
        (nameof(Sides), view["left"] is null && view["right"] is null ? null : await ReportSides.OfAsync(view, reports)));

    private static string Words(OneSided one) => (one.Row, one.Column) switch
    {
        (null, null) => $"table {one.Table}",
        (null, { } column) => $"{one.Table}, column {column}",
        ({ } row, null) => $"{one.Table}, row {row}",
        ({ } row, { } column) => $"{one.Table}, row {row}, column {column}",
    };
}
