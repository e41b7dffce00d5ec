namespace LdcLedger.Reports.Documents;

/// <summary>
/// What a report says, and nothing of how it looks: a plain immutable tree that every renderer draws. The same facts give the same
/// tree, and the same tree the same bytes.
/// </summary>
/// <param name="Subtitle">One line under the title.</param>
/// <param name="Footer">What every page repeats, so that a single sheet can be traced.</param>
/// <param name="AsOf">The report's only clock: the time of the last event that it states.</param>
/// <param name="Notice">What every reader must know first, under the title: that the study has not ended; null where it has.</param>
/// <param name="Origin">What it was built of: from this anyone who holds the ledger builds it again.</param>
/// <param name="Facts">Shown under the title.</param>
/// <param name="Data">The tables in full precision, as CSV files.</param>
public sealed record ReportDocument(
    string Title, string Subtitle, string Footer, DateTimeOffset AsOf, string? Notice, ReportOrigin Origin,
    IReadOnlyList<ReportFact> Facts, IReadOnlyList<ReportSection> Sections, IReadOnlyList<DataFile> Data)
{
    /// <summary>Every block of every section, in reading order.</summary>
    public IEnumerable<ReportBlock> Blocks => Sections.SelectMany(s => s.AllBlocks);
}

/// <param name="Anchor">Unique in the document; letters, digits and hyphens.</param>
public sealed record ReportSection(string Anchor, string Title, IReadOnlyList<ReportBlock> Blocks, IReadOnlyList<ReportSection> Sections)
{
    internal IEnumerable<ReportBlock> AllBlocks => Blocks.Concat(Sections.SelectMany(s => s.AllBlocks));
}

/// <summary>
/// A part of a section. A new kind does not compile until every renderer draws it. Tables, figures and equations have a label, unique in
/// the document; a text that names one ("Table 3") refers to it, and a renderer that can makes it a link.
/// </summary>
public abstract record ReportBlock
{
    public abstract T Draw<T>(IBlockRenderer<T> renderer);
}

/// <summary>One form of a report: what it makes of each kind of block.</summary>
public interface IBlockRenderer<out T>
{
    T Draw(Paragraph block);
    T Draw(BulletList block);
    T Draw(FactList block);
    T Draw(KeyNumbers block);
    T Draw(Verbatim block);
    T Draw(ReportTable block);
    T Draw(FigureGrid block);
    T Draw(Equation block);
}

public sealed record Paragraph(string Text) : ReportBlock
{
    public override T Draw<T>(IBlockRenderer<T> renderer) => renderer.Draw(this);
}

public sealed record BulletList(IReadOnlyList<string> Items) : ReportBlock
{
    public override T Draw<T>(IBlockRenderer<T> renderer) => renderer.Draw(this);
}

/// <param name="Exact">An identifier or a hash: set in a fixed-width font, and may break anywhere.</param>
public sealed record ReportFact(string Name, string Value, bool Exact = false);

public sealed record FactList(IReadOnlyList<ReportFact> Facts) : ReportBlock
{
    public override T Draw<T>(IBlockRenderer<T> renderer) => renderer.Draw(this);
}

/// <summary>A few numbers that a reader should see first.</summary>
public sealed record KeyNumbers(IReadOnlyList<KeyNumber> Numbers) : ReportBlock
{
    public override T Draw<T>(IBlockRenderer<T> renderer) => renderer.Draw(this);
}

public sealed record KeyNumber(string Value, string Label);

/// <summary>Text whose line breaks and spaces count.</summary>
public sealed record Verbatim(string Text) : ReportBlock
{
    public override T Draw<T>(IBlockRenderer<T> renderer) => renderer.Draw(this);
}

/// <summary>How a column's cells are set; each renderer has a look for every kind.</summary>
public enum ColumnKind
{
    /// <summary>Words: left, may wrap.</summary>
    Words,

    /// <summary>Numbers with the same decimals: right, never wrapped.</summary>
    Number,

    /// <summary>Identifiers and hashes: left, fixed width, never wrapped.</summary>
    Exact,
}

public sealed record ReportColumn(string Title, ColumnKind Kind);

/// <param name="Mark">Letter of the note that explains the cell; else null.</param>
/// <param name="Repeats">It says what the cell above it says; drawn only where a page begins with it.</param>
public sealed record ReportCell(string Text, bool Bold = false, string? Mark = null, bool Repeats = false);

/// <summary>Rows under a heading of their own, such as a model's; the heading comes again where a page breaks.</summary>
/// <param name="Title">Null where the table has a single group.</param>
public sealed record ReportRowGroup(string? Title, IReadOnlyList<IReadOnlyList<ReportCell>> Rows);

/// <param name="Name">Anchor, and the name of its LaTeX file below <c>tables/</c>; unique in the document; may have folders.</param>
/// <param name="Label">For instance Table 3.</param>
/// <param name="Notes">By mark.</param>
public sealed record ReportTable(
    string Name, string Label, string Caption, IReadOnlyList<ReportColumn> Columns, IReadOnlyList<ReportRowGroup> Groups,
    IReadOnlyList<ReportNote> Notes) : ReportBlock
{
    /// <summary>The data file that has what is printed here in full precision; shared with other tables, or of the table's name.</summary>
    public string Data { get; init; } = $"tables/{Name}.csv";

    public override T Draw<T>(IBlockRenderer<T> renderer) => renderer.Draw(this);
}

public sealed record ReportNote(string Mark, string Text);

/// <param name="File">Path below the report's folder, without extension: <c>figures/fig_norm_...</c></param>
/// <param name="Note">What is missing in it; else null.</param>
public sealed record ReportFigure(string File, Chart Chart, string? Note);

/// <summary>Figures under one caption: half-width charts two in a row, others below each other.</summary>
/// <param name="Label">For instance Figure 2.</param>
public sealed record FigureGrid(string Anchor, string Label, string Caption, IReadOnlyList<ReportFigure> Figures) : ReportBlock
{
    /// <summary>The figures as they stand in rows of a page.</summary>
    public IEnumerable<IReadOnlyList<ReportFigure>> Rows
    {
        get
        {
            for (var i = 0; i < Figures.Count;)
            {
                var pair = Figures[i].Chart.Span == ChartSpan.Half && i + 1 < Figures.Count && Figures[i + 1].Chart.Span == ChartSpan.Half;
                yield return pair ? [Figures[i], Figures[i + 1]] : [Figures[i]];
                i += pair ? 2 : 1;
            }
        }
    }

    public override T Draw<T>(IBlockRenderer<T> renderer) => renderer.Draw(this);
}

/// <summary>A formula on a line of its own, with its number at the right.</summary>
/// <param name="Name">Anchor, and the name of its LaTeX file below <c>equations/</c>; unique in the document.</param>
/// <param name="Label">For instance Equation 1; the line shows its number in brackets.</param>
public sealed record Equation(string Name, string Label, Formula Formula) : ReportBlock
{
    /// <summary>As the line shows it: (1).</summary>
    public string Number => $"({Label[(Label.LastIndexOf(' ') + 1)..]})";

    public override T Draw<T>(IBlockRenderer<T> renderer) => renderer.Draw(this);
}

/// <param name="Path">Below the report's folder: <c>tables/...csv</c></param>
/// <param name="Rows">Strings, integers, doubles, booleans or null.</param>
public sealed record DataFile(string Path, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<object?>> Rows);
