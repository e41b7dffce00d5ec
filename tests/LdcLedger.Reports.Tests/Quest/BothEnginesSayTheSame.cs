using System.Text;
using System.Text.RegularExpressions;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Pdf;
using LdcLedger.Reports.Quest;
using LdcLedger.Reports.Studies;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Outline;
using UglyToad.PdfPig.Tokens;
using Xunit;

namespace LdcLedger.Reports.Tests.Quest;

/// <summary>Compiled, and so run, where the build has <c>-p:QuestPdf=true</c>.</summary>
public sealed partial class BothEnginesSayTheSame
{
    private static readonly IReadOnlyList<(string Name, Lazy<Drawn> Drawn)> Reports =
    [
        Of("a study with failed runs", () => StudyReport.Build(SampleStudy.WithMissingRuns.Facts())),
        Of("the reference study", () => StudyReport.Build(SampleStudy.Reference.Facts())),
        Of("one deep model", () => StudyReport.Build(SampleStudy.Deep.Facts())),
        Of("every rule", () => StudyReport.Build(new SampleStudy().Facts(), AggregationRule.BuiltIn)),
        Of("names that are long and odd", () => StudyReport.Build(OddNames.Facts())),
        .. EveryBlockIsDrawn.Samples.Select(sample => Of(sample.Block.GetType().Name, () => EveryBlockIsDrawn.With(sample.Block))),
    ];

    // Without the Chinese one: what the report's fonts lack depends on the machine, in either engine.
    private static SampleStudy OddNames => new()
    {
        Name = SampleStudy.OddNames.Name, Models = SampleStudy.OddNames.Models, Domains = ["c++ / c#", "données médicales", new('w', 80)],
    };

    private sealed record Drawn(ReportDocument Document, byte[] Skia, byte[] Quest);

    private static (string, Lazy<Drawn>) Of(string name, Func<ReportDocument> build) => (name, new(() =>
    {
        var document = Whole(build());
        return new(document, PdfReport.Render(document), QuestReport.Render(document));
    }));

    public static TheoryData<string> Names => [.. Reports.Select(r => r.Name)];

    private static Drawn Report(string name) => Reports.Single(r => r.Name == name).Drawn.Value;

    [Theory]
    [MemberData(nameof(Names))]
    public void The_words_of_all_blocks_and_cells_in_their_order(string report)
    {
        var (document, skia, drawn) = Report(report);
        var quest = Text(drawn);
        Assert.Equal(Text(skia), quest);
        // And they are the document's: none is missing from both.
        var at = 0;
        foreach (var word in document.Blocks.SelectMany(WordsOf))
        {
            var found = quest.IndexOf(word, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"'{word}' does not follow '{quest[Math.Max(0, at - 60)..at]}'.");
            at = found + word.Length;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_tables_figures_and_headings(string report) =>
        Assert.Equal(Tags(Report(report).Skia), Tags(Report(report).Quest));

    [Theory]
    [MemberData(nameof(Names))]
    public void Two_builds_have_the_same_bytes(string report) =>
        Assert.Equal(Report(report).Quest, QuestReport.Render(Report(report).Document));

    [Fact]
    public void It_is_the_engine_of_a_build_that_has_it()
    {
        var (document, _, quest) = Report("a study with failed runs");
        var folder = Directory.CreateTempSubdirectory("ldc-report-").FullName;
        try
        {
            Assert.Equal(["report.pdf"], ReportFolder.Write(document, folder, ["pdf"]).Files);
            var file = File.ReadAllBytes(Path.Combine(folder, "report.pdf"));
            Assert.Equal(quest, file);
            using var pdf = PdfDocument.Open(file);
            Assert.Matches(@"""engine"":""QuestPDF 2023\.12\.6, SkiaSharp [0-9.]+""", Encoding.Latin1.GetString(file));
            Assert.StartsWith("D:20260314092953", pdf.Information.CreationDate);
            Assert.StartsWith("D:20260314092953", pdf.Information.ModifiedDate);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Whatever_leads_somewhere_leads_there(string report)
    {
        var (skia, quest) = (Links(Report(report).Skia), Links(Report(report).Quest));
        // A reference that is broken over two lines is two links.
        Assert.Equal(skia.Distinct().Order(), quest.Distinct().Order());
        Assert.InRange(quest.Count, skia.Count, skia.Count * 2);

        static IReadOnlyList<string> Links(byte[] bytes)
        {
            using var pdf = PdfDocument.Open(bytes);
            return
            [
                .. pdf.GetPages().SelectMany(page => page.GetAnnotations())
                    .Select(link => ((NameToken)link.AnnotationDictionary.Data["Dest"]).Data),
            ];
        }
    }

    [Fact]
    public void The_contents_name_the_pages_and_lead_there()
    {
        var (document, _, quest) = Report("the reference study");
        using var pdf = PdfDocument.Open(quest);
        Assert.True(pdf.TryGetBookmarks(out var bookmarks));
        Assert.Equal(document.Sections.Select((s, i) => $"{i + 1} {s.Title}"), bookmarks.Roots.Select(r => r.Title));
        var first = Squeezed(pdf.GetPage(1).Letters);
        foreach (var bookmark in bookmarks.Roots.Cast<DocumentBookmarkNode>())
        {
            Assert.Contains($"{bookmark.Title}{bookmark.PageNumber}".Replace(" ", ""), first);
            Assert.Contains(bookmark.Title.Replace(" ", ""), Squeezed(pdf.GetPage(bookmark.PageNumber).Letters));
        }
    }

    [Fact]
    public void A_table_that_goes_on_over_the_page_has_its_header_and_what_its_rows_repeat_again()
    {
        var document = StudyReport.Build(SampleStudy.Reference.Facts());
        using var pdf = PdfDocument.Open(QuestReport.Render(document));
        var going = 0;
        foreach (var table in document.Blocks.OfType<ReportTable>())
            foreach (var page in pdf.GetPages())
            {
                var text = Squeezed(page.Letters);
                var start = text.IndexOf($"{table.Label},continued".Replace(" ", ""), StringComparison.Ordinal);
                if (start < 0)
                    continue;
                going++;
                var head = Regex.Escape(string.Concat(table.Columns.Select(c => c.Title)).Replace(" ", ""));
                var rows = table.Groups.SelectMany(g => g.Rows)
                    .Select(row => string.Concat(row.Select(c => c.Text + c.Mark)).Replace(" ", ""));
                var titles = string.Join('|', table.Groups.Select(g => Regex.Escape((g.Title ?? "").Replace(" ", ""))));
                var begins = $"^{Regex.Escape($"{table.Label},continued".Replace(" ", ""))}{head}(({titles})(,continued)?)?";
                Assert.Contains(rows, row => Regex.IsMatch(text[start..], begins + Regex.Escape(row)));
            }
        Assert.True(going >= 3, $"{going} pages go on with a table.");
    }

    [Fact]
    public void Every_letter_is_of_a_font_that_comes_with_us_and_within_the_margins()
    {
        foreach (var (_, drawn) in Reports)
        {
            using var pdf = PdfDocument.Open(drawn.Value.Quest);
            foreach (var page in pdf.GetPages())
            {
                Assert.Empty(page.GetImages());
                Assert.Equal(page.Letters.Count, page.GetMarkedContents().Sum(content => content.Letters.Count));
                foreach (var letter in page.Letters.Where(l => l.Value.Trim().Length > 0))
                {
                    Assert.StartsWith("NotoSans", Subset().Replace(letter.FontName ?? "", ""));
                    Assert.InRange(letter.StartBaseLine.X, 50, page.Width - 50);
                    Assert.InRange(letter.EndBaseLine.X, 50, page.Width - 50);
                    Assert.InRange(letter.StartBaseLine.Y, 25, page.Height - 25);
                }
            }
        }
    }

    [Fact]
    public void No_page_but_the_last_is_more_than_a_third_empty()
    {
        foreach (var (name, drawn) in Reports.Where(report => report.Drawn.Value.Document.Sections.Count > 1))
        {
            using var pdf = PdfDocument.Open(drawn.Value.Quest);
            foreach (var page in pdf.GetPages().SkipLast(1))
            {
                var lowest = page.Letters.Select(l => l.StartBaseLine.Y).Where(y => y > page.Height - PdfPage.Bottom).Min();
                Assert.True(lowest < page.Height - PdfPage.Bottom + PdfPage.Room * 0.34, $"{name}: page {page.Number} ends at {lowest}.");
            }
        }
    }

    /// <summary>A cell says its word also where the cell above it does: which rows do without depends on where pages end.</summary>
    private static ReportDocument Whole(ReportDocument document)
    {
        return document with { Sections = [.. document.Sections.Select(Section)] };

        static ReportSection Section(ReportSection section) =>
            section with { Blocks = [.. section.Blocks.Select(Block)], Sections = [.. section.Sections.Select(Section)] };

        static ReportBlock Block(ReportBlock block) => block is ReportTable table
            ? table with
            {
                Groups = [.. table.Groups.Select(g => g with { Rows = [.. g.Rows.Select(row => row.Select(Cell).ToList())] })],
            }
            : block;

        static ReportCell Cell(ReportCell cell) => cell with { Repeats = false };
    }

    /// <summary>What is no decoration, such as headers, footers and what a page repeats, in the order in which it is drawn.</summary>
    private static string Text(byte[] bytes)
    {
        using var pdf = PdfDocument.Open(bytes);
        var front = true;
        return string.Concat(pdf.GetPages().SelectMany(page => page.GetMarkedContents()).Where(content =>
        {
            front &= content.Tag != "H2";
            // Links before the first heading are the contents, in which pages are numbers.
            return !content.IsArtifact && !(front && content.Tag == "Link");
        }).Select(content => Squeezed(content.Letters)));
    }

    private static IReadOnlyList<string> Tags(byte[] bytes)
    {
        using var pdf = PdfDocument.Open(bytes);
        return
        [
            .. TaggedText.Of(pdf).All.Where(tag => tag.Type is not ("Link" or "P" or "L" or "LI" or "Lbl" or "LBody"))
                .Select(tag => $"{tag.Type} {tag.Alternative} {(tag.Type[0] == 'H' ? tag.Text : "")}"),
        ];
    }

    /// <summary>What stands in a chart or a formula is compared between the engines alone.</summary>
    private static IEnumerable<string> WordsOf(ReportBlock block) => (block switch
    {
        Paragraph text => [text.Text],
        BulletList list => list.Items,
        FactList facts => facts.Facts.Select(fact => fact.Value),
        KeyNumbers numbers => numbers.Numbers.SelectMany(n => new[] { n.Value, n.Label }),
        Verbatim text => [text.Text],
        ReportTable table =>
        [
            table.Label, table.Caption, .. table.Columns.Select(c => c.Title),
            .. table.Groups.SelectMany(g => g.Rows.SelectMany(row => row.Select(cell => cell.Text))),
            .. table.Notes.Select(note => note.Text),
        ],
        FigureGrid grid => new[] { grid.Label, grid.Caption }.Concat(grid.Figures.Select(f => f.Note ?? "")),
        Equation equation => [equation.Number],
        _ => throw new InvalidOperationException($"Which words has a {block.GetType().Name}?"),
    }).SelectMany(text => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static string Squeezed(IEnumerable<Letter> letters) => string.Concat(letters.Select(l => l.Value)).Replace(" ", "");

    [GeneratedRegex("^[A-Z]{6}\\+")]
    private static partial Regex Subset();
}
