using System.Globalization;
using System.Text;
using System.Text.Json;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Json;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

public sealed class JsonReportTests
{
    [Fact]
    public void Every_table_and_every_number_of_the_data_is_there_as_it_is()
    {
        var document = StudyReport.Build(OddStudy.Sample.Facts());
        using var json = JsonDocument.Parse(JsonReport.Of(document));
        var root = json.RootElement;
        Assert.Equal("ldcledger-document/1", root.GetProperty("format").GetString());
        Assert.Equal(document.Title, root.GetProperty("title").GetString());
        Assert.Equal(document.Origin.Study, root.GetProperty("origin").GetProperty("study").GetGuid());
        Assert.Equal(
            document.Blocks.OfType<ReportTable>().SelectMany(t => t.Groups).SelectMany(g => g.Rows).Select(r => r.Select(c => c.Text)),
            Blocks(root).Where(b => b.GetProperty("kind").GetString() == "table").SelectMany(b => b.GetProperty("groups").EnumerateArray())
                .SelectMany(g => g.GetProperty("rows").EnumerateArray()).Select(r => r.EnumerateArray().Select(c => c.GetString()!)));
        foreach (var (data, written) in document.Data.Zip(root.GetProperty("data").EnumerateArray()))
        {
            Assert.Equal(data.Path, written.GetProperty("path").GetString());
            foreach (var (row, values) in data.Rows.Zip(written.GetProperty("rows").EnumerateArray()))
                Assert.All(row.Zip(values.EnumerateArray()), cell => AssertSame(cell.First, cell.Second));
        }
    }

    [Fact]
    public void Every_point_of_every_figure_is_there_as_it_is()
    {
        var document = StudyReport.Build(SampleStudy.Reference.Facts());
        using var json = JsonDocument.Parse(JsonReport.Of(document));
        var points = Blocks(json.RootElement).Where(b => b.GetProperty("kind").GetString() == "figures")
            .SelectMany(b => b.GetProperty("figures").EnumerateArray()).Where(f => f.GetProperty("chart").GetString() == "points")
            .SelectMany(f => f.GetProperty("series").EnumerateArray()).SelectMany(s => s.GetProperty("points").EnumerateArray())
            .Select(p => (p[0].GetDouble(), p[1].GetDouble()));
        Assert.Equal(
            document.Blocks.OfType<FigureGrid>().SelectMany(g => g.Figures).Select(f => f.Chart).OfType<PointChart>()
                .SelectMany(c => c.Series).SelectMany(s => s.Points).Select(p => (p.X, p.Y)),
            points);
    }

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(1e300, "1E+300")]
    [InlineData(7, "7")]
    [InlineData(double.NaN, "\"NaN\"")]
    [InlineData(double.NegativeInfinity, "\"-Infinity\"")]
    [InlineData(null, "null")]
    [InlineData(true, "true")]
    [InlineData("数 \"q\"", "\"数 \\\"q\\\"\"")]
    public void A_value_has_one_form(object? value, string json)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            JsonValues.Row(writer, [value]);
        Assert.Equal($"[{json}]", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void The_document_that_describes_it_names_every_key()
    {
        var described = File.ReadAllText(Path.Combine(Root, "infra", "report-files.md"));
        using var json = JsonDocument.Parse(JsonReport.Of(EveryBlockIsDrawn.WithEverything));
        var keys = Keys(json.RootElement).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Contains("heat_map", Strings(json.RootElement));
        Assert.All(keys.Concat(Blocks(json.RootElement).Select(b => b.GetProperty("kind").GetString()!)),
            key => Assert.Contains($"`{key}`", described, StringComparison.Ordinal));
    }

    private static void AssertSame(object? value, JsonElement written)
    {
        switch (value)
        {
            case null:
                Assert.Equal(JsonValueKind.Null, written.ValueKind);
                break;
            case string text:
                Assert.Equal(text, written.GetString());
                break;
            case double number:
                Assert.Equal(number, written.GetDouble());
                break;
            default:
                Assert.Equal(Convert.ToInt64(value, CultureInfo.InvariantCulture), written.GetInt64());
                break;
        }
    }

    private static IEnumerable<JsonElement> Blocks(JsonElement section) =>
        (section.TryGetProperty("blocks", out var own) ? own.EnumerateArray().AsEnumerable() : [])
            .Concat(section.GetProperty("sections").EnumerateArray().SelectMany(Blocks));

    private static IEnumerable<string> Keys(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Keys(p.Value).Prepend(p.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Keys),
        _ => [],
    };

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Strings(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };

    private static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "LdcLedger.sln")))
                folder = Path.GetDirectoryName(folder)
                    ?? throw new InvalidOperationException("No folder above the tests holds LdcLedger.sln.");
            return folder;
        }
    }
}
