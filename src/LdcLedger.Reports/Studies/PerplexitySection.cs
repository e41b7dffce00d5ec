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
        const string columns =
            "PT is the pretrained model. MLP, Attn and Both tune these projections in every layer; "
            + "Top-k tunes them only in the k highest-ranked layers.";
        var bold = table.Columns.Any(c => c.Targeted) ? " Bold: best targeted column." : "";
        return new($"{prefix}perplexity", "Held-out perplexity",
            [
                new Paragraph(
                    "Perplexity is exp(total nats / scored tokens) on the records held out from training. " + columns + pooled),
                TableOf(table, $"{folder}perplexity-normalised", numbering.NextTable(),
                    $"Normalised perplexity under rule {rule.Reference} (higher is better). {RuleWords.Normalised(rule)}{bold}",
                    cell => cell.Normalised is { } n ? Numbers.Normalised(rule, n) : null),
                TableOf(table, $"{folder}perplexity", numbering.NextTable(), $"Perplexity (lower is better).{bold}",
                    cell => cell.Value is { } v ? Numbers.Perplexity(v.Value) : null),
                TableOf(table, $"{folder}bits-per-byte", numbering.NextTable(),
                    $"Bits per byte of the scored text (lower is better; comparable across tokenizers).{bold}",
                    cell => cell.Value is { } v ? Numbers.BitsPerByte(v.BitsPerByte) : null),
            ],
            []);
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
