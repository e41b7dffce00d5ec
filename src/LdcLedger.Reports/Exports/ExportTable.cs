using LdcLedger.Reports.Csv;
using ParquetSharp;

namespace LdcLedger.Reports.Exports;

/// <summary>A table for other programs: named columns of one type each, whole numbers that read back as they were.</summary>
public abstract class ExportTable
{
    /// <summary>Rows that are written at a time, and those of a Parquet row group.</summary>
    protected const int RowsAtATime = 1 << 16;

    public abstract IReadOnlyList<string> Header { get; }

    /// <summary>As RFC 4180 CSV, UTF-8; an empty field is no value.</summary>
    /// <param name="isForSpreadsheets">Whether a text that a spreadsheet would take for a formula gets an apostrophe before it: for files
    /// that somebody opens with a click. Numbers stay as they are.</param>
    public abstract void WriteCsv(TextWriter to, bool isForSpreadsheets = false);

    /// <param name="to">Can seek; stays open.</param>
    /// <param name="notes">Kept in the file beside the table: where it comes from.</param>
    public abstract void WriteParquet(Stream to, IReadOnlyDictionary<string, string> notes);
}

/// <summary>A column of a table over rows of type <typeparamref name="TRow"/>.</summary>
public abstract record ExportColumn<TRow>(string Name)
{
    /// <summary>Text, int, long, double, bool, or null.</summary>
    public abstract object? Cell(TRow row);

    internal abstract Column Declared { get; }

    internal abstract void Write(RowGroupWriter group, IReadOnlyList<TRow> rows);
}

/// <summary>The same, with the type of its values: string, int, long, double, bool, or one of these that may be null.</summary>
public sealed record ExportColumn<TRow, T>(string Name, Func<TRow, T> Value) : ExportColumn<TRow>(Name)
{
    public override object? Cell(TRow row) => Value(row);

    internal override Column Declared => new Column<T>(Name);

    internal override void Write(RowGroupWriter group, IReadOnlyList<TRow> rows)
    {
        using var column = group.NextColumn();
        using var values = column.LogicalWriter<T>();
        values.WriteBatch([.. rows.Select(Value)]);
    }
}

public sealed class ExportTable<TRow>(IEnumerable<TRow> rows, params IReadOnlyList<ExportColumn<TRow>> columns) : ExportTable
{
    public override IReadOnlyList<string> Header { get; } = [.. columns.Select(c => c.Name)];

    public override void WriteCsv(TextWriter to, bool isForSpreadsheets = false) => CsvFile.Write(to, Header, rows.Select(row =>
        columns.Select(c => isForSpreadsheets && c.Cell(row) is string text ? CsvFile.NoFormula(text) : c.Cell(row))));

    public override void WriteParquet(Stream to, IReadOnlyDictionary<string, string> notes)
    {
        using var file = new ParquetFileWriter(
            to, [.. columns.Select(c => c.Declared)], null, Compression.Zstd, notes, leaveOpen: true);
        foreach (var some in rows.Chunk(RowsAtATime))
        {
            using var group = file.AppendRowGroup();
            foreach (var column in columns)
                column.Write(group, some);
        }
        file.Close();
    }
}
