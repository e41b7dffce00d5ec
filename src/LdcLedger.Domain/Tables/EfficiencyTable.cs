using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Statistics;

namespace LdcLedger.Domain.Tables;

/// <summary>What a tuning costs and what it reaches.</summary>
/// <param name="Parameters">That it trains.</param>
/// <param name="Share">Of those that tuning both groups in every layer trains; above 0.</param>
/// <param name="Confidence">95 % interval of the perplexity; null of a single seed.</param>
public sealed record EfficiencyPoint(PerplexityColumn Column, long Parameters, double Share, double Perplexity, Interval? Confidence);

/// <summary>One model on one domain: trained parameters against held-out perplexity.</summary>
/// <param name="Pretrained">Its perplexity; null where it is missing.</param>
/// <param name="Points">In the order of the perplexity table's columns; those that are missing are left out.</param>
/// <param name="Missing">Titles of the columns that are left out.</param>
public sealed record EfficiencyRow(
    string Model, string Domain, double? Pretrained, IReadOnlyList<EfficiencyPoint> Points, IReadOnlyList<string> Missing)
{
    /// <summary>One per model and domain, in the order of the spec.</summary>
    public static IReadOnlyList<EfficiencyRow> Of(StudyFacts facts, PerplexityTable table)
    {
        var parameters = TrainedParameters.Of(facts);
        var full = table.Columns.Select(c => c.Key).ToList().IndexOf(Regimes.All);
        // Shapes are the model's: where one domain lacks the full tuning, another tells how much it trains.
        var whole = table.Rows.GroupBy(r => r.Model).ToDictionary(model => model.Key, model => full < 0 ? null
            : model.Select(row => TrainedParameters.In(row.Cells[full], parameters)).FirstOrDefault(count => count is not null));
        return [.. table.Rows.Select(row => RowOf(row, table.Columns, whole[row.Model], parameters))];
    }

    private static EfficiencyRow RowOf(
        PerplexityRow row, IReadOnlyList<PerplexityColumn> columns, long? whole, IReadOnlyDictionary<Guid, long> parameters)
    {
        var (points, missing) = (new List<EfficiencyPoint>(), new List<string>());
        for (var c = 1; c < columns.Count; c++)
            if (row.Cells[c] is { Value: { } value } cell && double.IsFinite(value.Value) && whole is { } all
                && TrainedParameters.In(cell, parameters) is { } part)
                points.Add(new(columns[c], part, (double)part / all, value.Value, cell.Confidence));
            else
                missing.Add(columns[c].Title);
        return new(row.Model, row.Domain, row.Cells[0].Value?.Value, points, missing);
    }
}
