using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Pdf;
using QuestPDF.Elements;
using QuestPDF.Fluent;
using QuestPDF.Infrastructure;
using TextStyle = LdcLedger.Reports.Pdf.TextStyle;

namespace LdcLedger.Reports.Quest;

/// <summary>A table of QuestPDF's: its head and the heading of a group come again on every page that it goes on over.</summary>
internal sealed class QuestTable
{
    // HarfBuzz, with which QuestPDF measures, rounds the width of every letter: a cell is so much wider than its text.
    private const float Slack = 2;
    private const float RowGap = 3.6f, Leading = 1.32f;

    private readonly ReportTable _table;
    private readonly References _references;
    private readonly QuestPages _pages;
    private readonly TableColumns _columns;
    private readonly TextStyle _head;
    private readonly Func<PdfPage, int> _tag = QuestPages.Tag("Table");
    // The page that was last drawn on, and the table's first row there: what QuestPDF does not tell.
    private (int Page, int Row) _first;

    public QuestTable(ReportTable table, References references, QuestPages pages)
    {
        (_table, _references, _pages) = (table, references, pages);
        _columns = new(table);
        _head = new(ReportFonts.Bold, _columns.HeaderSize, PdfPage.Ink, 1.25f);
    }

    /// <summary>The caption, the head and the first rows, or all of a small table.</summary>
    public float FirstHeight
    {
        get
        {
            var rows = _table.Groups.Sum(g => g.Rows.Count + (g.Title is null ? 0 : 1));
            var before = 40 + QuestText.Lines(_table.Caption, TextStyle.Caption) * TextStyle.Caption.LineHeight;
            var whole = before + rows * (_columns.Size * Leading + RowGap) + _table.Notes.Count * TextStyle.Note.LineHeight;
            return whole < PdfPage.Room / 4 ? whole : before + 5 * (_columns.Size * Leading + RowGap);
        }
    }

    public void Compose(IContainer container) => container.PaddingTop(4).Column(column =>
    {
        column.Item().Decoration(part =>
        {
            part.Before().Column(DrawHead);
            part.Content().PaddingVertical(1.5f).Column(DrawGroups);
            part.After().LineHorizontal(0.9f).LineColor(Palette.Ink);
        });
        // A few notes stand together.
        var lines = _table.Notes.Sum(note => QuestText.Lines(note.Text, TextStyle.Note));
        (lines > 8 ? column.Item() : column.Item().ShowEntire()).Column(DrawNotes);
    });

    private void DrawNotes(ColumnDescriptor column)
    {
        foreach (var note in _table.Notes)
            column.Item().PaddingTop(2).Kept(note.Text, TextStyle.Note).Row(row =>
            {
                var tag = QuestPages.Tag("P");
                _pages.Tagged(row.AutoItem(), tag).PaddingRight(3).Text(line => line.Write(note.Mark, TextStyle.Note, raised: true));
                _pages.Tagged(row.RelativeItem(), tag).Text(note.Text, TextStyle.Note, _references);
            });
    }

    private void DrawHead(ColumnDescriptor head)
    {
        _pages.Tagged(
            head.Item().ShowOnce().PaddingBottom(4), QuestPages.Tag("Caption", _tag), new(References.AnchorOf(_table), _table.Label, 0))
            .Text(_table.Caption, TextStyle.Caption, _references, $"{_table.Label}.");
        _pages.Decoration(head.Item().SkipOnce().PaddingBottom(4)).Text($"{_table.Label}, continued", TextStyle.Continued);
        // What is drawn by the first of the two is the table's head, by the second what a page repeats of it.
        var line = QuestPages.Tag("TR", QuestPages.Tag("THead", _tag));
        head.Item().ShowOnce().Element(row => DrawTitles(row, cell =>
            _pages.Tagged(cell, QuestPages.Tag("TH", line, " /A <</O /Table /Scope /Column>>"))));
        head.Item().SkipOnce().Element(row => DrawTitles(row, _pages.Decoration));
    }

    private void DrawTitles(IContainer container, Func<IContainer, IContainer> tagged) =>
        container.BorderTop(0.9f).BorderBottom(0.5f).BorderColor(Palette.Ink).PaddingVertical(4).Row(row =>
        {
            foreach (var (c, title) in _columns.Titles().Index())
            {
                var inner = tagged(row.ConstantItem(_columns.Widths[c])).PaddingHorizontal(_columns.Pad - Slack / 2).AlignBottom();
                var cell = _columns.LookOf(c).EndsAtTheRight ? inner.PaddingRight(_columns.Marks[c]).AlignRight() : inner;
                cell.Text(string.Join('\n', title), _head);
            }
        });

    private void DrawGroups(ColumnDescriptor column)
    {
        var row = 0;
        foreach (var group in _table.Groups)
        {
            var first = row;
            row += group.Rows.Count;
            var body = QuestPages.Tag("TBody", _tag);
            column.Item().Decoration(part =>
            {
                if (group.Title is { } title)
                    part.Before().Column(head =>
                    {
                        var scope = $" /A <</O /Table /Scope /Row /ColSpan {_table.Columns.Count}>>";
                        var tag = QuestPages.Tag("TH", QuestPages.Tag("TR", body), scope);
                        DrawTitle(_pages.Tagged(head.Item().ShowOnce(), tag), title);
                        DrawTitle(_pages.Decoration(head.Item().SkipOnce()), $"{title}, continued");
                    });
                part.Content().Table(rows => DrawRows(rows, group, first, body));
            });
        }
    }

    private void DrawTitle(IContainer container, string title)
    {
        var style = _head with { Size = _columns.Size };
        container.PaddingVertical(1).Background(Palette.Shade).PaddingHorizontal(_columns.Pad - Slack).PaddingVertical(RowGap / 2)
            .Text(title, style);
    }

    private void DrawRows(TableDescriptor rows, ReportRowGroup group, int first, Func<PdfPage, int> body)
    {
        rows.ColumnsDefinition(columns =>
        {
            foreach (var width in _columns.Widths)
                columns.ConstantColumn(width);
        });
        foreach (var (r, row) in group.Rows.Index())
        {
            var (number, line) = (first + r, QuestPages.Tag("TR", body));
            foreach (var (c, cell) in row.Index())
            {
                var tag = c == 0 ? QuestPages.Tag("TH", line, " /A <</O /Table /Scope /Row>>") : QuestPages.Tag("TD", line);
                // Asked of every row, so that the first that a page asks is the first that it draws. No row breaks over pages.
                var box = _pages.Tagged(rows.Cell().ShowEntire(), tag).ShowIf(at => IsFirst(at, number) || !cell.Repeats)
                    .PaddingHorizontal(_columns.Pad - Slack / 2).PaddingVertical(RowGap / 2);
                DrawCell(box, cell, _columns.Shown(c, cell), c);
            }
        }
    }

    /// <param name="text">As much of the cell's as a page has room for.</param>
    private void DrawCell(IContainer box, ReportCell cell, string text, int column)
    {
        var look = _columns.LookOf(column);
        var style = new TextStyle(
            _columns.Typeface(column, cell), _columns.SizeOf(column), text == "–" ? PdfPage.Muted : PdfPage.Ink, Leading / look.Scale);
        var mark = new TextStyle(ReportFonts.Regular, _columns.Size, PdfPage.Muted, Leading);
        if (!look.EndsAtTheRight)
            box.Text(line =>
            {
                line.Write(text, style);
                if (cell.Mark is not null)
                    line.Write(cell.Mark, mark, raised: true);
            });
        else
            // Numbers end before the place kept for marks, so that their digits align.
            box.Row(row =>
            {
                row.RelativeItem().AlignRight().Text(text, style);
                if (_columns.Marks[column] > 0)
                    row.ConstantItem(_columns.Marks[column]).PaddingLeft(0.8f)
                        .Text(line => line.Write(cell.Mark ?? "", mark, raised: true));
            });
    }

    /// <summary>
    /// True for the row that a page begins with. Rows are measured and drawn from the first that is left, so the first that asks on a page
    /// is the one.
    /// </summary>
    private bool IsFirst(ShowIfContext at, int row)
    {
        if (_first.Page != at.PageNumber)
            _first = (at.PageNumber, row);
        return _first.Row == row;
    }
}
