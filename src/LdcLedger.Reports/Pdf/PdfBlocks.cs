using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Formulas;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <summary>Makes strips of every kind of block.</summary>
internal sealed class PdfBlocks(References references) : IBlockRenderer<IReadOnlyList<Strip>>
{
    // Between two blocks.
    private const float Gap = 8;

    /// <summary>What comes just before such a block should not stand at the end of a page, away from what it leads to.</summary>
    public static float TieBefore(ReportBlock block) => block is Equation or Verbatim ? 30 : block is ReportTable or FigureGrid ? 3 : 0;

    public static PdfText Text(
        string text, TextStyle style, References references, string type = "P", float x = PdfPage.Left, float width = PdfPage.Content) =>
        new(text, style, x, width, references, page => page.Tags.Add(page.Tags.Document, type));

    public IReadOnlyList<Strip> Draw(Paragraph block) => Text(block.Text, TextStyle.Body, references).Strips(Gap);

    public IReadOnlyList<Strip> Draw(BulletList block)
    {
        const float indent = 13;
        var list = new LazyTag("L");
        var strips = new List<Strip>();
        for (var i = 0; i < block.Items.Count; i++)
        {
            // The first item and the last should have company.
            if (strips.Count > 0)
                strips[^1].Tie = i == 1 || i == block.Items.Count - 1 ? 5 : 0;
            strips.AddRange(new PdfText(
                block.Items[i], TextStyle.Body, PdfPage.Left + indent, PdfPage.Content - indent, references,
                page => page.Tags.Add(page.Tags.Add(list.On(page), "LI"), "LBody"))
            {
                Beside = (page, y) => page.Dot(PdfPage.Left + 4, y + TextStyle.Body.Baseline - 3.2f, 1.6f, PdfPage.Accent),
            }.Strips(i == 0 ? Gap : 3));
        }
        return strips;
    }

    public IReadOnlyList<Strip> Draw(FactList block) => Facts(block.Facts);

    public IReadOnlyList<Strip> Facts(IReadOnlyList<ReportFact> facts)
    {
        var list = new LazyTag("L");
        var indent = Indent(facts);
        var items = 0;
        var strips = new List<Strip>();
        foreach (var fact in facts)
        {
            var item = new LazyTag("LI", list.On);
            var lines = new PdfText(
                fact.Value, fact.Exact ? TextStyle.Exact : TextStyle.Fact, PdfPage.Left + indent, PdfPage.Content - indent, references,
                page => page.Tags.Add(item.On(page), "LBody"))
            {
                Beside = (page, y) =>
                {
                    page.Begin(page.Tags.Add(item.On(page), "Lbl"));
                    var name = TextLine.Fit(fact.Name, ReportFonts.Regular, TextStyle.FactName.Size, indent - 4);
                    page.Draw(
                        name, PdfPage.Left, y + TextStyle.FactName.Baseline, ReportFonts.Regular, TextStyle.FactName.Size, PdfPage.Muted);
                },
            }.Strips(strips.Count == 0 ? Gap : 0);
            // A few facts of one thing are read together; of more, the first and the last have company.
            var place = items++;
            if (facts.Count <= 6 || place == 0 || place == facts.Count - 2)
                foreach (var line in lines)
                    line.Tie = Math.Max(line.Tie, 8);
            strips.AddRange(lines);
        }
        if (strips.Count > 0)
            strips[^1].Tie = 0;
        return strips;
    }

    /// <summary>Where the values of facts begin.</summary>
    public static float Indent(IReadOnlyList<ReportFact> facts)
    {
        var names = facts.Select(f => TextLine.Width(f.Name, ReportFonts.Regular, TextStyle.FactName.Size)).DefaultIfEmpty(0).Max();
        return Math.Clamp(names + 14, 52, 160);
    }

    public IReadOnlyList<Strip> Draw(KeyNumbers block)
    {
        const float gap = 10, label = 7.6f, leading = label * 1.3f;
        var numbers = block.Numbers;
        var width = (PdfPage.Content - gap * (numbers.Count - 1)) / numbers.Count;
        var lines = numbers.Select(n => TextLine.Wrap(n.Label, ReportFonts.Regular, label, width - 18)).ToList();
        var height = 38 + lines.Max(l => l.Count) * leading;
        return
        [
            new Strip(height, (page, place) =>
            {
                for (var i = 0; i < numbers.Count; i++)
                {
                    var x = PdfPage.Left + i * (width + gap);
                    page.Fill(new SKRect(x, place.Y, x + width, place.Y + height), PdfPage.Shade);
                    page.Begin(page.Tags.Add(page.Tags.Document, "P"));
                    var size = 17f;
                    while (size > 8 && TextLine.Width(numbers[i].Value, ReportFonts.Bold, size) > width - 18)
                        size--;
                    var value = TextLine.Fit(numbers[i].Value, ReportFonts.Bold, size, width - 18);
                    page.Draw(value + " ", x + 9, place.Y + 24, ReportFonts.Bold, size, PdfPage.Accent);
                    for (var l = 0; l < lines[i].Count; l++)
                        page.Draw(lines[i][l] + " ", x + 9, place.Y + 36 + l * leading, ReportFonts.Regular, label, PdfPage.Muted);
                }
            }) { Above = Gap + 2 },
        ];
    }

    public IReadOnlyList<Strip> Draw(Verbatim block)
    {
        const float size = 7.2f, height = size * 1.45f, pad = 6;
        var code = new LazyTag("Code", new LazyTag("P").On);
        var lines = new List<(string Text, float X)>();
        foreach (var line in block.Text.TrimEnd('\n').Split('\n'))
        {
            var indent = line.Length - line.TrimStart(' ').Length;
            var x = PdfPage.Left + 8 + indent * size * 0.6f;
            lines.AddRange(TextLine.Wrap(line.TrimStart(' '), ReportFonts.Mono, size, PdfPage.Right - 8 - x).Select(part => (part, x)));
        }
        return
        [
            .. lines.Select((line, i) =>
            {
                var (over, under) = (i == 0 ? pad : 0, i == lines.Count - 1 ? pad : 0);
                return new Strip(over + height + under, (page, place) =>
                {
                    // Grounds overlap by a hair, or viewers show the page between them.
                    var ground = place.Y + place.Height + (place.IsLast ? 0 : 0.3f);
                    page.Fill(new SKRect(PdfPage.Left, place.Y, PdfPage.Right, ground), PdfPage.Shade);
                    page.Begin(code.On(page));
                    page.Draw(line.Text, line.X, place.Y + over + size * 1.1f, ReportFonts.Mono, size, PdfPage.Ink);
                })
                {
                    Above = i == 0 ? Gap : 0,
                    Tie = i < 2 || i >= lines.Count - 3 ? Strip.Tight : 1,
                };
            }),
        ];
    }

    public IReadOnlyList<Strip> Draw(ReportTable block) => new PdfTable(block, references).Strips(Gap + 4);

    public IReadOnlyList<Strip> Draw(Equation block)
    {
        const float size = 10.5f, pad = 3;
        var box = FormulaBox.Of(block.Formula, size, PdfPage.Ink);
        // A formula wider than the line is set smaller.
        var most = PdfPage.Content - 60;
        if (box.Width > most)
            box = FormulaBox.Of(block.Formula, size * most / box.Width, PdfPage.Ink);
        return
        [
            new Strip(box.Ascent + box.Descent + 2 * pad, (page, place) =>
            {
                var baseline = place.Y + pad + box.Ascent;
                var x = PdfPage.Left + 30;
                var area = new SKRect(x, place.Y, x + box.Width, place.Y + place.Height);
                page.Begin(page.Tags.Add(page.Tags.Document, "Formula",
                    TagTree.Alternative(FormulaWords.Of(block.Formula)) + PdfFile.Box(area)));
                box.Draw(page.Canvas, x, baseline);
                page.Begin(page.Tags.Add(page.Tags.Document, "P"));
                var number = TextLine.Width(block.Number, ReportFonts.Regular, TextStyle.Body.Size);
                page.Draw(block.Number, PdfPage.Right - number, baseline, ReportFonts.Regular, TextStyle.Body.Size, PdfPage.Ink);
            })
            {
                Above = Gap, Title = new(References.AnchorOf(block), block.Label, 0),
            },
        ];
    }

    public IReadOnlyList<Strip> Draw(FigureGrid block)
    {
        const float scale = PdfPage.Content / ChartDrawing.FullWidth, gap = ChartDrawing.Gap * scale;
        var strips = new List<Strip>();
        strips.AddRange(new PdfText(
            block.Caption, TextStyle.Caption, PdfPage.Left, PdfPage.Content, references, page => page.Tags.Add(page.Tags.Document, "P"))
            { Lead = $"{block.Label}." }.Strips(Gap + 4, whole: true));
        strips[0] = new Strip(strips[0].Height, strips[0].Draw)
            { Above = strips[0].Above, Tie = strips[0].Tie, Title = new(block.Anchor, block.Label, 0) };
        strips[^1].Tie = Strip.Tight;
        var resumed = Resumed($"{block.Label}, continued");
        foreach (var (row, r) in block.Rows.Select((row, r) => (row, r)))
        {
            var drawings = row.Select(f => ChartDrawing.Of(f.Chart)).ToList();
            var notes = row.Select((f, i) => f.Note is null ? []
                : TextLine.Wrap(
                    references.Bound(f.Note), TextStyle.Note.Typeface, TextStyle.Note.Size, drawings[i].Width * scale - 6)).ToList();
            var (drawn, noted) = (drawings.Max(d => d.Height) * scale, notes.Max(n => n.Count) * TextStyle.Note.LineHeight);
            strips.Add(new Strip(drawn + noted, (page, place) =>
            {
                // Lower means smaller: what a figure shows keeps its shape.
                var share = (place.Height - noted) / drawn;
                for (var (i, x) = (0, PdfPage.Left); i < row.Count; i++)
                {
                    var width = drawings[i].Width * scale;
                    DrawFigure(page, row[i], drawings[i], x + width * (1 - share) / 2, place.Y, scale * share);
                    for (var n = 0; n < notes[i].Count; n++)
                    {
                        page.Begin(page.Tags.Add(page.Tags.Document, "P"));
                        page.Draw(notes[i][n], x + 3, place.Y + drawn * share + n * TextStyle.Note.LineHeight + TextStyle.Note.Baseline,
                            TextStyle.Note.Typeface, TextStyle.Note.Size, TextStyle.Note.Color);
                    }
                    x += width + gap;
                }
            })
            {
                Above = r == 0 ? 5 : 7, Give = drawn * 0.13f, Resumed = r == 0 ? null : resumed,
            });
        }
        return strips;
    }

    private static void DrawFigure(PdfPage page, ReportFigure figure, ChartDrawing drawing, float x, float y, float scale)
    {
        var area = new SKRect(x, y, x + drawing.Width * scale, y + drawing.Height * scale);
        page.Begin(page.Tags.Add(page.Tags.Document, "Figure", TagTree.Alternative(figure.Chart.Description) + PdfFile.Box(area)));
        page.Canvas.Save();
        page.Canvas.Translate(x, y);
        page.Canvas.Scale(scale);
        drawing.Draw(page.Canvas);
        page.Canvas.Restore();
    }

    /// <summary>What a page repeats over the rest of a figure or a table.</summary>
    public static Strip Resumed(string text, float more = 0, Action<PdfPage, float>? draw = null)
    {
        var line = TextStyle.Continued.LineHeight + 5;
        return new(line + more, (page, place) =>
        {
            page.Decorate();
            page.Draw(text, PdfPage.Left, place.Y + TextStyle.Continued.Baseline, TextStyle.Continued.Typeface, TextStyle.Continued.Size,
                TextStyle.Continued.Color);
            draw?.Invoke(page, place.Y + line);
        });
    }
}

/// <summary>A tag around others, made when the first of them is.</summary>
internal sealed class LazyTag(string type, Func<PdfPage, int>? parent = null)
{
    private int? _tag;

    public int On(PdfPage page) => _tag ??= page.Tags.Add(parent?.Invoke(page) ?? page.Tags.Document, type);
}
