using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Markdown;
using LdcLedger.Reports.Studies;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>What a reader of Markdown makes of the report is what the report says.</summary>
public sealed class MarkdownReportTests : IDisposable
{
    private static readonly MarkdownPipeline GitHub =
        new MarkdownPipelineBuilder().UsePipeTables().UseEmphasisExtras().UseAutoLinks().Build();

    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-markdown-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_table_has_every_cell_whatever_stands_in_it()
    {
        foreach (var sample in new[] { OddStudy.Sample, SampleStudy.Reference, SampleStudy.WithMissingRuns })
        {
            var document = StudyReport.Build(sample.Facts(), [AggregationRule.BlockSum, AggregationRule.ComponentFrobenius]);
            var tables = Read(document).Descendants<Table>().ToList();
            var expected = document.Blocks.OfType<ReportTable>().ToList();
            Assert.Equal(expected.Count, tables.Count);
            foreach (var (table, wanted) in tables.Zip(expected))
            {
                List<string> Head(string title) => [OneLine(title), .. Enumerable.Repeat("", wanted.Columns.Count - 1)];
                IReadOnlyList<List<string>> rows =
                [
                    [.. wanted.Columns.Select(c => OneLine(c.Title))],
                    .. wanted.Groups.SelectMany(group => (IEnumerable<List<string>>)
                    [
                        .. group.Title is { } title ? [Head(title)] : (List<string>[])[],
                        .. group.Rows.Select(row => row.Select(cell => OneLine(cell.Text) + cell.Mark).ToList()),
                    ]),
                ];
                Assert.Equal(rows, table.OfType<TableRow>().Select(row => row.OfType<TableCell>().Select(Words).ToList()));
                Assert.Equal(
                    wanted.Groups.SelectMany(g => g.Rows).SelectMany(r => r).Count(c => c.Bold && c.Text.Length > 0),
                    table.Descendants<EmphasisInline>().Count(e => e.DelimiterCount == 2) - wanted.Groups.Count(g => g.Title is not null));
            }
        }
    }

    [Fact]
    public void Text_headings_and_verbatim_text_are_what_they_were()
    {
        var document = StudyReport.Build(OddStudy.Sample.Facts());
        var read = Read(document);
        var words = read.Descendants<ParagraphBlock>().Select(Words).ToList();
        Assert.All(document.Blocks.OfType<Paragraph>(), p => Assert.Contains(OneLine(p.Text), words));
        Assert.All(document.Blocks.OfType<BulletList>().SelectMany(b => b.Items), item => Assert.Contains(OneLine(item), words));
        Assert.Equal(document.Title, Words(read.Descendants<HeadingBlock>().First()));
        Assert.Equal(
            document.Blocks.OfType<Verbatim>().Select(v => v.Text.TrimEnd('\n')),
            read.Descendants<FencedCodeBlock>().Where(f => f.Info == "text").Select(f => f.Lines.ToString()));
    }

    [Fact]
    public void Every_figure_is_a_link_to_a_file_that_comes_with_it_and_every_other_link_has_its_anchor()
    {
        var document = StudyReport.Build(OddStudy.Sample.Facts());
        var files = ReportFolder.Write(document, _folder, ["markdown"]).Files;
        var links = Read(document).Descendants<LinkInline>().ToList();
        var images = links.Where(l => l.IsImage).Select(l => Uri.UnescapeDataString(l.Url!)).ToList();
        Assert.Equal(document.Blocks.OfType<FigureGrid>().SelectMany(g => g.Figures).Select(f => f.File + ".svg"), images);
        Assert.Equal(images.Append("report.md").Order(StringComparer.Ordinal), files);
        var text = MarkdownReport.Of(document);
        Assert.All(links.Where(l => !l.IsImage), l => Assert.Contains($"<a id=\"{l.Url!.TrimStart('#')}\">", text));
    }

    [Theory]
    [InlineData("a|b", "`a\\|b`")]
    [InlineData("`", "`` ` ``")]
    [InlineData("a``b", "```a``b```")]
    public void Code_holds_any_text(string text, string code) => Assert.Equal(code, MarkdownText.Code(text));

    [Theory]
    [InlineData("1. first")]
    [InlineData("1.")]
    [InlineData("2) second")]
    [InlineData("1.5 is a number")]
    [InlineData("- item")]
    [InlineData("+ item")]
    [InlineData("===")]
    [InlineData("---")]
    [InlineData("# head")]
    [InlineData("> said")]
    [InlineData("~~~")]
    [InlineData("a &amp; <b> _c_ *d* [e](f) ![g](h) `i` \\ ~~j~~")]
    public void A_paragraph_is_text_whatever_it_begins_with(string text)
    {
        var read = Markdig.Markdown.Parse(MarkdownText.Line(MarkdownText.Escape(text)), GitHub);
        Assert.Equal(text, Words(Assert.IsType<ParagraphBlock>(Assert.Single(read))));
    }

    [Fact]
    public void A_number_of_a_table_stands_in_the_source_as_it_is()
    {
        var document = StudyReport.Build(SampleStudy.Reference.Facts());
        var text = MarkdownReport.Of(document);
        Assert.All(
            document.Blocks.OfType<ReportTable>().SelectMany(t => t.Groups).SelectMany(g => g.Rows).SelectMany(row => row)
                .Where(cell => cell.Text.Contains('.') && cell.Text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '–')),
            cell => Assert.Contains(cell.Bold ? $"| **{cell.Text}**" : $"| {cell.Text}", text, StringComparison.Ordinal));
    }

    private static MarkdownDocument Read(ReportDocument document) => Markdig.Markdown.Parse(MarkdownReport.Of(document), GitHub);

    private static string Words(MarkdownObject block) => string.Concat(Parts(block).Select(part => part switch
    {
        LiteralInline text => text.Content.ToString(),
        CodeInline code => code.Content,
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        _ => "",
    })).Trim();

    private static IEnumerable<MarkdownObject> Parts(MarkdownObject block) =>
        block is LeafBlock leaf ? leaf.Inline?.Descendants() ?? [] : block.Descendants();

    private static string OneLine(string text) => text.Replace('\n', ' ');
}
