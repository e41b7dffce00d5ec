using LdcLedger.Domain;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>What the tables and figures lack, cell by cell, and why.</summary>
internal static class MissingSection
{
    /// <summary>None where nothing is missing.</summary>
    public static IReadOnlyList<ReportSection> Of(RuleResults results, Numbering numbering)
    {
        var table = results.Perplexities;
        var perplexities =
            from row in table.Rows
            from cell in row.Cells.Index()
            where cell.Item.Note is not null
            select (row.Model, row.Domain, What: table.Columns[cell.Index].Title, Why: cell.Item.Note);
        var known = perplexities.Select(p => (p.Model, p.Domain, p.Why)).ToHashSet();
        // A run that is missing lacks its norms as well; once is enough.
        var norms =
            from figure in results.Figures
            from line in figure.Lines
            where line.Note is not null && !known.Contains((figure.Model, figure.Domain, line.Note))
            select (figure.Model, figure.Domain, What: $"norms of {line.Name}", Why: line.Note);
        var cells = perplexities.Concat(norms).ToList();
        if (cells.Count == 0)
            return [];
        var places = cells.Select(c => (c.Model, c.Domain)).Distinct().Count();
        return
        [
            new("missing", "What is missing",
                [
                    new ReportTable(
                        "missing", numbering.NextTable(),
                        $"What {(places == table.Rows.Count && places > 1 ? "all" : $"{Numbers.Count(places)} of the")} "
                            + $"{Plural.Of(table.Rows.Count, "cell")} {(places == 1 ? "lacks" : "lack")}, "
                        + "and why. "
                        + "A number from fewer seeds than planned is listed, too.",
                        [new("Domain", ColumnKind.Words), new("Missing", ColumnKind.Words), new("Why", ColumnKind.Words)],
                        [.. cells.GroupBy(c => c.Model).Select(model => new ReportRowGroup(model.Key, Rows(model)))], []),
                ],
                []),
        ];
    }

    private static IReadOnlyList<IReadOnlyList<ReportCell>> Rows(IEnumerable<(string Model, string Domain, string What, string? Why)> cells)
    {
        var rows = new List<IReadOnlyList<ReportCell>>();
        foreach (var domain in cells.GroupBy(c => c.Domain))
            foreach (var (i, why) in domain.GroupBy(c => c.Why).Index())
                rows.Add([new(domain.Key, Repeats: i > 0), new(string.Join(", ", why.Select(w => w.What))), new(why.Key!)]);
        return rows;
    }
}
