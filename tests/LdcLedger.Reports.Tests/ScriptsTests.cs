using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Html;
using LdcLedger.Reports.Pdf;
using LdcLedger.Reports.Studies;
using SkiaSharp;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>Names in any script, drawn with the fonts in the assembly and no other.</summary>
public sealed partial class ScriptsTests
{
    public static TheoryData<string, string> Names => new()
    {
        { "数学と科学", "DroidSansFallback" }, { "한국어", "NotoSansKR-Regular" }, { "رياضيات", "NotoSansArabic-Regular" },
        { "מדע", "NotoSansHebrew-Regular" }, { "हिन्दी", "NotoSansDevanagari-Regular" }, { "বাংলা", "NotoSansBengali-Regular" },
        { "ਪੰਜਾਬੀ", "NotoSansGurmukhi-Regular" }, { "ગુજરાતી", "NotoSansGujarati-Regular" }, { "தமிழ்", "NotoSansTamil-Regular" },
        { "తెలుగు", "NotoSansTelugu-Regular" }, { "ಕನ್ನಡ", "NotoSansKannada-Regular" }, { "മലയാളം", "NotoSansMalayalam-Regular" },
        { "සිංහල", "NotoSansSinhala-Regular" }, { "ภาษาไทยที่นี่", "NotoSansThai-Regular" }, { "ລາວ", "NotoSansLao-Regular" },
        { "ខ្មែរ", "NotoSansKhmer-Regular" }, { "မြန်မာ", "NotoSansMyanmar-Regular" }, { "ქართული", "NotoSansGeorgian-Regular" },
        { "հայերեն", "NotoSansArmenian-Regular" }, { "አማርኛ", "NotoSansEthiopic-Regular" }, { "x\u0302e\u0301", "NotoSansMarks-Regular" },
        { "👩‍🔬🤖🇩🇪", "NotoEmoji-Regular" }, { "✓", "NotoSansSymbols2-Regular" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_in_any_script_can_be_selected_as_it_was_written_and_no_box_stands_for_a_letter(string name, string font)
    {
        var pdf = PdfReport.Render(EveryBlockIsDrawn.With(new Paragraph($"a {name} b")));
        using var document = PdfDocument.Open(pdf);
        Assert.Contains(document.GetPage(1).Letters, letter => Subset().Replace(letter.FontName ?? "", "") == font);
        Assert.Empty(ReportFonts.Lacking([name]));
        // What a letter says is in the marks around its glyphs, or in the font's own table.
        var content = PageContent(document.GetPage(1));
        foreach (var character in ReportFonts.Characters(name).Where(c => c.EnumerateRunes().Count() > 1))
            Assert.Contains(Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(character)), content, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_figure_states_a_name_in_words_that_any_program_can_search(string name, string font)
    {
        var chart = new HeatMap(["m", name], "", ChartSpan.Half, "layer", ["0"], [name], [[1]], new("sum", 0, 1));
        var svg = XDocument.Parse(FigureFiles.SvgFile(new("figures/one", chart, null)));
        var texts = svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToList();
        Assert.Contains($"m · {name}", texts);
        Assert.Contains(name, texts);
        Assert.NotEmpty(font);
    }

    [Fact]
    public void A_name_that_looks_like_the_sign_of_another_stays_itself()
    {
        var chart = new HeatMap(["№⁰0", "数"], "", ChartSpan.Half, "layer", ["0"], ["№⁰0", "№⁰1", "数学"], [[1], [1], [1]], new("sum", 0, 1));
        var svg = XDocument.Parse(FigureFiles.SvgFile(new("figures/one", chart, null)));
        var texts = svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToList();
        Assert.Superset(new HashSet<string> { "№⁰0 · 数", "№⁰0", "№⁰1", "数学" }, texts.ToHashSet());
    }

    [Fact]
    public void Words_of_one_name_in_Hebrew_are_read_from_the_right_and_names_in_a_list_from_the_left()
    {
        using var pdf = PdfDocument.Open(PdfReport.Render(EveryBlockIsDrawn.With(new Paragraph("x אב גד, הו y"))));
        double At(string letter) => pdf.GetPage(1).Letters.Single(l => l.Value == letter).StartBaseLine.X;
        string[] fromTheLeft = ["ד", "ג", "ב", "א", "ו", "ה"];
        Assert.Equal(fromTheLeft, fromTheLeft.OrderBy(At));
    }

    [Fact]
    public void What_only_steers_the_direction_of_text_is_no_box()
    {
        const string name = "x\u202Eevil\u202C";
        using var pdf = PdfDocument.Open(PdfReport.Render(EveryBlockIsDrawn.With(new Paragraph($"a {name} b"))));
        Assert.Contains("a xevil b", string.Concat(pdf.GetPage(1).Letters.Select(l => l.Value)), StringComparison.Ordinal);
        Assert.Equal(TextLine.Width("xevil", ReportFonts.Regular, 10), TextLine.Width(name, ReportFonts.Regular, 10), 0.001f);
    }

    [Theory]
    [InlineData("विज्ञान", "विज्ञान")]
    [InlineData("การแพทย์", "การแพทย์")]
    [InlineData("a b/ç", "a_b_ç")]
    public void A_file_keeps_the_marks_of_the_letters_in_its_name(string name, string file) => Assert.Equal(file, new Slug().Of(name));

    [Fact]
    public void Letters_of_Arabic_join()
    {
        var alone = "بيت".Sum(letter => TextLine.Width(letter.ToString(), ReportFonts.Regular, 10));
        Assert.InRange(TextLine.Width("بيت", ReportFonts.Regular, 10), 1, alone * 0.9);
    }

    [Fact]
    public void No_character_is_cut_in_two_where_a_line_ends()
    {
        const string name = "e\u0301e\u0301e\u0301👩‍🔬👩‍🔬👩‍🔬";
        for (var width = 5f; width < 80; width += 3)
            Assert.All(
                TextLine.Wrap(name, ReportFonts.Regular, 10, width).Append(TextLine.Fit(name, ReportFonts.Regular, 10, width)),
                line => Assert.All(ReportFonts.Characters(line), c => Assert.Contains(c, (string[])["e\u0301", "👩‍🔬", "…"])));
    }

    [Fact]
    public void The_fonts_that_names_need_are_in_the_provenance_and_in_the_page_of_HTML_and_no_others()
    {
        var document = StudyReport.Build(new SampleStudy { Models = [("m", "llama", 1)], Domains = ["数学", "ไทย"] }.Facts());
        string[] needed = [.. ReportFonts.Own.Select(font => font.File.Name), "DroidSansFallback.ttf", "NotoSansThai-Regular.ttf"];
        Assert.Equal(needed, document.Origin.Fonts.Select(font => font.Name));
        var table = document.Blocks.OfType<ReportTable>().Single(t => t.Name == "fonts-table");
        Assert.Equal(needed.Order(StringComparer.Ordinal), table.Groups[0].Rows.Select(row => row[0].Text));
        Assert.Contains("Droid Sans Fallback, under the Apache License 2.0", table.Caption, StringComparison.Ordinal);
        var html = HtmlReport.Render(document);
        Assert.Equal(needed.Length, html.Split("@font-face").Length - 1);
        Assert.Contains(":root { --scripts: \"Droid Sans Fallback\", \"Noto Sans Thai\", }", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_font_in_the_assembly_is_asked_for_by_its_name()
    {
        var files = typeof(StudyReport).Assembly.GetManifestResourceNames().Where(n => n.EndsWith(".ttf", StringComparison.Ordinal));
        Assert.Equal(
            files.Order(StringComparer.Ordinal),
            ReportFonts.Own.Select(font => font.File.Name).Concat(ReportFonts.Scripts.Select(font => font.File.Name))
                .Order(StringComparer.Ordinal));
        Assert.All(ReportFonts.Scripts, font => Assert.Equal(font.File.Sha256, new FontFile(font.File.Name).Sha256));
    }

    [Fact]
    public void A_PDF_holds_of_a_font_the_outlines_that_it_shows()
    {
        var chart = new HeatMap(["数学"], "", ChartSpan.Half, "layer", ["0"], ["数"], [[1]], new("sum", 0, 1));
        Assert.InRange(FigurePdf.Of(new("figures/one", chart, null)).Length, 1, 100_000);
    }

    [Fact]
    public void A_subset_draws_every_kept_letter_as_the_whole_font_does_and_no_other()
    {
        var whole = ReportFonts.Own[0].File;
        // é is composed of e and an accent.
        const string kept = "Aé1", gone = "Bz";
        var font = ReportFonts.Of(whole.Typeface, 100);
        var subset = GlyphSubset.Of(whole.Bytes(), font.GetGlyphs(kept).Select(glyph => (int)glyph));
        using var typeface = SKTypeface.FromStream(new MemoryStream(subset));
        using var cut = new SKFont(typeface, 100) { Subpixel = true, LinearMetrics = true, Hinting = SKFontHinting.None };
        foreach (var glyph in font.GetGlyphs(kept + gone))
        {
            using var drawn = cut.GetGlyphPath(glyph);
            using var expected = font.GetGlyphPath(glyph);
            Assert.Equal(font.GetGlyphs(kept).Contains(glyph) ? expected.ToSvgPathData() : "", drawn?.ToSvgPathData() ?? "");
            Assert.Equal(font.GetGlyphWidths([glyph]), cut.GetGlyphWidths([glyph]));
        }
        Assert.InRange(subset.Length, 1, whole.Length / 3);
    }

    private static string PageContent(Page page)
    {
        using var content = new MemoryStream();
        foreach (var operation in page.Operations)
            operation.Write(content);
        return Encoding.Latin1.GetString(content.ToArray());
    }

    [GeneratedRegex("^[A-Z]{6}\\+")]
    private static partial Regex Subset();
}
