using System.Text.Json;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Json;

/// <summary>The data of a chart, in full precision.</summary>
internal sealed class JsonCharts(Utf8JsonWriter json) : IChartRenderer<ValueTuple>
{
    public ValueTuple Draw(PointChart chart)
    {
        Head("points", chart);
        Axis("x", chart.X);
        Axis("y", chart.Y);
        json.WriteStartArray("series");
        foreach (var series in chart.Series)
        {
            json.WriteStartObject();
            json.WriteString("name", series.Name);
            json.WriteString("state", series.State);
            json.WriteStartArray("points");
            foreach (var point in series.Points)
                JsonValues.Row(json, point.Reach is { } reach ? [point.X, point.Y, reach.Low, reach.High] : [point.X, point.Y]);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("levels");
        foreach (var level in chart.Levels)
        {
            json.WriteStartObject();
            json.WriteString("name", level.Name);
            Number("y", level.Y);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        return default;
    }

    public ValueTuple Draw(HeatMap chart)
    {
        Head("heat_map", chart);
        json.WriteString("across", chart.Across);
        Words("columns", chart.Columns);
        Words("rows", chart.Rows);
        json.WriteStartArray("values");
        foreach (var row in chart.Values)
            JsonValues.Row(json, row.Select(value => (object?)value));
        json.WriteEndArray();
        Axis("color", chart.Color);
        return default;
    }

    private void Head(string kind, Chart chart)
    {
        json.WriteString("chart", kind);
        Words("title", chart.Title);
        json.WriteString("description", chart.Description);
    }

    private void Axis(string name, ChartAxis axis)
    {
        json.WriteStartObject(name);
        json.WriteString("title", axis.Title);
        Number("low", axis.Low);
        Number("high", axis.High);
        json.WriteString("scale", Word(axis.Scale));
        json.WriteEndObject();
    }

    private void Words(string name, IReadOnlyList<string> words)
    {
        json.WriteStartArray(name);
        foreach (var word in words)
            json.WriteStringValue(word);
        json.WriteEndArray();
    }

    private void Number(string name, double value)
    {
        json.WritePropertyName(name);
        JsonValues.Value(json, value);
    }

    private static string Word(AxisScale scale) => scale switch
    {
        AxisScale.Linear => "linear",
        AxisScale.Whole => "whole",
        AxisScale.Ranks => "ranks",
        AxisScale.Logarithmic => "logarithmic",
    };
}
