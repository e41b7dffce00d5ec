using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Pdf;
using LdcLedger.Reports.Studies;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Tokens;
using Xunit;

namespace LdcLedger.Reports.Tests;

public sealed class PdfTagTests
{
    private static readonly ReportDocument Losses = StudyReport.Build(SampleStudy.WithMissingRuns.Facts());
    private static readonly byte[] Pdf = PdfReport.Render(Losses);
    private static readonly TaggedText Tree = Read(Pdf);

    [Fact]
    public void Every_letter_of_a_page_is_in_the_tree_or_said_to_decorate()
    {
        using var pdf = PdfDocument.Open(Pdf);
        foreach (var page in pdf.GetPages())
            Assert.Equal(page.Letters.Count, page.GetMarkedContents().Sum(content => content.Letters.Count));
        // What is decoration is repeated on every page, or on the next page of a table.
        var read = Tree.AllText;
        Assert.DoesNotContain(Losses.Footer.Replace(" ", ""), read);
        Assert.DoesNotContain(",continued", read);
    }

    [Fact]
    public void Headings_are_those_of_the_document_by_level()
    {
        Assert.Equal("Document", Tree.Type);
        Assert.Equal(Squeezed(Losses.Title), Tree.All.Single(t => t.Type == "H1").Text);
        Assert.Equal(
            Losses.Sections.Select((s, i) => Squeezed($"{i + 1}{s.Title}")), Tree.All.Where(t => t.Type == "H2").Select(t => t.Text));
        Assert.Equal(
            Losses.Sections.SelectMany((s, i) => s.Sections.Select((sub, j) => Squeezed($"{i + 1}.{j + 1}{sub.Title}"))),
            Tree.All.Where(t => t.Type == "H3").Select(t => t.Text));
    }

    [Fact]
    public void Every_table_is_one_with_its_cells_in_rows_also_over_several_pages()
    {
        var tables = Losses.Blocks.OfType<ReportTable>().ToList();
        var tags = Tree.All.Where(t => t.Type == "Table").ToList();
        Assert.Equal(tables.Count, tags.Count);
        Assert.Contains(tags, t => t.All.SelectMany(part => part.Pages).Distinct().Count() > 1);
        foreach (var (table, tagged) in tables.Zip(tags))
        {
            Assert.Equal(["Caption", "THead"], tagged.Kids.Take(2).Select(k => k.Type));
            var header = Assert.Single(tagged.Kids[1].Kids).Kids;
            Assert.All(header, cell => Assert.Equal(("TH", "Column"), (cell.Type, cell.Scope)));
            Assert.Equal(table.Columns.Select(c => Squeezed(c.Title)), header.Select(cell => cell.Text));
            var rows = tagged.Kids.Skip(2).SelectMany(body => body.Kids).Where(row => row.Kids.Count > 1).ToList();
            var expected = table.Groups.SelectMany(g => g.Rows).ToList();
            Assert.Equal(expected.Count, rows.Count);
            foreach (var (cells, row) in expected.Zip(rows))
            {
                Assert.Equal(["TH", .. Enumerable.Repeat("TD", cells.Count - 1)], row.Kids.Select(cell => cell.Type));
                foreach (var (cell, read) in cells.Zip(row.Kids).Where(pair => !pair.First.Repeats || pair.Second.Text.Length > 0))
                    Assert.Equal(Squeezed(cell.Text + cell.Mark), read.Text);
            }
        }
    }

    [Fact]
    public void Every_figure_and_equation_says_what_it_shows()
    {
        Assert.Equal(
            Losses.Blocks.OfType<FigureGrid>().SelectMany(g => g.Figures).Select(f => f.Chart.Description),
            Tree.All.Where(t => t.Type == "Figure").Select(t => t.Alternative));
        var formula = Formula.Row(
            Formula.Norm(Formula.Letter("ΔW")), Formula.Operator("="), Formula.Over(Formula.Letter("α"), Formula.Letter("r")));
        var tree = Read(PdfReport.Render(EveryBlockIsDrawn.With(new Equation("norm", "Equation 1", formula))));
        var equation = tree.All.Single(t => t.Type == "Formula");
        Assert.Equal(FormulaWords.Of(formula), equation.Alternative);
        Assert.Equal("‖ΔW‖=αr", equation.Text);
    }

    [Fact]
    public void A_reference_leads_to_what_it_names_and_to_nothing_where_there_is_none()
    {
        var table = new ReportTable(
            "sample", "Table 1", "Caption", [new("Column", ColumnKind.Words)], [new(null, [[new("Cell")]])], []);
        var document = EveryBlockIsDrawn.With(
            new Paragraph("Section 1 has Table 1; there is no Table 2, no Figure 1 and no Table 11."), table);
        var bytes = PdfReport.Render(document);
        var paragraph = Read(bytes).All.Single(t => t.Type == "P" && t.Kids.Count > 0);
        Assert.Equal("has;thereisnoTable2,noFigure1andnoTable11.", paragraph.Text);
        Assert.Equal(["Section1", "Table1"], paragraph.Kids.Select(k => k.Text));
        Assert.All(paragraph.Kids, k => Assert.Equal(("Link", 1), (k.Type, k.Links)));

        using var pdf = PdfDocument.Open(bytes);
        var links = pdf.GetPage(1).GetAnnotations().ToList();
        // One of the contents, two of the paragraph.
        Assert.Equal(["1 Section", "1 Section", "Table 1"], links.Select(l => l.Content));
        var targets = TaggedText.Resolved(pdf, pdf.Structure.Catalog.CatalogDictionary, "Dests");
        Assert.Equal(["section", "section", "table-sample"],
            links.Select(l => ((NameToken)l.AnnotationDictionary.Data["Dest"]).Data));
        Assert.Equal(["section", "table-sample"], targets.Data.Keys.Order());
    }

    [Fact]
    public void Words_that_were_broken_over_two_lines_are_two_words_to_whoever_copies_them()
    {
        var words = string.Join(' ', Enumerable.Range(1, 60).Select(i => $"word{i}"));
        using var pdf = PdfDocument.Open(PdfReport.Render(EveryBlockIsDrawn.With(new Paragraph(words), new BulletList([words]))));
        var text = string.Concat(pdf.GetPage(1).Letters.Select(l => l.Value));
        Assert.Equal(2, text.Split(words).Length - 1);
    }

    [Fact]
    public void The_file_says_its_title_its_language_and_its_time_in_both_kinds_of_metadata()
    {
        using var pdf = PdfDocument.Open(Pdf);
        var catalog = pdf.Structure.Catalog.CatalogDictionary;
        Assert.Equal("en", TaggedText.Words(catalog, "Lang"));
        Assert.Equal(BooleanToken.True, TaggedText.Resolved(pdf, catalog, "MarkInfo").Data["Marked"]);
        Assert.Equal(BooleanToken.True, TaggedText.Resolved(pdf, catalog, "ViewerPreferences").Data["DisplayDocTitle"]);
        Assert.True(pdf.TryGetXmpMetadata(out var xmp));
        var text = xmp.GetXDocument().Root!.Value;
        Assert.Contains(Losses.Title, text);
        Assert.Contains("2026-03-14T09:29:53Z", text);
        Assert.Equal("D:20260314092953Z", pdf.Information.CreationDate);
    }

    private static TaggedText Read(byte[] bytes)
    {
        using var pdf = PdfDocument.Open(bytes);
        return TaggedText.Of(pdf);
    }

    private static string Squeezed(string text) => text.Replace(" ", "");
}
