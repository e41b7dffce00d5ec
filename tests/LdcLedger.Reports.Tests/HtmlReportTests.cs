using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Html;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

public sealed partial class HtmlReportTests
{
    private static readonly string Html = HtmlReport.Render(StudyReport.Build(SampleStudy.WithMissingRuns.Facts()));

    [Fact]
    public void It_brings_the_fonts_that_its_figures_were_measured_with()
    {
        var faces = FontFace().Matches(Html).Select(m => (
            Name: string.Join(' ', m.Groups.Values.Skip(1).Take(3)), File: Convert.FromBase64String(m.Groups[4].Value))).ToList();
        Assert.Equal(
            ["Noto Sans 400 normal", "Noto Sans 700 normal", "Noto Sans 400 italic", "Noto Sans Mono 400 normal",
                "Noto Sans Math 400 normal"],
            faces.Select(f => f.Name));
        var assembly = typeof(HtmlReport).Assembly;
        string[] files = ["NotoSans-Regular", "NotoSans-Bold", "NotoSans-Italic", "NotoSansMono-Regular", "NotoSansMath-Regular"];
        foreach (var (face, name) in faces.Zip(files))
        {
            using var stream = assembly.GetManifestResourceStream(name + ".ttf")!;
            using var font = new MemoryStream();
            stream.CopyTo(font);
            Assert.Equal(Tables(font.ToArray()), TablesOfWoff(face.File));
        }
    }

    [Fact]
    public void On_paper_no_caption_is_divided_or_left_behind()
    {
        var paper = Html[Html.IndexOf("@media print", StringComparison.Ordinal)..];
        Assert.Matches(@"figcaption[^{}]*\{ break-inside: avoid; \}", paper);
        Assert.Matches(@"figcaption[^{}]*\{ break-after: avoid; \}", paper);
    }

    [Fact]
    public void What_its_text_refers_to_is_a_link()
    {
        var document = EveryBlockIsDrawn.With(
            new Paragraph("See Table 1 & <Section 1>, not Table 2."),
            new ReportTable("a/b", "Table 1", "Caption", [new("Column", ColumnKind.Words)], [new(null, [[new("Cell")]])], []));
        Assert.Contains(
            "<p>See <a href=\"#table-a-b\">Table&#160;1</a> &amp; &lt;<a href=\"#section\">Section&#160;1</a>&gt;, not Table 2.</p>",
            HtmlReport.Render(document));
    }

    [Fact]
    public void A_reader_who_hears_it_is_told_the_language_the_headings_the_tables_and_what_figures_show()
    {
        var document = StudyReport.Build(SampleStudy.WithMissingRuns.Facts());
        Assert.Contains("<html lang=\"en\">", Html);
        Assert.Single(Heading().Matches(Html), m => m.Groups[1].Value == "1");
        // No level is passed over.
        var levels = Heading().Matches(Html).Select(m => m.Groups[1].Value[0] - '0').ToList();
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
        Assert.All(document.Blocks.OfType<ReportTable>(), table => Assert.Contains(
            $"<table aria-labelledby=\"{References.AnchorOf(table)}-caption\">", Html));
        Assert.All(document.Blocks.OfType<FigureGrid>().SelectMany(g => g.Figures), figure => Assert.Contains(
            $"aria-label=\"{figure.Chart.Description}\"", WebUtility.HtmlDecode(Html)));
        Assert.DoesNotContain("<th>", Html);
    }

    private static SortedDictionary<string, string> Tables(byte[] font) => new(
        Enumerable.Range(0, Short(font, 4)).Select(i => 12 + 16 * i).ToDictionary(
            at => Encoding.ASCII.GetString(font, at, 4),
            at => Convert.ToBase64String(font, Number(font, at + 8), Number(font, at + 12))), StringComparer.Ordinal);

    private static SortedDictionary<string, string> TablesOfWoff(byte[] font)
    {
        Assert.Equal("wOFF", Encoding.ASCII.GetString(font, 0, 4));
        Assert.Equal(font.Length, Number(font, 8));
        var tables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var unpacked = 12;
        foreach (var at in Enumerable.Range(0, Short(font, 12)).Select(i => 44 + 20 * i))
        {
            var (offset, packed, length) = (Number(font, at + 4), Number(font, at + 8), Number(font, at + 12));
            Assert.Equal(0, offset % 4);
            using var stored = new MemoryStream(font, offset, packed);
            using var table = new MemoryStream();
            using (Stream content = packed < length ? new ZLibStream(stored, CompressionMode.Decompress) : stored)
                content.CopyTo(table);
            Assert.Equal(length, table.Length);
            tables[Encoding.ASCII.GetString(font, at, 4)] = Convert.ToBase64String(table.ToArray());
            unpacked += 16 + (length + 3) / 4 * 4;
        }
        Assert.Equal(unpacked, Number(font, 16));
        return tables;
    }

    private static int Number(byte[] font, int at) => (int)BinaryPrimitives.ReadUInt32BigEndian(font.AsSpan(at));

    private static int Short(byte[] font, int at) => BinaryPrimitives.ReadUInt16BigEndian(font.AsSpan(at));

    [GeneratedRegex(
        @"@font-face \{ font-family: ""([^""]+)""; font-weight: (\d+); font-style: (\w+); " + @"src: url\(data:font/woff;base64,([^)]+)\)")]
    private static partial Regex FontFace();

    [GeneratedRegex("<h([1-6])>")]
    private static partial Regex Heading();
}
