using System.Globalization;
using System.Text.RegularExpressions;
using LdcLedger.Domain;
using LdcLedger.Reports.Csv;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Comparisons;

/// <summary>A table as a study, a report's folder or a publication states it.</summary>
/// <param name="Name">For instance aggregated-norms.</param>
/// <param name="Origin">As messages name it.</param>
/// <param name="Header">Names of columns as <see cref="ColumnName"/> has them.</param>
/// <param name="Rows">Cells as they are written.</param>
/// <param name="IsWhole">Whether ldc wrote it: its numbers are whole, not rounded for print, and no row of it is left out.</param>
public sealed partial record StatedTable(
    string Name, string Origin, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows, bool IsWhole)
{
    /// <summary>Of a report that was built.</summary>
    public static StatedTable Of(DataFile data, string origin) =>
        Of(CsvFile.Of(data), NameOf(data.Path), origin) with { IsWhole = true };

    /// <summary>Of a CSV file, as a publication's.</summary>
    /// <exception cref="RuleViolation">It is no table.</exception>
    public static StatedTable Of(string csv, string name, string origin)
    {
        var rows = CsvText.Read(csv, origin);
        if (rows.Count == 0)
            throw new RuleViolation($"{origin} is empty; a table has a line of column names, such as model,domain,pt.");
        IReadOnlyList<string> header = [.. rows[0].Fields.Select(ColumnName)];
        if (header.Count < 2)
            throw new RuleViolation($"{origin} has one column, '{rows[0].Fields[0]}'; a table has columns with commas between them.");
        if (header.GroupBy(c => c).FirstOrDefault(c => c.Count() > 1) is { } twice)
            throw new RuleViolation($"{origin} has the column {twice.Key} {twice.Count()} times.");
        return new(name, origin, header, [.. rows.Skip(1).Select(r => r.Fields)], IsWhole: false);
    }

    /// <summary>The path of a table's file below the folder of tables, without extension.</summary>
    public static string NameOf(string path)
    {
        var name = path.Replace('\\', '/');
        name = name.StartsWith("tables/", StringComparison.Ordinal) ? name["tables/".Length..] : name;
        return name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? name[..^".csv".Length] : name;
    }

    /// <summary>Printed heads and those of files are one: <c>Top-1 Attn</c> and <c>top1_attention</c>.</summary>
    public static string ColumnName(string head)
    {
        var name = NoLetter().Replace(StatedNumber.Plain(head).ToLowerInvariant(), "_").Trim('_');
        return Printed(name).Replace("attn", "attention", StringComparison.Ordinal);
    }

    /// <summary>
    /// Names as people write them are one: <c>Llama 3.2 3B</c> and <c>llama-3.2-3b</c>, and what heads of columns have in two forms.
    /// </summary>
    public static string RowName(string cell) =>
        Attn().Replace(Printed(Blank().Replace(StatedNumber.Plain(cell).ToLowerInvariant(), "-")), "attention");

    private static string Printed(string name) => name == "both" ? "all" : Ranked().Replace(name, "top$1");

    /// <summary>Whether every number of it is written as ldc writes them, in no more and no fewer digits than it takes.</summary>
    public bool HasShortestNumbers => Rows.SelectMany(row => row).All(cell => StatedNumber.Of(cell) is not { } number
        || cell == number.Value.ToString("R", CultureInfo.InvariantCulture) || cell.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0);

    /// <summary>
    /// So many of the first columns tell rows apart: those of words, and as many more as are needed; one where there are no rows.
    /// </summary>
    public int Keys
    {
        get
        {
            if (Rows.Count == 0)
                return 1;
            var keys = 0;
            while (keys < Header.Count - 1 && IsWords(keys))
                keys++;
            keys = Math.Max(1, keys);
            while (keys < Header.Count - 1 && Rows.GroupBy(row => string.Join('\0', row.Take(keys))).Any(same => same.Count() > 1))
                keys++;
            return keys;
        }
    }

    private bool IsWords(int column) => Rows.Select(row => StatedNumber.Plain(row[column]))
        .All(cell => StatedNumber.Of(cell) is null && !StatedNumber.IsNothing(cell));

    [GeneratedRegex("[^a-z0-9.]+")]
    private static partial Regex NoLetter();

    [GeneratedRegex("^top[-_]([0-9]+)")]
    private static partial Regex Ranked();

    [GeneratedRegex(@"\battn\b")]
    private static partial Regex Attn();

    [GeneratedRegex(@"[\s_]+")]
    private static partial Regex Blank();
}
