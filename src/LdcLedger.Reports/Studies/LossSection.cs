using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>How the training loss fell, tuning by tuning.</summary>
internal static class LossSection
{
    /// <summary>None where no run recorded losses.</summary>
    public static IReadOnlyList<ReportSection> Of(IReadOnlyList<LossFigure> figures, PerplexityTable table, Numbering numbering)
    {
        var curves = figures.SelectMany(f => f.Curves).ToList();
        if (curves.All(c => c.Points.Count == 0))
            return [];
        var isPooled = curves.Any(c => c.Runs > 1);
        return
        [
            new("losses", "Training loss",
                [
                    new Paragraph(
                        "Loss is the mean of −ln p over the scored tokens of a training step, before the step. "
                        + (isPooled ? "The seeds of a tuning are pooled. " : "")
                        + $"A curve has at most {LossFigure.MostPoints} points: where runs have more steps, neighbouring ones are pooled. "
                        + "The numbers are in tables/loss.csv."),
                    .. figures.GroupBy(f => f.Model).Select(model => new FigureGrid(
                        $"loss-{numbering.Models.Of(model.Key)}", numbering.NextFigure(),
                        $"{model.Key}: training loss of each tuning, one panel per domain. Vertical axes differ between panels.",
                        [.. model.Select(f => new ReportFigure(
                            $"figures/fig_loss_{numbering.Cells.Of(f.Model, f.Domain)}", ChartOf(f, table.Columns), NoteOf(f)))])),
                ],
                []),
        ];
    }

    public static DataFile Data(IReadOnlyList<LossFigure> figures) => new(
        "tables/loss.csv", ["model", "domain", "tuning", "seeds", "step", "nats_per_token"],
        [.. from figure in figures
            from curve in figure.Curves
            from point in curve.Points
            select (IReadOnlyList<object?>)[figure.Model, figure.Domain, curve.Column.Key, curve.Runs, point.Step, point.NatsPerToken]]);

    private static PointChart ChartOf(LossFigure figure, IReadOnlyList<PerplexityColumn> columns) => LossChart.Of(
        [figure.Model, figure.Domain],
        [.. figure.Curves.Select(c => new LossLine(c.Column.Title, SeriesStyles.Of(c.Column, columns), c.Points))],
        "No run of this model and domain completed an epoch.");

    private static string? NoteOf(LossFigure figure) => FigureNotes.Of(figure.Curves.Select(c => (c.Column.Title, c.Note)));
}
