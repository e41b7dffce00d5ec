using LdcLedger.Domain;

namespace LdcLedger.Reports.Comparisons;

/// <summary>A cell that is another one on the other side.</summary>
/// <param name="Row">What tells the row apart: <c>llama-3.2-3b, cpp, mlp</c>.</param>
/// <param name="A">As A states it.</param>
/// <param name="ShownA">In the digits in which the two are compared.</param>
public sealed record CellDifference(string Table, string Row, string Column, string A, string B, string ShownA, string ShownB);

/// <summary>Something that only one side states.</summary>
/// <param name="Side">A or B.</param>
/// <param name="Row">Null: all of a column, or of a table.</param>
/// <param name="Column">Null: all of a row, or of a table.</param>
/// <param name="Counts">Whether it is a difference. What a study states beyond a published table is none.</param>
public sealed record OneSided(string Table, string Side, string? Row, string? Column, bool Counts);

/// <summary>
/// A table of A beside the same table of B, cell by cell. A published number is compared in its own digits, however many or few the
/// others of its table have; two of ldc's own have to be equal.
/// </summary>
/// <param name="Cells">How many both sides have.</param>
public sealed record TableComparison(
    string Table, int Cells, IReadOnlyList<CellDifference> Differences, IReadOnlyList<OneSided> OneSided)
{
    public bool IsSame => Differences.Count == 0 && !OneSided.Any(o => o.Counts);

    /// <exception cref="RuleViolation">The two are not the same kind of table, or a row is there twice.</exception>
    public static TableComparison Of(StatedTable a, StatedTable b)
    {
        var keys = KeysOf(a, b);
        var values = a.Header.Except(keys).Intersect(b.Header).ToList();
        if (values.Count == 0)
            throw new RuleViolation(
                $"{a.Origin} and {b.Origin} have no column of numbers in common: {string.Join(", ", a.Header)}; "
                + $"{string.Join(", ", b.Header)}.");
        var (rowsA, rowsB) = ByKey(a, b, keys);
        var (differences, alone, cells) = (new List<CellDifference>(), new List<OneSided>(), 0);
        void Alone(string side, string? row, string? column) => alone.Add(new(a.Name, side, row, column, Counts(side, a, b)));

        foreach (var column in a.Header.Except(keys).Except(b.Header))
            Alone("A", null, column);
        foreach (var column in b.Header.Except(keys).Except(a.Header))
            Alone("B", null, column);
        foreach (var (key, row) in rowsA)
        {
            if (!rowsB.TryGetValue(key, out var other))
            {
                Alone("A", row.Name, null);
                continue;
            }
            foreach (var column in values)
            {
                var (cellA, cellB) = (Cell(a, row.Cells, column), Cell(b, other.Cells, column));
                var (isThere, isThereToo) = (!StatedNumber.IsNothing(cellA), !StatedNumber.IsNothing(cellB));
                // Beside a number, a printed "nan" is another value; beside nothing it is nothing, too.
                if (isThere != isThereToo && !StatedNumber.IsNotANumber(isThere ? cellB : cellA))
                    Alone(isThere ? "A" : "B", row.Name, column);
                else if (isThere || isThereToo)
                {
                    cells++;
                    if (Differ(cellA, a.IsWhole, cellB, b.IsWhole) is var (shownA, shownB))
                        differences.Add(new(a.Name, row.Name, column, cellA, cellB, shownA, shownB));
                }
            }
        }
        foreach (var (_, row) in rowsB.Where(r => !rowsA.ContainsKey(r.Key)))
            Alone("B", row.Name, null);
        return new(a.Name, cells, differences, alone);
    }

    /// <summary>
    /// What only one side has is a difference, but for what ldc has beside a published table of the other side.
    /// </summary>
    public static bool Counts(string side, StatedTable a, StatedTable b) => Counts(side, a.IsWhole, b.IsWhole);

    /// <inheritdoc cref="Counts(string, StatedTable, StatedTable)"/>
    public static bool Counts(string side, bool isWholeA, bool isWholeB) =>
        side == "A" ? !isWholeA || isWholeB : !isWholeB || isWholeA;

    /// <summary>Null where the two say the same; else both in the digits in which they are compared.</summary>
    internal static (string A, string B)? Differ(string a, bool isWholeA, string b, bool isWholeB)
    {
        if (StatedNumber.Of(a) is not { IsBeyond: false } numberA || StatedNumber.Of(b) is not { IsBeyond: false } numberB)
            return a == b ? null : (a, b);
        if (isWholeA && isWholeB)
            return numberA.Value.Equals(numberB.Value) ? null : (a, b);
        // The one with fewer digits says how many count.
        var isCoarserA = !isWholeA && (isWholeB || numberA.Unit >= numberB.Unit);
        var (coarse, fine) = isCoarserA ? (numberA, numberB) : (numberB, numberA);
        if (coarse.Rounds(fine.Value))
            return null;
        return isCoarserA ? (a, coarse.Print(fine.Value)) : (coarse.Print(fine.Value), b);
    }

    private static string Cell(StatedTable table, IReadOnlyList<string> row, string column) =>
        StatedNumber.Plain(row[table.Header.ToList().IndexOf(column)]);

    // By the side that has more: a published table may be of a single model.
    private static IReadOnlyList<string> KeysOf(StatedTable a, StatedTable b)
    {
        var by = a.IsWhole == b.IsWhole ? (a.Keys >= b.Keys ? a : b) : a.IsWhole ? a : b;
        IReadOnlyList<string> keys = [.. by.Header.Take(by.Keys)];
        foreach (var table in new[] { a, b })
            if (keys.Except(table.Header).FirstOrDefault() is { } missing)
                throw new RuleViolation(
                    $"{table.Origin} has no column {missing}, by which the rows of {by.Name} are told apart; it has "
                    + $"{string.Join(", ", table.Header)}.");
        return keys;
    }

    private static (IReadOnlyDictionary<string, NamedRow> A, IReadOnlyDictionary<string, NamedRow> B) ByKey(
        StatedTable a, StatedTable b, IReadOnlyList<string> keys)
    {
        // Names that only case or blanks tell apart are taken to the letter.
        var isLoose = new[] { a, b }.All(table =>
            Named(table, keys, StatedTable.RowName).Select(row => row.Key).Distinct().Count() == table.Rows.Count);
        return (Rows(a), Rows(b));

        Dictionary<string, NamedRow> Rows(StatedTable table)
        {
            var rows = new Dictionary<string, NamedRow>();
            foreach (var (key, row) in Named(table, keys, isLoose ? StatedTable.RowName : cell => cell))
                if (!rows.TryAdd(key, row))
                    throw new RuleViolation($"{table.Origin} has the row {row.Name} twice.");
            return rows;
        }
    }

    private static IEnumerable<(string Key, NamedRow Row)> Named(StatedTable table, IReadOnlyList<string> keys, Func<string, string> name)
    {
        var places = keys.Select(key => table.Header.ToList().IndexOf(key)).ToList();
        return table.Rows.Select(row => (
            string.Join('\0', places.Select(place => name(row[place]))),
            new NamedRow(string.Join(", ", places.Select(place => row[place].Trim())), row)));
    }

    private sealed record NamedRow(string Name, IReadOnlyList<string> Cells);
}
