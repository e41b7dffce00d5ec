using System.Globalization;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>Tables whose print loses nothing, words and counts, as data: the print itself, group by group.</summary>
internal static class PrintedData
{
    /// <summary>For every table of the sections whose data file is not among the known ones.</summary>
    public static IEnumerable<DataFile> Of(IEnumerable<ReportSection> sections, IReadOnlyList<DataFile> known) =>
        sections.SelectMany(s => s.AllBlocks).OfType<ReportTable>().Where(t => known.All(d => d.Path != t.Data)).Select(Of);

    private static DataFile Of(ReportTable table)
    {
        var isGrouped = table.Groups.Any(g => g.Title is not null);
        return new(
            table.Data,
            [.. isGrouped ? ["model"] : (string[])[], .. table.Columns.Select(c => Key(c.Title))],
            [.. table.Groups.SelectMany(group => group.Rows.Select(row => (IReadOnlyList<object?>)
                [.. isGrouped ? [group.Title] : (object?[])[], .. row.Select((cell, c) => Value(cell, table.Columns[c].Kind))]))]);
    }

    // As the other files call it.
    private static string Key(string title) =>
        title.ToLowerInvariant().Replace(' ', '_').Replace("sha-256", "sha256", StringComparison.Ordinal);

    private static object? Value(ReportCell cell, ColumnKind kind) =>
        cell.Text is Numbers.None or "" ? null
        : kind == ColumnKind.Number && long.TryParse(cell.Text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var count)
            ? count : cell.Text;
}
