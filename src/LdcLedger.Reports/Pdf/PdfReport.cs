using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Formulas;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <summary>
/// Draws a report as a PDF: A4, figures as vectors, text that can be selected, links and an outline. Laid out twice, because the
/// contents and every footer need the number of pages.
/// </summary>
public static class PdfReport
{
    public static byte[] Render(ReportDocument document)
    {
        var (places, total) = FirstPass(document);
        using var stream = new MemoryStream();
        // The only clock is the study's; nothing of the machine or the moment gets in.
        var metadata = new SKDocumentPdfMetadata
        {
            Title = document.Title, Subject = document.Subtitle, Author = "", Creator = "LdcLedger", Producer = "LdcLedger",
            Creation = document.AsOf.UtcDateTime, Modified = document.AsOf.UtcDateTime, RasterDpi = 72, EncodingQuality = 101,
        };
        using (var pdf = SKDocument.CreatePdf(stream, metadata))
        {
            var pages = new PdfPages(document, () => pdf.BeginPage(PdfPages.Width, PdfPages.Height), pdf.EndPage, total);
            new Layout(document, pages, places).Draw();
            pages.Close();
            pdf.Close();
        }
        return PdfOutline.Append(stream.ToArray(), places, PdfPages.Height);
    }

    private static (IReadOnlyList<PdfPlace> Places, int Total) FirstPass(ReportDocument document)
    {
        using var nothing = new SKNoDrawCanvas((int)PdfPages.Width, (int)PdfPages.Height);
        var pages = new PdfPages(document, () => nothing, () => { }, 0);
        new Layout(document, pages, []).Draw();
        return (pages.Places, pages.Page);
    }

    /// <summary>A block on its way to the pages.</summary>
    /// <param name="FirstHeight">What must follow a heading on its page, in points.</param>
    /// <param name="Follows">A paragraph just before it stays on its page.</param>
    private sealed record PdfBlock(Action Draw, float FirstHeight = 48, bool Follows = false);

    private sealed class Layout(ReportDocument document, PdfPages pages, IReadOnlyList<PdfPlace> places) : IBlockRenderer<PdfBlock>
    {
        private const float Body = 9.4f;

        public void Draw()
        {
            DrawTitle();
            for (var i = 0; i < document.Sections.Count; i++)
                DrawSection(document.Sections[i], $"{i + 1}", 1);
        }

        private void DrawTitle()
        {
            _ = pages.Canvas;
            pages.Fill(new SKRect(PdfPages.Left, pages.Y - 8, PdfPages.Left + 42, pages.Y - 5), PdfPages.Accent);
            pages.Text(document.Title, ReportFonts.Bold, document.Title.Length > 60 ? 17 : 23, PdfPages.Ink, leading: 1.25f);
            pages.Y += 2;
            pages.Text(document.Subtitle, ReportFonts.Regular, 10.5f, PdfPages.Muted);
            pages.Y += 8;
            if (document.Notice is { } notice)
            {
                pages.Text(notice, ReportFonts.Bold, Body, PdfPages.Accent);
                pages.Y += 6;
            }
            DrawFacts(document.Facts, 52);
            pages.Y += 6;
            DrawContents();
        }

        /// <summary>Sections and their pages; a click goes there.</summary>
        private void DrawContents()
        {
            const float size = 9, line = 13.5f;
            pages.Line(PdfPages.Left, PdfPages.Right, pages.Y, 0.4f, PdfPages.Rule);
            pages.Y += 6;
            for (var i = 0; i < document.Sections.Count; i++)
            {
                var section = document.Sections[i];
                pages.Need(line);
                pages.Canvas.DrawLinkDestinationAnnotation(
                    new SKRect(PdfPages.Left, pages.Y, PdfPages.Right, pages.Y + line), section.Anchor);
                var baseline = pages.Y + line - 4;
                TextLine.Draw(pages.Canvas, $"{i + 1}", PdfPages.Left, baseline, ReportFonts.Regular, size, PdfPages.Muted);
                var end = TextLine.Draw(pages.Canvas, section.Title, PdfPages.Left + 16, baseline, ReportFonts.Regular, size, PdfPages.Ink);
                var page = $"{places.FirstOrDefault(p => p.Anchor == section.Anchor)?.Page ?? 0}";
                var start = PdfPages.Right - TextLine.Width(page, ReportFonts.Regular, size);
                TextLine.Draw(pages.Canvas, page, start, baseline, ReportFonts.Regular, size, PdfPages.Ink);
                using var dots = new SKPaint { Color = PdfPages.Rule };
                for (var x = PdfPages.Right - 16; x > end + 6; x -= 5)
                    pages.Canvas.DrawCircle(x, baseline - 0.5f, 0.45f, dots);
                pages.Y += line;
            }
            pages.Y += 4;
            pages.Line(PdfPages.Left, PdfPages.Right, pages.Y, 0.4f, PdfPages.Rule);
            pages.Y += 4;
        }

        private void DrawSection(ReportSection section, string number, int level)
        {
            var (size, above) = level == 1 ? (14.5f, 16f) : (11f, 10f);
            if (pages.Y > PdfPages.Top)
                pages.Y += above;
            var blocks = section.Blocks.Select(block => block.Draw(this)).ToList();
            pages.Need(size * 1.5f + 6 + (blocks.Count > 0 ? FirstHeight(section.Blocks[0], blocks) : 60));
            pages.Mark(section.Anchor, $"{number} {section.Title}", level);
            pages.Text($"{number}  {section.Title}", ReportFonts.Bold, size, level == 1 ? PdfPages.Accent : PdfPages.Ink, leading: 1.3f);
            pages.Y += 4;
            foreach (var block in blocks)
                block.Draw();
            for (var i = 0; i < section.Sections.Count; i++)
                DrawSection(section.Sections[i], $"{number}.{i + 1}", level + 1);
        }

        /// <summary>What must follow a heading on its page; a paragraph before a table pulls the table along.</summary>
        private static float FirstHeight(ReportBlock first, List<PdfBlock> blocks) =>
            first is Paragraph paragraph && blocks.Count > 1 && blocks[1].Follows
                ? TextLine.Wrap(paragraph.Text, ReportFonts.Regular, Body, PdfPages.Content).Count * Body * 1.42f + 8
                    + blocks[1].FirstHeight
                : blocks[0].FirstHeight;

        PdfBlock IBlockRenderer<PdfBlock>.Draw(Paragraph block) => new(() =>
        {
            pages.Text(block.Text, ReportFonts.Regular, Body, PdfPages.Ink);
            pages.Y += 7;
        });

        PdfBlock IBlockRenderer<PdfBlock>.Draw(BulletList block) => new(() =>
        {
            foreach (var item in block.Items)
            {
                pages.Need(Body * 1.42f);
                using var dot = new SKPaint { Color = PdfPages.Accent, IsAntialias = true };
                pages.Canvas.DrawCircle(PdfPages.Left + 4, pages.Y + Body * 0.78f, 1.6f, dot);
                pages.Text(item, ReportFonts.Regular, Body, PdfPages.Ink, PdfPages.Left + 13, PdfPages.Content - 13);
                pages.Y += 2.5f;
            }
            pages.Y += 7;
        });

        PdfBlock IBlockRenderer<PdfBlock>.Draw(FactList block) => new(() =>
        {
            DrawFacts(block.Facts, 76);
            pages.Y += 8;
        });

        PdfBlock IBlockRenderer<PdfBlock>.Draw(KeyNumbers block) => new(() => DrawKeyNumbers(block.Numbers));

        PdfBlock IBlockRenderer<PdfBlock>.Draw(Verbatim block) => new(() => DrawVerbatim(block));

        PdfBlock IBlockRenderer<PdfBlock>.Draw(ReportTable block)
        {
            var table = new PdfTable(block);
            return new(() => table.Draw(pages), table.FirstHeight, Follows: true);
        }

        PdfBlock IBlockRenderer<PdfBlock>.Draw(FigureGrid block) =>
            new(() => DrawGrid(block), block.Rows.Take(3).Sum(RowHeight) + 36, Follows: true);

        PdfBlock IBlockRenderer<PdfBlock>.Draw(Equation block)
        {
            var box = FormulaBox.Of(block.Formula, 11, PdfPages.Ink);
            return new(() =>
            {
                pages.Need(box.Ascent + box.Descent + 8);
                var baseline = pages.Y + 3 + box.Ascent;
                box.Draw(pages.Canvas, PdfPages.Left + Math.Max(0, (PdfPages.Content - box.Width) / 2), baseline);
                var number = PdfPages.Right - TextLine.Width(block.Number, ReportFonts.Regular, Body);
                TextLine.Draw(pages.Canvas, block.Number, number, baseline, ReportFonts.Regular, Body, PdfPages.Ink);
                pages.Y += box.Ascent + box.Descent + 12;
            }, box.Ascent + box.Descent + 12, Follows: true);
        }

        private void DrawFacts(IReadOnlyList<ReportFact> facts, float indent)
        {
            if (facts.Count <= 8)
                pages.Need(facts.Count * 13);
            foreach (var fact in facts)
            {
                pages.Need(12);
                TextLine.Draw(pages.Canvas, fact.Name, PdfPages.Left, pages.Y + 8.6f, ReportFonts.Regular, 8.4f, PdfPages.Muted);
                pages.Text(fact.Value, fact.Exact ? ReportFonts.Mono : ReportFonts.Regular, fact.Exact ? 7.8f : 8.4f, PdfPages.Ink,
                    PdfPages.Left + indent, PdfPages.Content - indent, fact.Exact ? 1.58f : 1.46f);
            }
        }

        private void DrawKeyNumbers(IReadOnlyList<KeyNumber> numbers)
        {
            const float gap = 10, label = 7.6f;
            var width = (PdfPages.Content - gap * (numbers.Count - 1)) / numbers.Count;
            var lines = numbers.Select(n => TextLine.Wrap(n.Label, ReportFonts.Regular, label, width - 18)).ToList();
            var height = 38 + lines.Max(l => l.Count) * label * 1.3f;
            pages.Need(height + 10);
            for (var i = 0; i < numbers.Count; i++)
            {
                var x = PdfPages.Left + i * (width + gap);
                pages.Fill(new SKRect(x, pages.Y, x + width, pages.Y + height), PdfPages.Shade);
                TextLine.Draw(pages.Canvas, numbers[i].Value, x + 9, pages.Y + 24, ReportFonts.Bold, 17, PdfPages.Accent);
                for (var l = 0; l < lines[i].Count; l++)
                {
                    var y = pages.Y + 36 + l * label * 1.3f;
                    TextLine.Draw(pages.Canvas, lines[i][l], x + 9, y, ReportFonts.Regular, label, PdfPages.Muted);
                }
            }
            pages.Y += height + 12;
        }

        private void DrawVerbatim(Verbatim verbatim)
        {
            const float size = 7.2f, leading = 1.45f;
            Pad(6);
            foreach (var line in verbatim.Text.TrimEnd('\n').Split('\n'))
            {
                var indent = line.Length - line.TrimStart(' ').Length;
                var x = PdfPages.Left + 8 + indent * size * 0.6f;
                foreach (var part in TextLine.Wrap(line.TrimStart(' '), ReportFonts.Mono, size, PdfPages.Right - 8 - x))
                {
                    pages.Need(size * leading);
                    pages.Fill(new SKRect(PdfPages.Left, pages.Y, PdfPages.Right, pages.Y + size * leading + 0.3f), PdfPages.Shade);
                    TextLine.Draw(pages.Canvas, part, x, pages.Y + size * 1.1f, ReportFonts.Mono, size, PdfPages.Ink);
                    pages.Y += size * leading;
                }
            }
            Pad(6);
            pages.Y += 8;

            void Pad(float height)
            {
                pages.Fill(new SKRect(PdfPages.Left, pages.Y, PdfPages.Right, pages.Y + height + 0.3f), PdfPages.Shade);
                pages.Y += height;
            }
        }

        private const float GridScale = PdfPages.Content / ChartDrawing.FullWidth;
        private const float NoteSize = 7.2f, NoteLine = 9.4f;

        private static IReadOnlyList<string> NoteOf(ReportFigure figure) => figure.Note is null ? []
            : TextLine.Wrap(figure.Note, ReportFonts.Regular, NoteSize, ChartDrawing.WidthOf(figure.Chart.Span) * GridScale - 6);

        private static float RowHeight(IReadOnlyList<ReportFigure> row) =>
            row.Max(f => ChartDrawing.Of(f.Chart).Height * GridScale + 8 + NoteOf(f).Count * NoteLine) + 4;

        private void DrawGrid(FigureGrid grid)
        {
            var rows = grid.Rows.Select(row => (Figures: row, Height: RowHeight(row))).ToList();
            var whole = 24 + rows.Sum(row => row.Height);
            if (whole < PdfPages.Bottom - PdfPages.Top)
                pages.Need(whole);
            foreach (var (i, row) in rows.Index())
            {
                if (i == 0)
                {
                    pages.Need(row.Height + 30);
                    pages.Text($"{grid.Label}. {grid.Caption}", ReportFonts.Regular, 8.4f, PdfPages.Ink);
                    pages.Y += 5;
                }
                else if (pages.Y + row.Height > PdfPages.Bottom)
                {
                    pages.Break();
                    pages.Text($"{grid.Label}, continued", ReportFonts.Regular, 8.4f, PdfPages.Muted);
                    pages.Y += 5;
                }
                var x = PdfPages.Left;
                foreach (var figure in row.Figures)
                {
                    DrawFigure(figure, x);
                    x += (ChartDrawing.WidthOf(figure.Chart.Span) + ChartDrawing.Gap) * GridScale;
                }
                pages.Y += row.Height;
            }
            pages.Y += 10;
        }

        private void DrawFigure(ReportFigure figure, float x)
        {
            var drawing = ChartDrawing.Of(figure.Chart);
            var canvas = pages.Canvas;
            canvas.Save();
            canvas.Translate(x, pages.Y);
            canvas.Scale(GridScale);
            drawing.Draw(canvas);
            canvas.Restore();
            foreach (var (i, line) in NoteOf(figure).Index())
            {
                var y = pages.Y + drawing.Height * GridScale + 8 + i * NoteLine;
                TextLine.Draw(canvas, line, x + 3, y, ReportFonts.Regular, NoteSize, PdfPages.Muted);
            }
        }
    }
}
