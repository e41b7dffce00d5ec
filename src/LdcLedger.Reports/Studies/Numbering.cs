using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>Counts a document's tables, figures and equations while it is built, and keeps their names apart.</summary>
internal sealed class Numbering
{
    private readonly Dictionary<string, string> _equations = new(StringComparer.Ordinal);
    private int _tables;
    private int _figures;

    /// <summary>Models as they appear in file names.</summary>
    public Slug Models { get; } = new();

    /// <summary>Models and domains together, likewise.</summary>
    public Slug Cells { get; } = new();

    public string NextTable() => $"Table {++_tables}";

    public string NextFigure() => $"Figure {++_figures}";

    /// <param name="name">By which a text can refer to it.</param>
    public string NextEquation(string name) => _equations[name] = $"Equation {_equations.Count + 1}";

    /// <summary>The label of an equation, in brackets after a text; nothing where the document has none of the name.</summary>
    public string SeeEquation(string name) => _equations.TryGetValue(name, out var label) ? $" ({label})" : "";
}

/// <summary>The notes under one table: a letter for each different text.</summary>
internal sealed class NoteMarks
{
    private readonly List<ReportNote> _notes = [];

    public IReadOnlyList<ReportNote> Notes => _notes;

    /// <returns>a, b, ..., z, aa, ...; null for no note.</returns>
    public string? Of(string? text)
    {
        if (text is null)
            return null;
        if (_notes.Find(n => n.Text == text) is { } known)
            return known.Mark;
        var mark = "";
        for (var n = _notes.Count + 1; n > 0; n = (n - 1) / 26)
            mark = (char)('a' + (n - 1) % 26) + mark;
        _notes.Add(new(mark, text));
        return mark;
    }

    public ReportCell Cell(string? value, string? note, bool bold = false) =>
        new(value ?? Numbers.None, bold && value is not null, Of(note));
}
