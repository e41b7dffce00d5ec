using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Formulas;
using LdcLedger.Reports.Pdf;
using QuestPDF.Fluent;
using QuestPDF.Infrastructure;
using SkiaSharp;
using TextStyle = LdcLedger.Reports.Pdf.TextStyle;

namespace LdcLedger.Reports.Quest;

/// <summary>A block on its way into a QuestPDF document.</summary>
/// <param name="FirstHeight">What of it must stay together where it begins, in points; an estimate.</param>
/// <param name="Leads">What comes next begins on its page: a heading.</param>
/// <param name="MayLead">Likewise where that follows from it: a paragraph.</param>
/// <param name="Follows">A table, an equation; not a figure, which would leave too much of a page empty.</param>
/// <param name="Above">Free space over it; none where it begins a page.</param>
internal sealed record QuestBlock(
    Action<IContainer> Compose, float FirstHeight, bool Leads = false, bool MayLead = false, bool Follows = false,
    float Above = QuestBlocks.Gap);

internal sealed class QuestBlocks(References references, QuestPages pages) : IBlockRenderer<QuestBlock>
{
    /// <summary>Between two blocks.</summary>
    public const float Gap = 8;

    private static readonly TextStyle
        Code = new(ReportFonts.Mono, 7.2f, PdfPage.Ink, 1.45f),
        KeyLabel = new(ReportFonts.Regular, 7.6f, PdfPage.Muted, 1.3f);

    public QuestBlock Draw(Paragraph block) => new(
        item => pages.Tagged(item.Kept(block.Text, TextStyle.Body), QuestPages.Tag("P")).Text(block.Text, TextStyle.Body, references),
        QuestText.FirstLines(block.Text, TextStyle.Body) * TextStyle.Body.LineHeight, MayLead: true);

    public QuestBlock Draw(BulletList block) => new(item => item.Column(column =>
    {
        const float indent = 13;
        var list = QuestPages.Tag("L");
        foreach (var text in block.Items)
            column.Item().PaddingBottom(3).Kept(text, TextStyle.Body, PdfPage.Content - indent).Row(row =>
            {
                pages.Decoration(row.ConstantItem(indent)).Height(TextStyle.Body.LineHeight).Canvas(DrawDot);
                pages.Tagged(row.RelativeItem(), QuestPages.Tag("LBody", QuestPages.Tag("LI", list)))
                    .Text(text, TextStyle.Body, references);
            });
    }), 3 * TextStyle.Body.LineHeight);

    public QuestBlock Draw(FactList block) =>
        new(item => DrawFacts(item, block.Facts), Math.Min(6, block.Facts.Count) * TextStyle.Fact.LineHeight);

    public void DrawFacts(IContainer container, IReadOnlyList<ReportFact> facts) => container.Column(column =>
    {
        var indent = PdfBlocks.Indent(facts);
        var list = QuestPages.Tag("L");
        foreach (var fact in facts)
        {
            var item = QuestPages.Tag("LI", list);
            var style = fact.Exact ? TextStyle.Exact : TextStyle.Fact;
            var name = TextLine.Fit(fact.Name, ReportFonts.Regular, TextStyle.FactName.Size, indent - 4);
            column.Item().Kept(fact.Value, style, PdfPage.Content - indent).Row(row =>
            {
                pages.Tagged(row.ConstantItem(indent), QuestPages.Tag("Lbl", item)).Text(name, TextStyle.FactName);
                pages.Tagged(row.RelativeItem(), QuestPages.Tag("LBody", item)).Text(fact.Value, style, references);
            });
        }
    });

    public QuestBlock Draw(KeyNumbers block) => new(item => item.ShowEntire().Row(row =>
    {
        const float gap = 10, pad = 9, above = 7;
        var width = (PdfPage.Content - gap * (block.Numbers.Count - 1)) / block.Numbers.Count - 2 * pad;
        row.Spacing(gap);
        foreach (var number in block.Numbers)
        {
            var size = 17f;
            while (size > 8 && TextLine.Width(number.Value, ReportFonts.Bold, size) > width)
                size--;
            pages.Tagged(row.RelativeItem().Background(Palette.Shade).PaddingHorizontal(pad).PaddingVertical(above),
                QuestPages.Tag("P")).Column(column =>
            {
                column.Item().Text(TextLine.Fit(number.Value, ReportFonts.Bold, size, width), new(ReportFonts.Bold, size, PdfPage.Accent));
                column.Item().Text(number.Label, KeyLabel);
            });
        }
    }), 70);

    public QuestBlock Draw(Verbatim block)
    {
        var lines = block.Text.TrimEnd('\n').Split('\n');
        var tag = QuestPages.Tag("Code", QuestPages.Tag("P"));
        return new(item => item.Background(Palette.Shade).PaddingVertical(6).PaddingHorizontal(8).Column(
            column =>
            {
                foreach (var line in lines)
                    pages.Tagged(column.Item().MinHeight(Code.LineHeight), tag)
                        .PaddingLeft((line.Length - line.TrimStart(' ').Length) * Code.Size * 0.6f).Text(line.TrimStart(' '), Code);
            }), Math.Min(lines.Length, 4) * Code.LineHeight);
    }

    public QuestBlock Draw(ReportTable block)
    {
        var table = new QuestTable(block, references, pages);
        return new(table.Compose, table.FirstHeight, Follows: true);
    }

    public QuestBlock Draw(Equation block)
    {
        const float size = 10.5f, pad = 3, most = PdfPage.Content - 60;
        var box = FormulaBox.Of(block.Formula, size, PdfPage.Ink);
        // A formula wider than the line is set smaller.
        if (box.Width > most)
            box = FormulaBox.Of(block.Formula, size * most / box.Width, PdfPage.Ink);
        var height = box.Ascent + box.Descent + 2 * pad;
        return new(item => item.Height(height).Row(row =>
        {
            row.ConstantItem(30);
            pages.Draw(row.RelativeItem(), "Formula", FormulaWords.Of(block.Formula), canvas => box.Draw(canvas, 0, pad + box.Ascent));
            pages.Tagged(row.ConstantItem(30), QuestPages.Tag("P"), new(References.AnchorOf(block), block.Label, 0))
                .PaddingTop(pad + box.Ascent - TextStyle.Body.Baseline).AlignRight().Text(block.Number, TextStyle.Body);
        }), height, Follows: true);
    }

    public QuestBlock Draw(FigureGrid block)
    {
        const float scale = PdfPage.Content / ChartDrawing.FullWidth;
        var rows = block.Rows
            .Select(row => row.Select(figure => (Figure: figure, Drawing: ChartDrawing.Of(figure.Chart))).ToList()).ToList();
        var heights = rows.Select(row => row.Max(f => f.Drawing.Height) * scale + 10).ToList();
        var caption = $"{block.Label}. {block.Caption}";
        // A grid that is lower than a third of a page stays whole.
        var first = 20 + QuestText.Lines(caption, TextStyle.Caption) * TextStyle.Caption.LineHeight
            + (heights.Sum() < PdfPage.Room / 3 ? heights.Sum() : heights[0]);
        return new(item => item.PaddingTop(4).Decoration(grid =>
        {
            grid.Before().PaddingBottom(5).Column(column =>
            {
                pages.Tagged(column.Item().ShowOnce(), QuestPages.Tag("P"), new(block.Anchor, block.Label, 0))
                    .Text(block.Caption, TextStyle.Caption, references, $"{block.Label}.");
                pages.Decoration(column.Item().SkipOnce()).Text($"{block.Label}, continued", TextStyle.Continued);
            });
            grid.Content().Column(column =>
            {
                column.Spacing(7);
                foreach (var figures in rows)
                    column.Item().ShowEntire().Row(row =>
                    {
                        row.Spacing(ChartDrawing.Gap * scale);
                        foreach (var (figure, drawing) in figures)
                            row.ConstantItem(drawing.Width * scale).Element(cell => DrawFigure(cell, figure, drawing, scale));
                    });
            });
        }), first);
    }

    private void DrawFigure(IContainer container, ReportFigure figure, ChartDrawing drawing, float scale) => container.Column(column =>
    {
        // On QuestPDF's own canvas, so that it stays lines and letters.
        pages.Draw(column.Item().Height(drawing.Height * scale), "Figure", figure.Chart.Description, canvas =>
        {
            canvas.Scale(scale);
            drawing.Draw(canvas);
        });
        if (figure.Note is { } note)
            pages.Tagged(column.Item(), QuestPages.Tag("P")).PaddingLeft(3).Text(note, TextStyle.Note, references);
    });

    private static void DrawDot(SKCanvas canvas, Size size)
    {
        using var dot = new SKPaint { Color = PdfPage.Accent, IsAntialias = true };
        canvas.DrawCircle(4, TextStyle.Body.Baseline - 3.2f, 1.6f, dot);
    }
}
