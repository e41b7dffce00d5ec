using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Csv;

/// <summary>What a chart shows as a table: every point, every cell, and nothing else.</summary>
public sealed class ChartTable : IChartRenderer<DataFile>
{
    private readonly string _path;

    private ChartTable(string path) => _path = path;

    /// <summary>Names of series and rows are those of the chart, but none that a spreadsheet would compute.</summary>
    public static string Csv(ReportFigure figure) => CsvFile.Of(figure.Chart.Draw(new ChartTable(figure.File + ".csv")));

    public DataFile Draw(PointChart chart) => new(
        _path, ["series", chart.X.Title, chart.Y.Title, "low", "high"],
        [
            .. from series in chart.Series
               from point in series.Points
               select (IReadOnlyList<object?>)[CsvFile.NoFormula(series.Name), point.X, point.Y, point.Reach?.Low, point.Reach?.High],
        ]);

    public DataFile Draw(HeatMap chart) => new(
        _path, ["row", chart.Across, chart.Color.Title],
        [
            .. from row in chart.Rows.Index()
               from column in chart.Columns.Index()
               select (IReadOnlyList<object?>)[CsvFile.NoFormula(row.Item), column.Item, chart.Values[row.Index][column.Index]],
        ]);
}
