using LdcLedger.Domain;
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
        var columns =
            $"PT is the pretrained model. {Plural.List(everywhere)} {(everywhere.Count == 1 ? "tunes" : "tune")} these projections in "
            + $"every layer{(isTargeted ? "; Top-k tunes them only in the k highest-ranked layers" : "")}.";
        var bold = isTargeted ? " Bold: best targeted column." : "";
        return new($"{prefix}perplexity", "Held-out perplexity",
            [
                new Paragraph(columns + pooled),
                TableOf(table, $"{folder}perplexity-normalised", numbering.NextTable(),
                    $"Normalised perplexity under rule {rule.Reference} (higher is better). {RuleWords.Normalised(rule)}{bold}",
                    cell => cell.Normalised is { } n ? Numbers.Normalised(rule, n) : null),
                TableOf(table, $"{folder}perplexity", numbering.NextTable(), $"Perplexity (lower is better).{bold}",
                    cell => cell.Value is { } v ? Numbers.Perplexity(v.Value) : null),
                TableOf(table, $"{folder}bits-per-byte", numbering.NextTable(),
                    $"Bits per byte of the scored text (lower is better; comparable across tokenizers).{bold}",
                    cell => cell.Value is { } v ? Numbers.BitsPerByte(v.BitsPerByte) : null),
            ],
            [
                .. seeds > 1 ? [OverSeeds(table, folder, prefix, numbering)] : (ReportSection[])[],
                .. EfficiencySection.Of(results, folder, prefix, numbering),
            ]);
    }

    private static ReportSection OverSeeds(PerplexityTable table, string folder, string prefix, Numbering numbering)
    {
        var cells = from row in table.Rows
                    from cell in row.Cells.Select((cell, i) => (Cell: cell, Column: table.Columns[i]))
                    where cell.Cell.OverSeeds is not null && cell.Cell.Tuning is not { IsPretrained: true }
                    select (Row: row, cell.Cell, cell.Column);
        var groups = cells.GroupBy(c => c.Row.Model).Select(model => new ReportRowGroup(
            model.Key,
            [.. model.GroupBy(c => c.Row.Domain)
                .SelectMany(domain => domain.Select((c, i) => RowOf(c.Cell, c.Column, domain.Key, repeats: i > 0)))]));
        return new($"{prefix}perplexity-over-seeds", "Perplexity over seeds",
            [
                new Paragraph(
                    "The interval covers the true perplexity in 95 of 100 such studies. It is that of Student’s t distribution for the "
                    + "mean of nats per token, shown as perplexity. A single seed has no interval."),
                new ReportTable(
                    $"{folder}perplexity-over-seeds", numbering.NextTable(),
                    "Perplexity of each tuning over its seeds: mean, 95 % interval and median as perplexity, "
                    + "standard deviation in nats per token.",
                    [new("Domain", ColumnKind.Words), new("Tuning", ColumnKind.Words), new("Seeds", ColumnKind.Number),
                        new("Mean", ColumnKind.Number), new("95 % low", ColumnKind.Number), new("95 % high", ColumnKind.Number),
                        new("Median", ColumnKind.Number), new("Std. dev.", ColumnKind.Number)],
                    [.. groups], []),
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

    private static ReportTable TableOf(PerplexityTable table, string name, string label, string caption, Func<PerplexityCell, string?> text)
    {
        var marks = new NoteMarks();
        var groups = table.Rows.GroupBy(r => r.Model).Select(model => new ReportRowGroup(
            model.Key,
            [.. model.Select(row => (IReadOnlyList<ReportCell>)
                [new(row.Domain), .. row.Cells.Select(cell => marks.Cell(text(cell), NoteOf(cell, text(cell)), cell.Best))])])).ToList();
        return new(
            name, label, caption,
            [new("Domain", ColumnKind.Words), .. table.Columns.Select(c => new ReportColumn(c.Title, ColumnKind.Number))],
            groups, marks.Notes);
    }

    private static string? NoteOf(PerplexityCell cell, string? text) =>
        cell.Note ?? (text is null && cell.Value is not null ? "not computable without the perplexity of the pretrained model" : null);
}
