using System.Text;
using System.Text.RegularExpressions;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;
using LdcLedger.Reports.Verification;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Writer;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>A report's file is read back, and whatever was done to it, or to what it was made of, is told apart.</summary>
public sealed class ReportCheckTests
{
    private static readonly StudyFacts Facts = new SampleStudy
    {
        Models = [("tiny-llama", "llama", 4)], Domains = ["cpp", "math"], Rule = AggregationRule.ComponentFrobenius,
    }.Facts();
    private static readonly ReportDocument Document = StudyReport.Build(Facts);

    public static TheoryData<string> Formats => [.. ReportEngine.All.Select(engine => engine.Format).Distinct()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_was_built_says_of_what_it_was_made_and_is_the_same_when_it_is_built_again(string format)
    {
        var file = Read(Document, format);
        Assert.Equal(
            (Facts.Study.Id, Facts.Position, Facts.Root, StudyReport.LdcVersion),
            (file.Origin.Study, file.Origin.Position, file.Origin.Root, file.Origin.LdcVersion));
        Assert.Equal([AggregationRule.ComponentFrobenius], file.Origin.Rules);
        Assert.Equal(Document.Origin.Fonts, file.Origin.Fonts);
        Assert.Empty(Check(file));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_changed_digit_is_found_at_its_place(string format)
    {
        var table = Document.Blocks.OfType<ReportTable>().First(t => t.Name.StartsWith("aggregated-norms", StringComparison.Ordinal));
        var was = table.Groups[0].Rows[2][3].Text;
        var now = was[..4] + (was[4] == '9' ? '8' : '9') + was[5..];
        var changed = Mapped(Document, block => block != table ? block : table with
        {
            Groups = [table.Groups[0] with
            {
                Rows = [.. table.Groups[0].Rows.Select((row, r) =>
                    r != 2 ? row : (IReadOnlyList<ReportCell>)[.. row.Select((cell, c) => c == 3 ? cell with { Text = now } : cell)])],
            }],
        });
        var differences = Check(Read(changed, format));
        Assert.Equal(["words", "file"], differences.Select(d => d.Kind));
        var where = differences[0].Where!;
        Assert.Equal((now, was), (where.Found, where.Expected));
        Assert.Contains(format == "pdf" ? "page " : table.Label, where.Place, StringComparison.Ordinal);
        Assert.Contains($"Top-3 MLP {table.Groups[0].Rows[2][2].Text} {now}", where.Line, StringComparison.Ordinal);
        // The version is all that a report knows of the program, and that has builds.
        Assert.EndsWith(
            $"it was changed after it was written, or written by another build of ldc {StudyReport.LdcVersion}", differences[1].What,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Other_events_give_other_tables_and_that_is_not_blamed_on_the_file(string format)
    {
        // As if one event of the run that tunes everything said something else.
        var changed = Facts.Norms.Select((norms, i) => i == 2
            ? norms with { Modules = [.. norms.Modules.Select(m => m with { UpdateFrobenius = m.UpdateFrobenius * 1.5 })] } : norms);
        var differences = ReportCheck.Of(
            Read(Document, format), Facts with { Norms = [.. changed], Root = new string('0', 64) }, isOfSameEvents: false);
        Assert.Equal(["words", "tables"], differences.Select(d => d.Kind));
        Assert.NotNull(differences[0].Where!.Expected);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_event_that_differs_below_what_is_printed_is_not_blamed_on_the_file_either(string format)
    {
        var changed = Facts with
        {
            Norms = [.. Facts.Norms.Select((norms, i) => i != 2 ? norms : norms with
            {
                Modules = [.. norms.Modules.Select(m => m with { UpdateFrobenius = m.UpdateFrobenius * 1.0000001 })],
            })],
        };
        var differences = ReportCheck.Of(Read(Document, format), changed, isOfSameEvents: false);
        Assert.Contains("differ only in digits that are not printed: a changed event does that",
            Assert.Single(differences, d => d.Kind == "tables").What, StringComparison.Ordinal);
        Assert.DoesNotContain(differences, d => d.Kind is "file" or "words");
        Assert.All(differences.Where(d => d.Kind == "drawing"),
            d => Assert.EndsWith("as a changed event may do, too", d.What, StringComparison.Ordinal));

        // Over the same events, the file it is.
        var stated = ReportCheck.Of(Read(Document, format), changed, isOfSameEvents: true);
        Assert.Contains($"what it says of itself was changed, or another build of ldc {StudyReport.LdcVersion} made it",
            Assert.Single(stated, d => d.Kind == "tables").What, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_root_that_was_changed_where_the_file_speaks_of_itself_is_not_put_into_the_ledger_s_mouth(string format)
    {
        var changed = Document with { Origin = Document.Origin with { Root = new string('7', 64) } };
        var difference = Assert.Single(ReportCheck.Of(Read(changed, format), Facts, isOfSameEvents: false));
        Assert.Equal(
            ("file", $"its pages give this ledger's root, {Facts.Root}: what it says of itself was changed"),
            (difference.Kind, difference.What));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Another_version_and_another_font_are_named(string format)
    {
        var origin = Document.Origin;
        var older = Check(Read(Document with { Origin = origin with { LdcVersion = "0.0.9" } }, format));
        Assert.Equal("version", older[0].Kind);
        Assert.Contains($"built by ldc 0.0.9, and this is ldc {StudyReport.LdcVersion}", older[0].What, StringComparison.Ordinal);
        Assert.DoesNotContain(older, d => d.Kind == "file");

        var font = origin.Fonts[1];
        IReadOnlyList<ReportFont> others =
            [origin.Fonts[0], font with { Sha256 = new string('1', 64) }, .. origin.Fonts.Skip(2), new("Klingon", "2")];
        var set = Check(Read(Document with { Origin = origin with { Fonts = others } }, format));
        Assert.Equal(["font", "font"], set.Take(2).Select(d => d.Kind));
        Assert.Contains($"in a font {font.Name} with SHA-256 1111", set[0].What, StringComparison.Ordinal);
        Assert.Contains("in the font Klingon, SHA-256 2, which is not here", set[1].What, StringComparison.Ordinal);
        Assert.DoesNotContain(set, d => d.Kind is "words" or "file");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_says_the_same_and_is_written_otherwise_is_another_file(string format)
    {
        var engine = ReportEngine.All.First(e => e.Format == format);
        byte[] again = [.. engine.Render(Document), (byte)'\n'];
        var difference = Assert.Single(Check(ReportFile.Read(again, "again")));
        Assert.Equal("file", difference.Kind);
        Assert.Contains($"written otherwise from byte {again.Length} on", difference.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/MediaBox ?\\[0 ", "/MediaBox [9 ")]
    [InlineData("/ca 1\\b", "/ca 0")]
    [InlineData("/Rect ?\\[[0-9]", "/Rect [0")]
    public void What_a_page_is_drawn_by_is_also_what_it_refers_to(string was, string now)
    {
        var pdf = Read(Document, "pdf").Bytes;
        var changed = PdfUpdate.Of(pdf, text => Regex.IsMatch(text, was) ? Regex.Replace(text, was, now) : null);
        var differences = Check(ReportFile.Read(changed, "it"));
        Assert.Equal(["drawing", "file"], differences.Select(d => d.Kind));
        Assert.Matches("^page [0-9]+ is drawn otherwise, though it says the same$", differences[0].What);

        var same = Assert.Single(Check(ReportFile.Read(PdfUpdate.Of(pdf, text => text + " "), "it")));
        Assert.Contains("it says the same and draws the same", same.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_font_in_the_HTML_is_named()
    {
        var html = Encoding.UTF8.GetString(Read(Document, "html").Bytes);
        var at = html.LastIndexOf("base64,", StringComparison.Ordinal) + 1000;
        var changed = html[..at] + (html[at] == 'A' ? 'B' : 'A') + html[(at + 1)..];
        var differences = Check(ReportFile.Read(Encoding.UTF8.GetBytes(changed), "it"));
        Assert.Equal(["font", "file"], differences.Select(d => d.Kind));
        Assert.Matches("^what it holds as Noto Sans [A-Za-z ]*[47]00 (normal|italic) is not what ldc puts there$", differences[0].What);
    }

    [Fact]
    public void An_HTML_that_an_editor_saved_says_the_same()
    {
        var html = Encoding.UTF8.GetString(Read(Document, "html").Bytes);
        foreach (var saved in new[] { "\uFEFF" + html, html.ReplaceLineEndings("\r\n") })
        {
            var difference = Assert.Single(Check(ReportFile.Read(Encoding.UTF8.GetBytes(saved), "it")));
            Assert.Equal("file", difference.Kind);
            Assert.EndsWith(": saved again by another program", difference.What, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_drawing_that_was_changed_is_found_though_every_word_is_the_same()
    {
        // A cell in bold type is another font, and the same word.
        var table = Document.Blocks.OfType<ReportTable>().First(t => t.Name.StartsWith("aggregated-norms", StringComparison.Ordinal));
        var bold = Mapped(Document, block => block != table ? block : table with
        {
            Groups = [.. table.Groups.Select(g => g with
            {
                Rows = [.. g.Rows.Select(IReadOnlyList<ReportCell> (row) => [.. row.Select(c => c with { Bold = true })])],
            })],
        });
        var differences = Check(Read(bold, "pdf"));
        Assert.DoesNotContain(differences, d => d.Kind == "words");
        Assert.Contains(differences, d => d.Kind == "drawing" && d.What.Contains("is drawn otherwise", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_no_report_or_not_all_of_one_is_told_in_a_sentence()
    {
        var (pdf, html) = (Read(Document, "pdf").Bytes, Encoding.UTF8.GetString(Read(Document, "html").Bytes));
        var builder = new PdfDocumentBuilder { DocumentInformation = { Producer = "A Word Processor" } };
        builder.AddPage(PageSize.A4);
        (byte[] Bytes, string Says)[] cases =
        [
            ([], "it is empty"),
            ("A letter to a friend."u8.ToArray(), "it is neither PDF nor HTML; a report of `ldc report build` (PDF or HTML) is needed."),
            (pdf[..(pdf.Length / 2)], "it is cut off: a PDF ends with %%EOF, and this does not."),
            (pdf[..^20], "it is cut off"),
            ("%PDF-1.7\nnothing\n%%EOF\n"u8.ToArray(), "it is no PDF that can be read"),
            (builder.Build(), "it is a PDF made by A Word Processor that does not say of what study it is"),
            (Html(html[..(html.Length / 2)]), "it is cut off: a page of HTML ends with </html>, and this does not."),
            (Html("<!DOCTYPE html><html><body>Hello</body></html>"), "it is a page of HTML that does not say of what study it is"),
            (Html(html.Replace("ldcledger-report/1", "ldcledger-report/2")), "is of the form 'ldcledger-report/2'"),
            (Html(html.Replace("&quot;position&quot;:", "&quot;place&quot;:")), "but that cannot be read: it was changed."),
            (Html(html.Replace("&quot;top&quot;:3", "&quot;top&quot;:2")), "contradicts itself about rule component-frobenius"),
        ];
        foreach (var (bytes, says) in cases)
            Assert.Contains(says, Assert.Throws<RuleViolation>(() => ReportFile.Read(bytes, "it")).Message, StringComparison.Ordinal);
        var foreign = Html(html.Replace("&quot;engine&quot;:&quot;HTML", "&quot;engine&quot;:&quot;Quill"));
        var refused = Assert.Throws<RuleViolation>(() => Check(ReportFile.Read(foreign, "it")));
        Assert.Contains("drawn by Quill", refused.Message, StringComparison.Ordinal);

        static byte[] Html(string text) => Encoding.UTF8.GetBytes(text);
    }

    [Fact]
    public void A_PDF_that_was_damaged_anywhere_is_read_or_refused_and_never_taken_for_the_report()
    {
        var pdf = Read(Document, "pdf").Bytes;
        var random = new Random(1);
        for (var damage = 0; damage < 10; damage++)
        {
            var damaged = pdf.ToArray();
            var (at, length) = (random.Next(damaged.Length - 8), random.Next(1, 8));
            random.NextBytes(damaged.AsSpan(at, length));
            if (damaged.AsSpan().SequenceEqual(pdf))
                continue;
            try
            {
                Assert.NotEmpty(Check(ReportFile.Read(damaged, "it")));
            }
            catch (RuleViolation refused)
            {
                Assert.Matches(@"^(it|the report) .*\.$", refused.Message.ReplaceLineEndings(" "));
            }
        }
    }

    /// <summary>Against a ledger with the events that the file states.</summary>
    private static IReadOnlyList<ReportDifference> Check(ReportFile file) => ReportCheck.Of(file, Facts, isOfSameEvents: true);

    private static ReportFile Read(ReportDocument document, string format) =>
        ReportFile.Read(ReportEngine.All.First(engine => engine.Format == format).Render(document), "it");

    private static ReportDocument Mapped(ReportDocument document, Func<ReportBlock, ReportBlock> of)
    {
        return document with { Sections = [.. document.Sections.Select(Section)] };

        ReportSection Section(ReportSection section) =>
            section with { Blocks = [.. section.Blocks.Select(of)], Sections = [.. section.Sections.Select(Section)] };
    }
}
