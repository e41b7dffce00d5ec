using LdcLedger.Domain.Statistics;

namespace LdcLedger.Reports.Documents;

/// <summary>
/// What a figure shows, as data: points and cells, never lines and pixels. Every kind is drawn once, by <c>Figures</c>, on any canvas; each
/// renderer of a report shows that drawing, or makes its own of the same data.
/// </summary>
/// <param name="Title">Its parts, each of which gives way where the line is too short: model, domain.</param>
/// <param name="Description">What a reader who cannot see it is told.</param>
/// <param name="Span">How much of the page's width it takes.</param>
public abstract record Chart(IReadOnlyList<string> Title, string Description, ChartSpan Span)
{
    public abstract T Draw<T>(IChartRenderer<T> renderer);
}

/// <summary>One form of a chart: what it makes of each kind.</summary>
public interface IChartRenderer<out T>
{
    T Draw(PointChart chart);
    T Draw(HeatMap chart);
}

public enum ChartSpan
{
    /// <summary>Two stand side by side.</summary>
    Half,

    /// <summary>One alone takes the whole width.</summary>
    Full,
}

public enum AxisScale
{
    /// <summary>Any number.</summary>
    Linear,

    /// <summary>Whole numbers, such as layers: no tick lies between two.</summary>
    Whole,

    /// <summary>Whole numbers from the top down: the first rank is the highest.</summary>
    Ranks,

    /// <summary>By decades; both ends are above 0.</summary>
    Logarithmic,
}

/// <param name="Low">The smallest value that it has to hold; that of all figures beside it, so that they can be compared.</param>
/// <param name="High">The largest.</param>
public sealed record ChartAxis(string Title, double Low, double High, AxisScale Scale = AxisScale.Linear);

public enum SeriesLook
{
    /// <summary>Points joined by a line.</summary>
    Line,

    /// <summary>Likewise, with a marker at each.</summary>
    MarkedLine,

    /// <summary>Markers alone.</summary>
    Markers,
}

/// <param name="Reach">The interval that it lies in, drawn as a bar; null where there is none.</param>
public readonly record struct ChartPoint(double X, double Y, Interval? Reach = null);

/// <param name="Style">Which colour, marker and dashes: what means the same has the same in every figure of a report.</param>
/// <param name="State">What the legend says after its name: missing, partial; else null.</param>
public sealed record ChartSeries(string Name, int Style, SeriesLook Look, IReadOnlyList<ChartPoint> Points, string? State = null);

/// <summary>A value that others are compared with: a dotted line across.</summary>
public sealed record ChartLevel(string Name, double Y);

/// <summary>Points over two axes: lines of norms, loss curves, a scatter.</summary>
/// <param name="Nothing">What it says in place of axes where no series has a point.</param>
public sealed record PointChart(
    IReadOnlyList<string> Title, string Description, ChartSpan Span, ChartAxis X, ChartAxis Y, IReadOnlyList<ChartSeries> Series,
    IReadOnlyList<ChartLevel> Levels, string Nothing) : Chart(Title, Description, Span)
{
    public bool IsEmpty => Series.All(s => s.Points.Count == 0);

    public override T Draw<T>(IChartRenderer<T> renderer) => renderer.Draw(this);
}

/// <summary>A table of values as colours, light to dark; the largest of each row has a dot.</summary>
/// <param name="Across">What the columns are: layer.</param>
/// <param name="Values">By row, then by column; null where there is none, which is drawn as such and never as a low value.</param>
/// <param name="Color">The scale of the colours, from the lightest to the darkest.</param>
public sealed record HeatMap(
    IReadOnlyList<string> Title, string Description, ChartSpan Span, string Across, IReadOnlyList<string> Columns,
    IReadOnlyList<string> Rows, IReadOnlyList<IReadOnlyList<double?>> Values, ChartAxis Color) : Chart(Title, Description, Span)
{
    public override T Draw<T>(IChartRenderer<T> renderer) => renderer.Draw(this);

    /// <summary>The column of a row's largest value, the first of equals; null where the row has none.</summary>
    public int? Highest(int row)
    {
        var values = Values[row];
        int? highest = null;
        for (var c = 0; c < values.Count; c++)
            if (values[c] is { } value && (highest is null || value > values[highest.Value]))
                highest = c;
        return highest;
    }
}
