using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <summary>A table as strips, a row each; every page that goes on with it begins with its header.</summary>
internal sealed class PdfTable
{
    private const float Leading = 1.32f, RowGap = 3.6f;

    private readonly ReportTable _table;
    private readonly References _references;
    private readonly LazyTag _tag = new("Table");
    private readonly TableColumns _columns;
    private readonly IReadOnlyList<IReadOnlyList<string>> _header;
    private readonly float _headerHeight;

    public PdfTable(ReportTable table, References references)
    {
        (_table, _references) = (table, references);
        _columns = new(table);
        _header = _columns.Titles();
        _headerHeight = _header.Max(h => h.Count) * _columns.HeaderSize * 1.25f + 9.5f;
    }

    private float RowHeight(IReadOnlyList<ReportCell> row) => _columns.Lines(row).Max(l => l.Count) * _columns.Size * Leading + RowGap;

    public IReadOnlyList<Strip> Strips(float above)
    {
        var strips = new List<Strip>();
        strips.AddRange(new PdfText(
            _table.Caption, TextStyle.Caption, PdfPage.Left, PdfPage.Content, _references, page => page.Tags.Add(_tag.On(page), "Caption"))
            { Lead = $"{_table.Label}." }.Strips(above, whole: true));
        strips[0] = new Strip(strips[0].Height, strips[0].Draw)
            { Above = strips[0].Above, Tie = strips[0].Tie, Title = new(References.AnchorOf(_table), _table.Label, 0) };
        strips[^1].Tie = Strip.Tight;
        strips.Add(new Strip(_headerHeight, (page, place) => DrawHeader(page, place.Y, new LazyTag("THead", _tag.On)))
            { Above = 4, Tie = Strip.Tight });
        var body = strips.Count;
        foreach (var group in _table.Groups)
            strips.AddRange(Rows(group));
        // A small table is better whole, and of a large one a few rows should not stand alone.
        var count = strips.Count - body;
        for (var r = 0; r < count; r++)
            strips[body + r].Tie += (count <= 16 ? 3 : count <= 40 ? 1.5f : 0) + (r < 3 ? 3 : 0) + (r >= count - 5 ? 5 : 0);
        // The first two rows stay with the header, the last two with the rule below them and the first notes.
        foreach (var strip in strips.Skip(body).Take(2).Concat(strips.TakeLast(2)))
            strip.Tie = Strip.Tight;
        strips.Add(new Strip(2, (page, place) => page.Line(PdfPage.Left, PdfPage.Right, place.Y + 1, 0.9f, PdfPage.Ink))
            { Tie = _table.Notes.Count > 0 ? Strip.Tight : 0 });
        strips.AddRange(Notes());
        return strips;
    }

    private IEnumerable<Strip> Rows(ReportRowGroup group)
    {
        var name = _table.Label + ", continued";
        var body = new LazyTag("TBody", _tag.On);
        if (group.Title is { } title)
            yield return new Strip(TitleHeight(title), (page, place) => DrawTitle(page, place.Y, title, page.Tags.Add(body.On(page), "TR")))
            {
                Tie = Strip.Tight,
                Resumed = PdfBlocks.Resumed(name, _headerHeight, (page, y) => DrawHeader(page, y, null)),
            };
        var resumed = Resumed(0);
        for (var r = 0; r < group.Rows.Count; r++)
        {
            var (row, ends) = (group.Rows[r], r == group.Rows.Count - 1);
            // What a row repeats is drawn where it begins a page, and may make it higher there.
            var height = RowHeight([.. row.Select(cell => cell.Repeats ? cell with { Text = "" } : cell)]);
            var more = RowHeight(row) - height;
            yield return new Strip(height, (page, place) =>
            {
                DrawRow(page, place.IsFirst ? place.Y - more : place.Y, row, place.IsFirst, page.Tags.Add(body.On(page), "TR"));
                if (place.IsLast)
                    page.Line(PdfPage.Left, PdfPage.Right, place.Y + place.Height + 1, 0.5f, PdfPage.Ink);
            })
            {
                Resumed = more > 0 ? Resumed(more) : resumed,
                // Better between groups, or between rows that have a first column of their own, than within.
                Tie = ends ? 0 : group.Title is not null && (r == 0 || r == group.Rows.Count - 2) ? 3
                    : group.Rows[r + 1].Any(cell => cell.Repeats) ? 1 : 0.3f,
            };
        }

        Strip Resumed(float more)
        {
            var again = group.Title is null ? null : $"{group.Title}, continued";
            return PdfBlocks.Resumed(name, _headerHeight + (again is null ? 0 : TitleHeight(again)) + more, (page, y) =>
            {
                DrawHeader(page, y, null);
                if (again is not null)
                    DrawTitle(page, y + _headerHeight, again, null);
            });
        }
    }

    private IEnumerable<Strip> Notes()
    {
        var resumed = PdfBlocks.Resumed(_table.Label + ", notes continued");
        for (var n = 0; n < _table.Notes.Count; n++)
        {
            var note = _table.Notes[n];
            var mark = TextLine.Width(note.Mark, ReportFonts.Regular, MarkSize);
            var tag = new LazyTag("P");
            var lines = new PdfText(
                note.Text, TextStyle.Note, PdfPage.Left + mark + 3, PdfPage.Content - mark - 3, _references, tag.On)
            {
                Resumed = resumed,
                Beside = (page, y) =>
                {
                    page.Begin(tag.On(page));
                    page.Draw(note.Mark, PdfPage.Left, y + TextStyle.Note.Baseline - 2.2f, ReportFonts.Regular, MarkSize, PdfPage.Muted);
                },
            }.Strips(n == 0 ? 2 : 0);
            foreach (var line in lines)
                line.Tie = Math.Max(line.Tie, 6);
            if (n == _table.Notes.Count - 1)
                lines[^1].Tie = 0;
            foreach (var line in lines)
                yield return line;
        }
    }

    private const float MarkSize = 5.6f;

    private IReadOnlyList<string> TitleLines(string title) =>
        TextLine.Wrap(title, ReportFonts.Bold, _columns.Size, PdfPage.Content - 2 * _columns.Pad);

    private float TitleHeight(string title) => TitleLines(title).Count * _columns.Size * Leading + RowGap + 2;

    /// <param name="tag">Of the header; null where a page repeats it.</param>
    private void DrawHeader(PdfPage page, float y, LazyTag? tag)
    {
        page.Line(PdfPage.Left, PdfPage.Right, y, 0.9f, PdfPage.Ink);
        var row = tag is null ? (int?)null : page.Tags.Add(tag.On(page), "TR");
        var x = PdfPage.Left;
        for (var c = 0; c < _header.Count; c++)
        {
            if (row is { } of)
                page.Begin(page.Tags.Add(of, "TH", " /A <</O /Table /Scope /Column>>"));
            else
                page.Decorate();
            // Titles stand on the header's lowest line.
            var baseline = y + _headerHeight - 6 - (_header[c].Count - 1) * _columns.HeaderSize * 1.25f;
            foreach (var line in _header[c])
            {
                var end = DrawAligned(page.Canvas, line, x, baseline, c, ReportFonts.Bold, _columns.HeaderSize, PdfPage.Ink);
                page.Draw(" ", end, baseline, ReportFonts.Bold, _columns.HeaderSize, PdfPage.Ink);
                baseline += _columns.HeaderSize * 1.25f;
            }
            x += _columns.Widths[c];
        }
        page.Line(PdfPage.Left, PdfPage.Right, y + _headerHeight - 1.5f, 0.5f, PdfPage.Ink);
    }

    /// <param name="row">Its tag; null where a page repeats it.</param>
    private void DrawTitle(PdfPage page, float y, string title, int? row)
    {
        page.Fill(new SKRect(PdfPage.Left, y + 1, PdfPage.Right, y + TitleHeight(title) - 0.5f), PdfPage.Shade);
        if (row is { } of)
            page.Begin(page.Tags.Add(of, "TH", $" /A <</O /Table /Scope /Row /ColSpan {_table.Columns.Count}>>"));
        var lines = TitleLines(title);
        var breaks = TextLine.Breaks(title, lines);
        for (var l = 0; l < lines.Count; l++)
            page.Draw(
                lines[l] + breaks[l], PdfPage.Left + _columns.Pad, y + 1 + _columns.Size + 2.4f + l * _columns.Size * Leading,
                ReportFonts.Bold, _columns.Size, PdfPage.Ink);
    }

    private void DrawRow(PdfPage page, float y, IReadOnlyList<ReportCell> row, bool first, int tag)
    {
        var lines = _columns.Lines(row);
        var x = PdfPage.Left;
        for (var c = 0; c < row.Count; c++)
        {
            var cell = page.Tags.Add(tag, c == 0 ? "TH" : "TD", c == 0 ? " /A <</O /Table /Scope /Row>>" : "");
            if (row[c].Text.Length > 0 && (first || !row[c].Repeats))
                DrawCell(page, row[c], lines[c], x, y + _columns.Size + RowGap / 2 + 0.6f, c, cell);
            x += _columns.Widths[c];
        }
        page.Tags.Close(tag);
    }

    private void DrawCell(PdfPage page, ReportCell cell, IReadOnlyList<string> lines, float x, float baseline, int column, int tag)
    {
        page.Begin(tag);
        var typeface = _columns.Typeface(column, cell);
        var breaks = TextLine.Breaks(cell.Text, lines);
        for (var l = 0; l < lines.Count; l++)
        {
            var color = cell.Text == "–" ? PdfPage.Muted : PdfPage.Ink;
            var end = DrawAligned(page.Canvas, lines[l], x, baseline, column, typeface, _columns.SizeOf(column), color);
            if (cell.Mark is { } mark && l == lines.Count - 1)
                page.Draw(mark, end + 0.8f, baseline - 2.6f, ReportFonts.Regular, _columns.MarkSize, PdfPage.Muted);
            else if (breaks[l].Length > 0)
                page.Draw(breaks[l], end, baseline, typeface, _columns.SizeOf(column), color);
            baseline += _columns.Size * Leading;
        }
    }

    /// <summary>Numbers end at the column's right edge, before the place kept for marks, so that their digits align.</summary>
    private float DrawAligned(SKCanvas canvas, string text, float x, float y, int column, SKTypeface typeface, float size, SKColor color)
    {
        var start = _columns.LookOf(column).EndsAtTheRight
            ? x + _columns.Widths[column] - _columns.Pad - _columns.Marks[column] - TextLine.Width(text, typeface, size)
            : x + _columns.Pad;
        return TextLine.Draw(canvas, text, start, y, typeface, size, color);
    }
}
