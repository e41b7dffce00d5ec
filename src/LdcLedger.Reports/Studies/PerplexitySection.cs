using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>Held-out perplexity three times: normalised, as it is, and per byte.</summary>
internal static class PerplexitySection
{
    public static ReportSection Of(RuleResults results, string folder, string prefix, Numbering numbering, int seeds)
    {
        var table = results.Perplexities;
        var rule = table.Rule;
        var pooled = seeds > 1 ? $" Each number pools {seeds} seeds: the sum of their nats divided by the sum of their tokens." : "";
        var everywhere = table.Columns.Where(c => !c.Targeted).Skip(1).Select(c => c.Title).ToList();
        var isTargeted = table.Columns.Any(c => c.Targeted);
        var methods = Regimes.MethodsOf(table.Columns.Where(c => !c.Targeted).Skip(1).Select(c => c.Key));
        var inFull = methods is [TuningMethod.Lora, TuningMethod.Full]
            ? " The columns called Full train the projections themselves, all others LoRA adapters beside them." : "";
        var columns =
            $"PT is the pretrained model. {Plural.List(everywhere)} {(everywhere.Count == 1 ? "tunes" : "tune")} these projections in "
            + $"every layer{(isTargeted ? "; Top-k tunes them only in the k highest-ranked layers" : "")}.";
        var bold = Bold(table);
        var normalised = Numbers.Normalised(rule, table.Rows.SelectMany(row => row.Cells).Select(cell => cell.Normalised).OfType<double>());
        return new($"{prefix}perplexity", "Held-out perplexity",
            [
                new Paragraph(columns + inFull + pooled),
                TableOf(table, $"{folder}perplexity-normalised", numbering.NextTable(),
                    $"Normalised perplexity under rule {rule.Reference} (higher is better). {Normalised(rule, numbering)}{bold}",
                    cell => cell.Normalised is { } n ? normalised(n) : null),
                Perplexities(table, folder, numbering.NextTable()),
                TableOf(table, $"{folder}bits-per-byte", numbering.NextTable(),
                    $"Bits per byte of the scored text (lower is better; comparable across tokenizers).{bold}",
                    cell => cell.Value is { } v ? Numbers.BitsPerByte(v.BitsPerByte) : null),
            ],
            [
                .. Gains(results.Gains, folder, prefix, numbering),
                .. seeds > 1 ? OverSeeds(table, folder, prefix, numbering) : [],
                .. EfficiencySection.Of(results, folder, prefix, numbering),
            ]);
    }

    private static string Normalised(AggregationRule rule, Numbering numbering) =>
        RuleWords.Normalised(rule).TrimEnd('.') + numbering.SeeEquation("normalised") + ".";

    /// <summary>The table of perplexities as they are.</summary>
    public static ReportTable Perplexities(PerplexityTable table, string folder, string label) => TableOf(
        table, $"{folder}perplexity", label,
        $"Perplexity (lower is better).{Bold(table)}"
            + (table.Rows.Any(r => r.Cells.Any(c => c.Confidence is not null)) ? " Below each number: its 95 % interval over seeds." : ""),
        cell => cell.Value is { } v ? Numbers.Perplexity(v.Value) : null, Intervals(table));

    private static string Bold(PerplexityTable table) => !table.Columns.Any(c => c.Targeted) ? ""
        : " Bold: best targeted column" + (table.Rows.All(row => row.Cells.Any(c => c.Best)) ? "." : ", in rows that have all of them.");

    /// <summary>The study's question, tuning by tuning; none where no targeted tuning can be held against the one of both groups.</summary>
    private static IEnumerable<ReportSection> Gains(TargetedGains gains, string folder, string prefix, Numbering numbering)
    {
        if (gains.Columns.All(c => c.Cells == 0))
            yield break;
        var both = Regimes.Rows[Regimes.All].Title;
        static ReportCell Share(double? share) => new(share is { } s ? Numbers.Percent(s) : Numbers.None);
        yield return new($"{prefix}targeted-gains", "What targeted tunings keep",
            [
                new ReportTable(
                    $"{folder}targeted-gains", numbering.NextTable(),
                    $"Share of the gain of tuning {Regimes.BothGroups} in every layer ({both}) that each targeted tuning keeps"
                        + $"{numbering.SeeEquation("kept")}. "
                        + "Gain: decrease of held-out nats per token from the pretrained model. "
                        + $"Trained parameters: share of those of {both}. Cells: those that have {both} and the targeted tuning, each one "
                        + "model on one domain; a best one have those that have all of the targeted tunings"
                        + (gains.WithoutFullGain == 0 ? "."
                            : $". Shares leave out {Plural.Of(gains.WithoutFullGain, "cell")} in which {both} gains nothing."),
                    [new("Tuning", ColumnKind.Words), new("Trained parameters", ColumnKind.Number),
                        new("Gain kept, median", ColumnKind.Number), new("Lowest", ColumnKind.Number), new("Highest", ColumnKind.Number),
                        new("Best in", ColumnKind.Number), new($"Reaches {both} in", ColumnKind.Number), new("Cells", ColumnKind.Number)],
                    [new(null, [.. gains.Columns.Select(c => (IReadOnlyList<ReportCell>)
                    [
                        new(c.Column.Title), new(c.ParameterShare is { } share ? Numbers.FinePercent(share) : Numbers.None),
                        Share(c.MedianKept), Share(c.Kept.Count > 0 ? c.Kept[0] : null), Share(c.Kept.Count > 0 ? c.Kept[^1] : null),
                        new($"{c.BestIn}"), new($"{c.ReachesFullIn}"), new($"{c.Cells}"),
                    ])])],
                    []),
            ],
            []);
    }

    /// <summary>None where no tuned run has a perplexity.</summary>
    private static IEnumerable<ReportSection> OverSeeds(PerplexityTable table, string folder, string prefix, Numbering numbering)
    {
        var cells = from row in table.Rows
                    from cell in row.Cells.Select((cell, i) => (Cell: cell, Column: table.Columns[i]))
                    where cell.Cell.OverSeeds is not null && cell.Cell.Tuning is not { IsPretrained: true }
                    select (Row: row, cell.Cell, cell.Column);
        var groups = cells.GroupBy(c => c.Row.Model).Select(model => new ReportRowGroup(
            model.Key,
            [.. model.GroupBy(c => c.Row.Domain)
                .SelectMany(domain => domain.Select((c, i) => RowOf(c.Cell, c.Column, domain.Key, repeats: i > 0)))])).ToList();
        if (groups.Count == 0)
            yield break;
        yield return new($"{prefix}perplexity-over-seeds", "Perplexity over seeds",
            [
                new Paragraph(
                    "In 95 of 100 such studies the interval would cover the true perplexity. It is that of Student’s t distribution for "
                    + $"the mean of nats per token, shown as perplexity{numbering.SeeEquation("interval")} and cut off at 1, below which "
                    + "no perplexity is. A single seed has none."),
                new ReportTable(
                    $"{folder}perplexity-over-seeds", numbering.NextTable(),
                    "Perplexity of each tuning over its seeds: mean, 95 % interval and median as perplexity, "
                    + "standard deviation in nats per token.",
                    [new("Domain", ColumnKind.Words), new("Tuning", ColumnKind.Words), new("Seeds", ColumnKind.Number),
                        new("Mean", ColumnKind.Number), new("95 % low", ColumnKind.Number), new("95 % high", ColumnKind.Number),
                        new("Median", ColumnKind.Number), new("Std. dev.", ColumnKind.Number)],
                    groups, []),
            ],
            []);
    }

    private static IReadOnlyList<ReportCell> RowOf(PerplexityCell cell, PerplexityColumn column, string domain, bool repeats)
    {
        static ReportCell Cell(double? ppl) => new(ppl is { } value ? Numbers.Perplexity(value) : Numbers.None);
        var seeds = cell.OverSeeds!;
        return
        [
            new(domain, Repeats: repeats), new(column.Title), new(Numbers.Count(seeds.Count)),
            Cell(PortableMath.Exp(seeds.Mean)), Cell(cell.Confidence?.Low), Cell(cell.Confidence?.High),
            Cell(PortableMath.Exp(seeds.Median)),
            new(seeds.StandardDeviation is { } deviation ? Numbers.NatsPerToken(deviation) : Numbers.None),
        ];
    }

    /// <summary>The interval of a cell in a line; in two of a table that would be too wide else.</summary>
    private static IReadOnlyList<Func<PerplexityCell, string?>> Intervals(PerplexityTable table)
    {
        // As many letters as a page has room for at a size that can be read.
        const int most = 128;
        string? Low(PerplexityCell cell) => cell.Confidence is { } interval ? Numbers.Perplexity(interval.Low) + "–" : null;
        string? High(PerplexityCell cell) => cell.Confidence is { } interval ? Numbers.Perplexity(interval.High) : null;
        var widest = table.Rows.SelectMany(row => row.Cells).Select(cell => (Low(cell) + High(cell)).Length).DefaultIfEmpty(0).Max();
        return widest * table.Columns.Count <= most ? [cell => Low(cell) is { } low ? low + High(cell) : null] : [Low, High];
    }

    /// <param name="below">What stands in further lines of a row that has any of it.</param>
    private static ReportTable TableOf(
        PerplexityTable table, string name, string label, string caption, Func<PerplexityCell, string?> text,
        IReadOnlyList<Func<PerplexityCell, string?>>? below = null)
    {
        var marks = new NoteMarks();
        IEnumerable<IReadOnlyList<ReportCell>> LinesOf(PerplexityRow row)
        {
            yield return [new(row.Domain), .. row.Cells.Select(cell => marks.Cell(text(cell), NoteOf(cell, text(cell)), cell.Best))];
            foreach (var line in (below ?? []).Where(line => row.Cells.Any(cell => line(cell) is not null)))
                yield return [new(row.Domain, Repeats: true), .. row.Cells.Select(cell => new ReportCell(line(cell) ?? ""))];
        }
        var groups = table.Rows.GroupBy(r => r.Model)
            .Select(model => new ReportRowGroup(model.Key, [.. model.SelectMany(LinesOf)])).ToList();
        return new(
            name, label, caption,
            [new("Domain", ColumnKind.Words), .. table.Columns.Select(c => new ReportColumn(c.Title, ColumnKind.Number))],
            groups, marks.Notes);
    }

    private static string? NoteOf(PerplexityCell cell, string? text) =>
        cell.Note ?? (text is null && cell.Value is not null ? "not computable without the perplexity of the pretrained model" : null);
}
