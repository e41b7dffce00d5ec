using System.Reflection;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Pdf;
using QuestPDF;
using QuestPDF.Fluent;
using QuestPDF.Infrastructure;
using SkiaSharp;
using TextStyle = LdcLedger.Reports.Pdf.TextStyle;

namespace LdcLedger.Reports.Quest;

/// <summary>
/// A report laid out by QuestPDF: the same words, tables and figures as those of <see cref="PdfReport"/>, in the same order. Compiled where
/// the build has <c>-p:QuestPdf=true</c>, and then what <c>report.pdf</c> is.
/// </summary>
public static class QuestReport
{
    /// <summary>What draws the file, as it says itself: either may bring other bytes.</summary>
    public static string Engine { get; } = "QuestPDF "
        + typeof(Document).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]
        + $", {Skia.Version}";

    static QuestReport()
    {
        // QuestPDF draws nothing before it is told under which of its licences it is used. Community, which is MIT, is for open-source
        // projects such as this one, for education and non-profit use, and for companies below 1 million USD of yearly revenue; whoever is
        // none of these needs one of QuestPDF's paid licences to build with it. The default engine asks for none.
        Settings.License = LicenseType.Community;
        // These follow a debugger where they are not set, and the bytes must not.
        Settings.EnableDebugging = false;
        Settings.EnableCaching = true;
        Settings.CheckIfAllTextGlyphsAreAvailable = false;
    }

    public static byte[] Render(ReportDocument document)
    {
        using var pages = new QuestPages();
        var drawn = new Sheets(document, pages).Compose().GeneratePdf();
        return pages.File(drawn, PdfMetadata.Of(document, Engine));
    }

    /// <summary>What every page carries, the front matter, and the sections.</summary>
    private sealed class Sheets(ReportDocument document, QuestPages pages)
    {
        private const float Margin = 26, Head = PdfPage.Top - Margin, Foot = PdfPage.Height - PdfPage.Bottom - Margin;

        private static readonly TextStyle
            Subtitle = new(ReportFonts.Regular, 10.5f, PdfPage.Muted),
            Notice = new(ReportFonts.Bold, 9, PdfPage.Ink),
            Entry = new(ReportFonts.Regular, 9, PdfPage.Ink),
            Running = new(ReportFonts.Regular, 7.5f, PdfPage.Muted);

        private readonly References _references = new(document);
        private readonly QuestBlocks _blocks = new(new References(document), pages);

        public IDocument Compose() => Document.Create(container => container.Page(sheet =>
        {
            sheet.Size(PdfPage.Width, PdfPage.Height);
            sheet.MarginHorizontal(PdfPage.Left);
            sheet.MarginVertical(Margin);
            sheet.Background().Canvas((canvas, _) => pages.Begin(canvas));
            pages.Decoration(sheet.Header().Height(Head)).ShowIf(at => at.PageNumber > 1).Element(DrawHeader);
            pages.Decoration(sheet.Footer().Height(Foot)).AlignBottom().Element(DrawFooter);
            sheet.Content().Column(column =>
            {
                DrawTitle(column);
                DrawParts(column, document.Sections.Index().SelectMany(section => Parts(section.Item, $"{section.Index + 1}", 1)));
            });
        })).WithSettings(new() { ImageRasterDpi = DocumentSettings.DefaultRasterDpi });

        private void DrawHeader(IContainer header) => header.Column(column =>
        {
            column.Item().Height(16).Row(row =>
            {
                row.RelativeItem(3).Text(TextLine.Fit(document.Title, Running.Typeface, Running.Size, 280), Running);
                row.RelativeItem(2).AlignRight().Text("Layer-Domain Control study", Running);
            });
            column.Item().LineHorizontal(0.4f).LineColor(Palette.Axis);
        });

        private void DrawFooter(IContainer footer) => footer.Row(row =>
        {
            row.RelativeItem(4).Text(document.Footer, Running);
            row.RelativeItem().AlignRight().Text(line =>
            {
                line.DefaultTextStyle(QuestText.StyleOf(Running));
                line.Span("page ");
                line.CurrentPageNumber();
                line.Span(" of ");
                line.TotalPages();
            });
        });

        private void DrawTitle(ColumnDescriptor column)
        {
            var title = new TextStyle(ReportFonts.Bold, document.Title.Length > 60 ? 17 : 23, PdfPage.Ink, 1.25f);
            pages.Decoration(column.Item()).PaddingBottom(5).Width(42).LineHorizontal(3).LineColor(Palette.Accent);
            pages.Tagged(column.Item(), QuestPages.Tag("H1")).Text(document.Title, title);
            pages.Tagged(column.Item().PaddingTop(2), QuestPages.Tag("P")).Text(document.Subtitle, Subtitle);
            if (document.Notice is { } notice)
                pages.Tagged(column.Item().PaddingTop(8), QuestPages.Tag("P")).Background(Palette.Shade).BorderLeft(3)
                    .BorderColor(Palette.Accent).PaddingVertical(6).PaddingHorizontal(12).Text(notice, Notice, _references);
            column.Item().PaddingTop(8).PaddingBottom(8).Element(facts => _blocks.DrawFacts(facts, document.Facts));
            column.Item().BorderHorizontal(0.4f).BorderColor(Palette.Axis).PaddingVertical(5).Element(DrawContents);
        }

        /// <summary>Sections and their pages, down one column and then another; a click goes there.</summary>
        private void DrawContents(IContainer contents) => contents.Row(row =>
        {
            var list = QuestPages.Tag("TOC");
            row.Spacing(26);
            var entries = document.Sections.Index().ToList();
            var half = entries.Take((entries.Count + 1) / 2).ToList();
            foreach (var part in new[] { half, entries[half.Count..] })
                row.RelativeItem().Column(column =>
                {
                    foreach (var (i, section) in part)
                        DrawEntry(column, $"{i + 1}", section, list);
                });
        });

        private void DrawEntry(ColumnDescriptor column, string number, ReportSection section, Func<PdfPage, int> list)
        {
            var entry = QuestPages.Tag("Link", QuestPages.Tag("Reference", QuestPages.Tag("TOCI", list)));
            pages.Link(column.Item().Height(13.5f), section.Anchor, entry).Row(row =>
            {
                row.ConstantItem(16).Text(number, Entry with { Color = PdfPage.Muted });
                row.AutoItem().Text(TextLine.Fit(section.Title, Entry.Typeface, Entry.Size, (PdfPage.Content - 26) / 2 - 46), Entry);
                row.RelativeItem().PaddingLeft(6).PaddingTop(8).Canvas(DrawLeader);
                row.ConstantItem(22).AlignRight().Text(line =>
                {
                    line.DefaultTextStyle(QuestText.StyleOf(Entry));
                    line.BeginPageNumberOfSection(section.Anchor);
                });
            });
        }

        /// <summary>A section's heading and blocks, then those of the sections in it.</summary>
        private IEnumerable<QuestBlock> Parts(ReportSection section, string number, int level)
        {
            var (size, above) = level == 1 ? (14.5f, 20f) : level == 2 ? (11f, 14f) : (9.8f, 12f);
            var style = new TextStyle(ReportFonts.Bold, size, level == 1 ? PdfPage.Accent : PdfPage.Ink, 1.3f);
            var title = $"{number}  {section.Title}";
            yield return new(
                item => pages.Tagged(
                    item.Section(section.Anchor), QuestPages.Tag($"H{Math.Min(level + 1, 6)}"),
                    new(section.Anchor, $"{number} {section.Title}", level)).Text(title, style),
                QuestText.Lines(title, style) * style.LineHeight, Leads: true, Above: above);
            foreach (var (i, block) in section.Blocks.Index())
                yield return i > 0 ? block.Draw(_blocks) : block.Draw(_blocks) with { Above = 4 };
            foreach (var (i, inner) in section.Sections.Index())
                foreach (var part in Parts(inner, $"{number}.{i + 1}", level + 1))
                    yield return part;
        }

        /// <summary>Parts that must begin on one page become one item: a heading and what follows, a paragraph and its table.</summary>
        /// <remarks>
        /// Items of the page's own column, since QuestPDF measures what is further inside once more in the space that it takes, and then
        /// <c>EnsureSpace</c> finds too little.
        /// </remarks>
        private static void DrawParts(ColumnDescriptor column, IEnumerable<QuestBlock> parts)
        {
            var together = new List<QuestBlock>();
            foreach (var part in parts)
            {
                if (together.Count > 0 && !together[^1].Leads && !(part.Follows && together[^1].MayLead))
                    Draw();
                together.Add(part);
            }
            Draw();

            void Draw()
            {
                var drawn = together.ToList();
                if (drawn.Count > 0)
                {
                    // By itself: a page that ends here ends with it, whatever room it has left.
                    column.Item().MaxHeight(drawn[0].Above).ExtendVertical();
                    var first = drawn.Sum(part => part.FirstHeight) + drawn.Skip(1).Sum(part => part.Above);
                    column.Item().EnsureSpace(Math.Min(first, PdfPage.Room * 0.6f)).Column(items =>
                    {
                        foreach (var (i, part) in drawn.Index())
                            items.Item().PaddingTop(i == 0 ? 0 : part.Above).Element(part.Compose);
                    });
                }
                together.Clear();
            }
        }

        private static void DrawLeader(SKCanvas canvas, Size size)
        {
            using var dots = new SKPaint { Color = PdfPage.Rule };
            for (var x = size.Width - 2; x > 0; x -= 5)
                canvas.DrawCircle(x, 0.5f, 0.45f, dots);
        }
    }
}
