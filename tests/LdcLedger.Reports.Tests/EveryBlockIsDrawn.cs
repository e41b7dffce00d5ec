using System.Net;
using System.Text;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Html;
using LdcLedger.Reports.Json;
using LdcLedger.Reports.Latex;
using LdcLedger.Reports.Markdown;
using LdcLedger.Reports.Pdf;
using UglyToad.PdfPig;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>
/// The compiler asks every renderer for every kind of block; here each kind's words are looked for in what the renderer made of it.
/// </summary>
public sealed class EveryBlockIsDrawn : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static readonly ColumnKind[] Columns = Enum.GetValues<ColumnKind>();

    private static readonly IReadOnlyList<Chart> Charts =
    [
        new PointChart(["Pointmodel", "Pointdomain"], "Pointdescription", ChartSpan.Half, new("Horizontal", 0, 3, AxisScale.Whole),
            new("Vertical", 1, 100, AxisScale.Logarithmic),
            [.. Enum.GetValues<SeriesLook>().Select((look, i) => new ChartSeries(
                $"Series{look}", i, look, [new(0, 1, new(1, 2)), new(3, 90)], i == 0 ? "Statename" : null))],
            [new("Levelname", 10)], "Nothing"),
        new PointChart(["Emptymodel"], "Emptydescription", ChartSpan.Half, new("x", 0, 1), new("y", 0, 1), [], [], "Nothingtoshow"),
        new HeatMap(["Heatmodel"], "Heatdescription", ChartSpan.Full, "Acrosstitle", ["Column0", "Column1"], ["Row0", "Row1"],
            [[0.5, null], [2, 1]], new("Colorscale", 0, 2)),
    ];

    // A chart's words are drawn into it; where it is not drawn, its description stands for it.
    private static readonly string[] Drawn =
    [
        "Pointmodel", "Pointdomain", "Horizontal", "Vertical", "Statename", "Levelname", "Emptymodel", "Nothingtoshow", "Heatmodel",
        "Acrosstitle", "Column0", "Column1", "Row0", "Row1", "Colorscale", .. Enum.GetValues<SeriesLook>().Select(look => $"Series{look}"),
    ];

    private static readonly Formula Formula = Formula.Row(
        Formula.Letter("x"), Formula.Operator("="), Formula.Over(Formula.Word("numerator"), Formula.Number("4711")),
        Formula.Root(Formula.Sub(Formula.Word("radicand"), Formula.Letter("i"))),
        Formula.Norm(Formula.Super(Formula.Word("base"), Formula.Number("2"))),
        Formula.Total("Σ", Formula.Word("lower"), Formula.Word("upper")));

    /// <summary>One of each kind, every text in it a word that occurs nowhere else.</summary>
    internal static readonly IReadOnlyList<(ReportBlock Block, string[] Words)> Samples =
    [
        (new Paragraph("Paragraphword"), ["Paragraphword"]),
        (new BulletList(["Firstbullet", "Secondbullet"]), ["Firstbullet", "Secondbullet"]),
        (new FactList([new("Factname", "Factvalue"), new("Exactname", "Exactvalue", true)]),
            ["Factname", "Factvalue", "Exactname", "Exactvalue"]),
        (new KeyNumbers([new("9876", "Keylabel")]), ["9876", "Keylabel"]),
        (new Verbatim("Verbatimline\n  Indentedline"), ["Verbatimline", "Indentedline"]),
        (new ReportTable("sample", "Table 1", "Tablecaption",
                [.. Columns.Select(kind => new ReportColumn($"Column{kind}", kind))],
                [new("Groupname", [[.. Columns.Select(kind => new ReportCell($"Cell{kind}", kind == ColumnKind.Words, "a"))]])],
                [new("a", "Notetext")]),
            ["Tablecaption", "Groupname", "Notetext",
                .. Columns.Select(kind => $"Column{kind}"), .. Columns.Select(kind => $"Cell{kind}")]),
        (new FigureGrid(
                "grid", "Figure 1", "Gridcaption", [.. Charts.Select((c, i) => new ReportFigure($"figures/sample-{i}", c, $"Note{i}"))]),
            ["Gridcaption", "Note0", "Note1", "Note2", .. Drawn]),
        (new Equation("sample-equation", "Equation 1", Formula), ["numerator", "4711", "radicand", "base", "Σ", "lower", "upper"]),
    ];

    public static TheoryData<int> Kinds => [.. Enumerable.Range(0, Samples.Count)];

    [Fact]
    public void There_is_a_sample_of_every_kind_of_block() =>
        Assert.Equal(
            typeof(ReportBlock).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(ReportBlock))).Select(t => t.Name).Order(),
            Samples.Select(s => s.Block.GetType().Name).Order());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_the_PDF(int kind)
    {
        using var pdf = PdfDocument.Open(PdfReport.Render(With(Samples[kind].Block)));
        var text = string.Concat(pdf.GetPages().SelectMany(p => p.Letters).Select(l => l.Value));
        Assert.All(Samples[kind].Words.Append("Noticeword"), word => Assert.Contains(word, text));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_the_HTML(int kind)
    {
        // In MathML the sign of a sum is the one that browsers let grow.
        var html = WebUtility.HtmlDecode(HtmlReport.Render(With(Samples[kind].Block))).Replace('∑', 'Σ');
        Assert.All(Samples[kind].Words.Append("Noticeword"), word => Assert.Contains(word, html));
    }

    // Tables, figures and equations have files of their own, which it takes in.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_the_LaTeX(int kind)
    {
        var (block, words) = Samples[kind];
        var latex = LatexReport.Of(With(block));
        Assert.All(
            (block switch
            {
                ReportTable => [@"\input{tables/sample.tex}"],
                FigureGrid => [@"\input{figures/grid.tex}"],
                Equation => [@"\input{equations/sample-equation.tex}"],
                _ => words,
            }).Append("Noticeword"),
            word => Assert.Contains(word, latex));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_the_Markdown(int kind)
    {
        var (block, words) = Samples[kind];
        var markdown = MarkdownReport.Of(With(block));
        Assert.All(
            (block is FigureGrid ? ["Gridcaption", "Note0", .. Charts.Select(c => c.Description)] : words.Except(["Σ"]))
                .Append("Noticeword"),
            word => Assert.Contains(word, markdown));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_the_JSON(int kind)
    {
        var json = Encoding.UTF8.GetString(JsonReport.Of(With(Samples[kind].Block)));
        Assert.All(Samples[kind].Words.Except(["Nothingtoshow"]).Append("Noticeword"), word => Assert.Contains(word, json));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_the_text_that_tests_compare(int kind) =>
        Assert.All(
            Samples[kind].Words.Except(["Nothingtoshow"]), word => Assert.Contains(word, DocumentText.Of(Samples[kind].Block)));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void As_files_of_its_own_where_it_is_a_table_or_a_figure(int kind)
    {
        var (block, words) = Samples[kind];
        var files = ReportFolder.Write(With(block), _folder, ["latex", "csv", "figures"]).Files;
        switch (block)
        {
            case ReportTable:
                Assert.Equal(["report.tex", "tables/sample.tex"], files);
                var latex = File.ReadAllText(Path.Combine(_folder, files[1]));
                Assert.All(words, word => Assert.Contains(word, latex));
                break;
            case FigureGrid grid:
                Assert.Equal(
                    [
                        "figures/grid.tex",
                        .. grid.Figures.SelectMany(f => new[] { f.File + ".pdf", f.File + ".png", f.File + ".svg" }), "report.tex",
                    ],
                    files);
                var grids = File.ReadAllText(Path.Combine(_folder, "figures", "grid.tex"));
                Assert.All(["Gridcaption", "Note0", "Note1", "Note2"], word => Assert.Contains(word, grids));
                foreach (var figure in grid.Figures)
                {
                    Assert.Contains($"{{{figure.File}.pdf}}", grids);
                    using var pdf = PdfDocument.Open(File.ReadAllBytes(Path.Combine(_folder, figure.File + ".pdf")));
                    var drawn = string.Concat(pdf.GetPage(1).Letters.Select(l => l.Value));
                    Assert.Equal(1, pdf.NumberOfPages);
                    Assert.Contains(figure.Chart.Title[0], drawn);
                }
                var svg = string.Concat(files.Where(f => f.EndsWith(".svg", StringComparison.Ordinal))
                    .Select(f => File.ReadAllText(Path.Combine(_folder, f))));
                // Caption and notes belong to the page around a figure, and there its description, too, is for those who cannot see it.
                Assert.All(Drawn.Concat(Charts.Select(c => c.Description)), word => Assert.Contains(word, svg));
                break;
            case Equation:
                Assert.Equal(["equations/sample-equation.tex", "report.tex"], files);
                var formula = File.ReadAllText(Path.Combine(_folder, files[0]));
                Assert.All(words.Except(["Σ"]), word => Assert.Contains(word, formula));
                break;
            default:
                Assert.Equal(["report.tex"], files);
                break;
        }
    }

    /// <summary>A document of all of them.</summary>
    internal static ReportDocument WithEverything => With([.. Samples.Select(s => s.Block)]);

    internal static ReportDocument With(params IReadOnlyList<ReportBlock> blocks) =>
        new("Title", "Subtitle", "Footer", DateTimeOffset.UnixEpoch, "Noticeword",
            new(Guid.Empty, 1, "root", [Domain.Rules.AggregationRule.BlockSum], "1", [new("Fontname", "sha")], ""),
            [new("Factofall", "Value")], [new("section", "Section", blocks, [])], []);
}
