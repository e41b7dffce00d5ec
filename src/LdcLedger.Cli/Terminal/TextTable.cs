using System.Text;
using Spectre.Console.Rendering;

namespace LdcLedger.Cli.Terminal;

/// <summary>A table in plain aligned columns, readable on a terminal and in a pipe; numbers to the right.</summary>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Columns that hold numbers begin with <c>&gt;</c> in the constructor.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    public int Count => _rows.Count;

    public void Write(TextWriter to, bool colour = false)
    {
        var heads = columns.Select(c => c.TrimStart('>')).ToArray();
        var widths = heads.Select((h, i) => Math.Max(Width(h), _rows.Count == 0 ? 0 : _rows.Max(r => Width(r[i])))).ToArray();
        var head = Line(heads, widths);
        to.WriteLine(colour ? $"\e[1m{head}\e[0m" : head);
        foreach (var row in _rows)
            to.WriteLine(Line(row, widths));
    }

    private string Line(string[] cells, int[] widths) =>
        string.Join("  ", cells.Select((c, i) => columns[i].StartsWith('>') ? Room(c, widths[i]) + c : c + Room(c, widths[i]))).TrimEnd();

    private static string Room(string cell, int width) => new(' ', width - Width(cell));

    // As a terminal shows it: a Chinese character takes two places, an accent none.
    private static int Width(string cell) => Ascii.IsValid(cell) ? cell.Length : new Segment(cell).CellCount();
}
