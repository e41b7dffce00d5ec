using LdcLedger.Domain.Layers;

namespace LdcLedger.Domain.Tables;

/// <summary>What one targeted column keeps of the gain of tuning both groups in every layer.</summary>
/// <param name="ParameterShare">Median over the rows of its trained parameters over those of the full tuning, (0, 1]; null without
/// norms.</param>
/// <param name="Kept">Share of the full gain that it keeps, one per row in which both are there and the full gain is above 0;
/// sorted.</param>
/// <param name="BestIn">Rows in which it is the best of the targeted columns.</param>
/// <param name="ReachesFullIn">Rows in which its perplexity is that of the full tuning or below.</param>
/// <param name="Rows">Rows in which both are there.</param>
public sealed record TargetedGain(
    PerplexityColumn Column, double? ParameterShare, IReadOnlyList<double> Kept, int BestIn, int ReachesFullIn, int Rows)
{
    public double? MedianKept => Median(Kept);

    internal static double? Median(IReadOnlyList<double> values) => values.Count == 0 ? null : Sample.Median(values);
}

/// <summary>
/// The study's question in numbers: does tuning only the layers that change most work as well? A gain is the fall of the held-out
/// nats per token, ln PPL of PT minus ln PPL.
/// </summary>
/// <param name="FullGains">Gain of the full tuning in nats per token, one per row that has PT and it; sorted.</param>
/// <param name="BestKept">As <see cref="TargetedGain.Kept"/>, of the best targeted column of each row; sorted.</param>
/// <param name="BestReachesFullIn">Rows in which the best targeted column's perplexity is that of the full tuning or below.</param>
/// <param name="SharesThatReach">In these rows, trained parameters of that column over those of the full tuning; sorted.</param>
/// <param name="Rows">Rows that have PT, the full tuning and a targeted one.</param>
/// <param name="NoFullGainIn">Of these, rows in which the full tuning is no better than PT; no share is stated for them.</param>
public sealed record TargetedGains(
    IReadOnlyList<TargetedGain> Columns, IReadOnlyList<double> FullGains, IReadOnlyList<double> BestKept, int BestReachesFullIn,
    IReadOnlyList<double> SharesThatReach, int Rows, int NoFullGainIn)
{
    public double? MedianFullGain => TargetedGain.Median(FullGains);

    public double? MedianBestKept => TargetedGain.Median(BestKept);

    public static TargetedGains Of(StudyFacts facts, PerplexityTable table)
    {
        var parameters = TrainedParameters.Of(facts);
        var full = table.Columns.Select(c => c.Key).ToList().IndexOf(Regimes.All);
        if (full < 0)
            return new([], [], [], 0, [], 0, 0);
        var columns = table.Columns.Select((c, i) => (Column: c, Index: i)).Where(c => c.Column.Targeted)
            .Select(c => ColumnGain(table, c.Column, c.Index, full, parameters)).ToList();
        var rows = table.Rows.Select(r => (Row: r, Best: r.Cells.FirstOrDefault(c => c.Best)))
            .Where(r => r.Best is not null && r.Row.Cells[0].Value is not null && r.Row.Cells[full].Value is not null).ToList();
        var reaching = rows.Where(r => r.Best!.Value!.Value.Value <= r.Row.Cells[full].Value!.Value.Value).ToList();
        return new(
            columns,
            [.. table.Rows.Select(r => Gain(r, r.Cells[full])).OfType<double>().Order()],
            [.. rows.Select(r => Kept(r.Row, r.Best!, full)).OfType<double>().Order()],
            reaching.Count,
            [.. reaching.Select(r => Share(r.Best!, r.Row.Cells[full], parameters)).OfType<double>().Order()],
            rows.Count,
            rows.Count(r => Gain(r.Row, r.Row.Cells[full]) is <= 0));
    }

    private static TargetedGain ColumnGain(
        PerplexityTable table, PerplexityColumn column, int index, int full, IReadOnlyDictionary<Guid, long> parameters)
    {
        var rows = table.Rows.Where(r => r.Cells[index].Value is not null && r.Cells[full].Value is not null).ToList();
        return new(
            column,
            TargetedGain.Median([.. rows.Select(r => Share(r.Cells[index], r.Cells[full], parameters)).OfType<double>()]),
            [.. rows.Select(r => Kept(r, r.Cells[index], full)).OfType<double>().Order()],
            table.Rows.Count(r => r.Cells[index].Best),
            rows.Count(r => r.Cells[index].Value!.Value.Value <= r.Cells[full].Value!.Value.Value),
            rows.Count);
    }

    private static double? Kept(PerplexityRow row, PerplexityCell cell, int full) =>
        Gain(row, row.Cells[full]) is { } whole and > 0 && Gain(row, cell) is { } part ? part / whole : null;

    private static double? Gain(PerplexityRow row, PerplexityCell cell) =>
        row.Cells[0].Value is { } pretrained && cell.Value is { } tuned ? pretrained.NatsPerToken - tuned.NatsPerToken : null;

    private static double? Share(PerplexityCell part, PerplexityCell whole, IReadOnlyDictionary<Guid, long> parameters) =>
        TrainedParameters.In(part, parameters) is { } some && TrainedParameters.In(whole, parameters) is { } all
            ? (double)some / all : null;
}
