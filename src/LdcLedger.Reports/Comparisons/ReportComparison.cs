using LdcLedger.Domain;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Comparisons;

/// <summary>One side of a comparison: the tables of a study or a folder, or a single one.</summary>
/// <param name="Name">As the user named it.</param>
/// <param name="IsSingle">Whether it is one file.</param>
public sealed record StatedTables(string Name, IReadOnlyList<StatedTable> Tables, bool IsSingle)
{
    /// <summary>Tables that every report has, and a publication has no reason to: where one is, ldc wrote those beside it.</summary>
    public static readonly IReadOnlyList<string> OfReportsAlone = ["rules-table", "domains-table", "environments-table"];

    /// <summary>Whether ldc wrote them.</summary>
    public bool IsWhole => Tables.Any(table => table.IsWhole);

    /// <summary>Those of a folder; a report's are whole throughout, however short a number of them is.</summary>
    public static StatedTables OfFolder(string name, IReadOnlyList<StatedTable> tables)
    {
        var isReport = tables.Any(table => OfReportsAlone.Contains(table.Name));
        return new(name, isReport ? [.. tables.Select(table => table with { IsWhole = true })] : tables, IsSingle: false);
    }

    /// <summary>One file.</summary>
    /// <param name="isInReport">Whether it lies among a report's tables, where a published one may have been laid beside them.</param>
    public static StatedTables OfFile(string name, StatedTable table, bool isInReport) =>
        new(name, [table with { IsWhole = isInReport && table.HasShortestNumbers }], IsSingle: true);

    /// <summary>Those of a study's report.</summary>
    public static StatedTables Of(ReportDocument document, string study) =>
        new(study, [.. document.Data.Select(data => StatedTable.Of(data, $"study {study}"))], IsSingle: false);
}

/// <summary>Every table that two sides have in common, compared.</summary>
public sealed record ReportComparison(IReadOnlyList<TableComparison> Tables, IReadOnlyList<OneSided> OneSided)
{
    /// <summary>Names every run and its wall time: no two studies share it, and no table is made of it.</summary>
    private const string Appendix = "runs";

    public bool IsSame => Tables.All(table => table.IsSame) && !OneSided.Any(table => table.Counts);

    /// <param name="only">Names of the tables to compare; none: all but the list of runs.</param>
    /// <exception cref="RuleViolation">There is nothing to compare, or it is not clear with what.</exception>
    public static ReportComparison Of(StatedTables a, StatedTables b, IReadOnlyList<string> only)
    {
        var compared = Compared(a, b, only);
        if (!compared.IsSame || compared.Tables.Any(table => table.Cells > 0))
            return compared;
        if (new[] { a, b }.FirstOrDefault(side => side.IsSingle && side.Tables[0].Rows.Count == 0) is { } empty)
            throw new RuleViolation($"{empty.Name} has names of columns and no row below them: there is nothing to compare.");
        throw new RuleViolation(
            $"nothing was compared: {a.Name} and {b.Name} have no cell in common that says something in both (of "
            + $"{Plural.List([.. compared.Tables.Select(table => table.Table)])}).");
    }

    private static ReportComparison Compared(StatedTables a, StatedTables b, IReadOnlyList<string> only)
    {
        foreach (var name in only)
            foreach (var side in new[] { a, b }.Where(side => !side.IsSingle && side.Tables.All(table => table.Name != name)))
                throw new RuleViolation($"{side.Name} has no table {name}; it has {string.Join(", ", side.Tables.Select(t => t.Name))}.");
        if (a.IsSingle && b.IsSingle)
            return new([TableComparison.Of(a.Tables[0], b.Tables[0])], []);
        if (a.IsSingle && Partner(a.Tables[0], b, only) is var partner)
            return new([TableComparison.Of(a.Tables[0] with { Name = partner.Name }, partner)], []);
        if (b.IsSingle)
            return new([TableComparison.Of(Partner(b.Tables[0], a, only), b.Tables[0])], []);

        bool Wanted(StatedTable table) => only.Count == 0 ? table.Name.Split('/')[^1] != Appendix : only.Contains(table.Name);
        var (tablesA, tablesB) = (a.Tables.Where(Wanted).ToList(), b.Tables.Where(Wanted).ToList());
        var common = tablesA.Join(tablesB, t => t.Name, t => t.Name, TableComparison.Of).ToList();
        if (common.Count == 0)
            throw new RuleViolation(
                $"{a.Name} and {b.Name} have no table in common: {string.Join(", ", a.Tables.Select(t => t.Name))}; "
                + $"{string.Join(", ", b.Tables.Select(t => t.Name))}.");
        return new(common,
            [.. Alone("A", tablesA.Select(t => t.Name).Except(tablesB.Select(t => t.Name))),
                .. Alone("B", tablesB.Select(t => t.Name).Except(tablesA.Select(t => t.Name)))]);

        IEnumerable<OneSided> Alone(string side, IEnumerable<string> names) =>
            names.Select(name => new OneSided(name, side, null, null, TableComparison.Counts(side, a.IsWhole, b.IsWhole)));
    }

    /// <summary>The table that a single file is of: the one that is named, has the file's name, or alone has its columns.</summary>
    private static StatedTable Partner(StatedTable single, StatedTables all, IReadOnlyList<string> only)
    {
        if (only.Count > 1)
            throw new RuleViolation($"{single.Origin} is one table, and {Plural.List(only)} are {only.Count}.");
        var name = only.Count == 1 ? only[0] : single.Name.Split('/')[^1];
        if (all.Tables.FirstOrDefault(table => table.Name == name) is { } named)
            return named;
        var alike = all.Tables.Where(table => single.Header.All(column => table.Header.Contains(column))).ToList();
        return alike.Count switch
        {
            1 => alike[0],
            0 => throw new RuleViolation(
                $"{single.Origin} has the columns {string.Join(", ", single.Header)}, and no table of {all.Name} has all of them; "
                + $"its tables are {string.Join("; ", all.Tables.Select(t => $"{t.Name} ({string.Join(", ", t.Header)})"))}."),
            _ => throw new RuleViolation(
                $"{single.Origin} has the columns of {Plural.List([.. alike.Select(t => t.Name)])}; say which it is of (--table NAME), "
                + "or call the file so."),
        };
    }
}
