using System.Net;
using LdcLedger.Domain.Tests;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Html;
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

    private static readonly NormFigure Figure = NormFigure.Of(
        new SampleStudy { Models = [("tiny-llama", "llama", 4)], Domains = ["cpp"] }.Facts(), Domain.Rules.AggregationRule.BlockSum)[0];

    /// <summary>One of each kind, every text in it a word that occurs nowhere else.</summary>
    private static readonly IReadOnlyList<(ReportBlock Block, string[] Words)> Samples =
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
        (new FigureGrid("grid", "Figure 1", "Gridcaption", [new("figures/sample", Figure, 1, "Figurenote")]),
            ["Gridcaption", "Figurenote", "tiny-llama", .. Figure.Lines.Select(l => l.Name)]),
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
        Assert.All(Samples[kind].Words, word => Assert.Contains(word, text));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_the_HTML(int kind)
    {
        var html = WebUtility.HtmlDecode(HtmlReport.Render(With(Samples[kind].Block)));
        Assert.All(Samples[kind].Words, word => Assert.Contains(word, html));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_the_text_that_tests_compare(int kind) =>
        // A figure's title is drawn into it from its data.
        Assert.All(Samples[kind].Words.Except([Figure.Model]), word => Assert.Contains(word, DocumentText.Of(Samples[kind].Block)));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void As_files_of_its_own_where_it_is_a_table_or_a_figure(int kind)
    {
        var (block, words) = Samples[kind];
        var files = ReportFiles.Write(With(block), _folder, ["latex", "csv", "figures"]);
        switch (block)
        {
            case ReportTable:
                Assert.Equal(["tables/sample.tex"], files);
                var latex = File.ReadAllText(Path.Combine(_folder, files[0]));
                Assert.All(words, word => Assert.Contains(word, latex));
                break;
            case FigureGrid grid:
                Assert.Equal(["figures/sample.png", "figures/sample.svg"], files);
                var svg = File.ReadAllText(Path.Combine(_folder, files[1]));
                // Caption and note belong to the page around a figure.
                Assert.All(words.Except([grid.Caption, grid.Figures[0].Note!]), word => Assert.Contains(word, svg));
                break;
            default:
                Assert.Empty(files);
                break;
        }
    }

    private static ReportDocument With(ReportBlock block) =>
        new("Title", "Subtitle", "Footer", DateTimeOffset.UnixEpoch, [], [new("section", "Section", [block], [])], []);
}
