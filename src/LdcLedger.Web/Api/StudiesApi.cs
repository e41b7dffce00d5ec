using System.Globalization;
using System.Text;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Views;
using LdcLedger.Reports.Exports;
using LdcLedger.Reports.Latex;
using LdcLedger.Reports.Studies;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <summary>Which moment of which study an answer is of: what makes it citable.</summary>
/// <param name="IsLive">False: it was asked for as of this position.</param>
public sealed record StudyPosition(Guid StudyId, long Position, string Root, DateTimeOffset AsOf, bool IsLive)
{
    public static StudyPosition Of(ShownStudy shown) =>
        new(shown.Id, shown.Facts.Position, shown.Facts.Root, shown.Facts.AsOf, shown.Moment is null);
}

/// <param name="Why">Why the status is not the stored one: told by the leases of this moment.</param>
public sealed record StudyAnswer(StudyPosition At, StudySummary Study, string? Why);

/// <param name="Ppl">exp(nats / tokens), pooled over seeds; null where no run completed.</param>
/// <param name="Low">Lower end of the 95 % interval over seeds; null of a single run.</param>
/// <param name="Best">Whether it is the best of the targeted columns of its row.</param>
/// <param name="Note">Why it is empty, or which seeds lack.</param>
public sealed record PerplexityAnswerCell(
    string Column, double? Ppl, double? BitsPerByte, double? Low, double? High, double? Normalised, bool Best, string? Tuning,
    IReadOnlyList<Guid> Runs, string? Note);

public sealed record PerplexityAnswerRow(string Model, string Domain, IReadOnlyList<PerplexityAnswerCell> Cells);

/// <param name="Rule">As NAME@VERSION.</param>
/// <param name="RuleHash">Of what it says.</param>
public sealed record PerplexityTableAnswer(
    string Rule, string RuleHash, IReadOnlyList<PerplexityColumn> Columns, IReadOnlyList<PerplexityAnswerRow> Rows);

public sealed record PerplexitiesAnswer(StudyPosition At, IReadOnlyList<PerplexityTableAnswer> Tables);

/// <param name="Rule">As NAME@VERSION.</param>
/// <param name="RuleHash">Of what it says.</param>
/// <param name="Items">A sentence or two each, which the numbers decide.</param>
public sealed record FindingsAnswer(StudyPosition At, string Rule, string RuleHash, IReadOnlyList<string> Items);

public sealed record RankingAnswer(string Rule, string RuleHash, IReadOnlyList<RankingRow> Rows);

public sealed record RankingsAnswer(StudyPosition At, IReadOnlyList<RankingAnswer> Rankings);

public sealed record NormsAnswer(StudyPosition At, IReadOnlyList<RunNorms> Runs);

public sealed record EvaluationsAnswer(StudyPosition At, IReadOnlyList<RunPerplexity> Runs);

/// <summary>What is answered of studies.</summary>
internal static class StudiesApi
{
    public static async Task<Part<StudySummary>> ListAsync(View view, Cursor cursor)
    {
        var limit = (int)(view.Whole("limit", 1, 1000) ?? 100);
        var list = Cursor.ListOf(view);
        var after = view["cursor"] is { } text ? cursor.Read(list, text) : null;
        var (studies, next) = await view.Ledger.StudiesAsync(after, limit, view.Cancellation, view["name"]);
        var count = view["count"] switch
        {
            null or "false" => (long?)null,
            "true" => await view.Ledger.CountStudiesAsync(view.Cancellation, view["name"]),
            var other => throw new BadQuery($"count is '{other}'; it is true or false."),
        };
        return new([.. studies.Select(told => told.Study)], next is null ? null : cursor.Write(list, next), count);
    }

    public static async Task<StudyAnswer> ShowAsync(View view)
    {
        var shown = await view.StudyAsync();
        return new(StudyPosition.Of(shown), shown.Study, shown.Told.Why);
    }

    public static async Task<StudyPosition> RootAsync(View view) => StudyPosition.Of(await view.StudyAsync());

    public static async Task<object> PerplexitiesAsync(View view)
    {
        var (shown, rules) = await UnderAsync(view);
        if (view["format"] is { } format && format != "json")
            return Latex(shown, rules, format);
        return new PerplexitiesAnswer(StudyPosition.Of(shown), [.. rules.Select(rule =>
        {
            var table = PerplexityTable.Of(shown.Facts, rule);
            return new PerplexityTableAnswer(rule.Reference, rule.Hash, table.Columns, [.. table.Rows.Select(row =>
                new PerplexityAnswerRow(row.Model, row.Domain, [.. table.Columns.Zip(row.Cells, CellOf)]))]);
        })]);
    }

    private static RawAnswer Latex(ShownStudy shown, IReadOnlyList<AggregationRule> rules, string format)
    {
        if (format != "tex")
            throw new BadQuery($"format is '{format}'; it is json or tex.");
        if (rules.Count > 1)
            throw new BadQuery($"rule names {rules.Count} rules; a table for a paper is of one.");
        var table = PerplexitySection.Perplexities(PerplexityTable.Of(shown.Facts, rules[0]), "", "");
        return new(
            Encoding.UTF8.GetBytes(LatexTable.Of(table)), "application/x-tex; charset=utf-8",
            string.Create(CultureInfo.InvariantCulture, $"perplexity-{shown.Id:N}-{shown.Facts.Position}.tex"));
    }

    public static async Task<FindingsAnswer> FindingsAsync(View view, ShownReports reports)
    {
        var norms = await ShownNorms.OfAsync(view);
        return new(StudyPosition.Of(norms.Study), norms.Rule.Reference, norms.Rule.Hash, reports.Figures(norms).Findings);
    }

    public static async Task<object> RankingsAsync(View view)
    {
        // A table of its own has their stability over seeds, which follows from the norms.
        var (shown, rules) = await UnderAsync(view, withNorms: view["format"] is not (null or "json"));
        return Written(view, shown, "rankings", () => StudyTables.Rankings(shown.Facts, rules))
            ?? (object)new RankingsAnswer(StudyPosition.Of(shown), [.. rules.Select(rule =>
                new RankingAnswer(rule.Reference, rule.Hash, RankingTable.Of(shown.Facts, rule).Rows))]);
    }

    public static async Task<object> NormsAsync(View view)
    {
        var shown = await view.StudyAsync(depth: StudyDepth.Norms);
        return Written(view, shown, "norms", () => StudyTables.Norms(shown.Facts))
            ?? (object)new NormsAnswer(StudyPosition.Of(shown), shown.Facts.Norms);
    }

    public static async Task<object> EvaluationsAsync(View view)
    {
        var shown = await view.StudyAsync();
        return Written(view, shown, "perplexities", () => StudyTables.Perplexities(shown.Facts))
            ?? (object)new EvaluationsAnswer(StudyPosition.Of(shown), shown.Facts.Perplexities);
    }

    private static async Task<(ShownStudy Shown, IReadOnlyList<AggregationRule> Rules)> UnderAsync(View view, bool withNorms = false)
    {
        var rules = await view.RulesAsync();
        var shown = await view.StudyAsync(rules, rules is null && !withNorms ? StudyDepth.Results : StudyDepth.Norms);
        return (shown, rules ?? [shown.Study.Rule]);
    }

    private static PerplexityAnswerCell CellOf(PerplexityColumn column, PerplexityCell cell) => new(
        column.Key, cell.Value?.Value, cell.Value?.BitsPerByte, cell.Confidence?.Low, cell.Confidence?.High, cell.Normalised, cell.Best,
        cell.Tuning?.Text, cell.Runs, cell.Note);

    /// <summary>Null where JSON is wanted.</summary>
    private static RawAnswer? Written(View view, ShownStudy shown, string table, Func<ExportTable> of)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{table}-{shown.Id:N}-{shown.Facts.Position}");
        switch (view["format"])
        {
            case null or "json":
                return null;
            case "csv":
            {
                var text = new StringWriter(CultureInfo.InvariantCulture);
                of().WriteCsv(text, isForSpreadsheets: true);
                return new(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", $"{name}.csv");
            }
            case "parquet":
            {
                using var bytes = new MemoryStream();
                of().WriteParquet(bytes, new Dictionary<string, string>
                {
                    ["study"] = shown.Id.ToString("D"), ["root"] = shown.Facts.Root,
                    ["position"] = shown.Facts.Position.ToString(CultureInfo.InvariantCulture),
                });
                return new(bytes.ToArray(), "application/vnd.apache.parquet", $"{name}.parquet");
            }
            case var other:
                throw new BadQuery($"format is '{other}'; it is json, csv or parquet.");
        }
    }
}
