using System.Text;
using LdcLedger.Reports.Csv;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Studies;

namespace LdcLedger.Web.Views;

/// <summary>A form in which a figure is given away.</summary>
/// <param name="Extension">By which an address asks for it.</param>
public sealed record FigureForm(string Extension, string ContentType, Func<ReportFigure, byte[]> Content)
{
    public static readonly IReadOnlyList<FigureForm> All =
    [
        new("svg", "image/svg+xml; charset=utf-8", figure => Encoding.UTF8.GetBytes(FigureFiles.SvgFile(figure))),
        new("png", "image/png", figure => FigureFiles.Png(figure)),
        new("csv", "text/csv; charset=utf-8", figure => Encoding.UTF8.GetBytes(ChartTable.Csv(figure))),
    ];

    /// <exception cref="NotThere">There is no such form.</exception>
    public static FigureForm Find(string extension) => All.FirstOrDefault(form => form.Extension == extension)
        ?? throw new NotThere($"A figure has no form '{extension}'; its forms are {string.Join(", ", All.Select(f => f.Extension))}.");
}

/// <summary>Figures by the names of their files, drawn by the report's own code.</summary>
internal static class ShownFigures
{
    /// <summary>Those of a study's report, and how its ranks came about.</summary>
    public static async Task<IReadOnlyList<ReportFigure>> OfStudyAsync(View view, ShownNorms norms, ShownReports reports) =>
    [
        .. reports.Figures(norms).All, .. RankCharts.Of(await RankingHistories.OfAsync(view, norms.Study, norms.Rule), norms.Rule),
    ];

    /// <summary>The name of a figure's file, without folders.</summary>
    public static string NameOf(ReportFigure figure) => figure.File[(figure.File.LastIndexOf('/') + 1)..];

    /// <exception cref="NotThere">There is no figure of that name.</exception>
    public static ReportFigure Named(this IReadOnlyList<ReportFigure> figures, string name) =>
        figures.FirstOrDefault(figure => NameOf(figure) == name) ?? throw new NotThere(figures.Count == 0
            ? "There is no figure here yet."
            : $"There is no figure '{name}'; did you mean '{LdcLedger.Specs.NearestName.Of(name, figures.Select(NameOf))}'?");

    /// <summary>The figure of a kind, such as norm, that has these parts of a title; null where there is none.</summary>
    public static ReportFigure? Titled(this IReadOnlyList<ReportFigure> figures, string kind, params string[] title) =>
        figures.FirstOrDefault(figure => NameOf(figure).StartsWith($"fig_{kind}_", StringComparison.Ordinal)
            && figure.Chart.Title.SequenceEqual(title));
}
