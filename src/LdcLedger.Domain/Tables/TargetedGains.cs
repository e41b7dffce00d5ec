using LdcLedger.Domain.Layers;

namespace LdcLedger.Domain.Tables;

/// <summary>What one targeted column keeps of the gain of tuning both groups in every layer.</summary>
/// <param name="ParameterShare">Median over the cells of its trained parameters over those of the full tuning, (0, 1]; null without
/// norms.</param>
/// <param name="Kept">Share of the full gain that it keeps, one per cell that has PT, too; sorted.</param>
/// <param name="BestIn">Cells in which it is the best of the targeted columns (of equals, each).</param>
/// <param name="ReachesFullIn">Cells in which its perplexity is that of the full tuning or below.</param>
/// <param name="Cells">That are compared, and have it.</param>
public sealed record TargetedGain(
    PerplexityColumn Column, double? ParameterShare, IReadOnlyList<double> Kept, int BestIn, int ReachesFullIn, int Cells)
{
    public double? MedianKept => Median(Kept);

    internal static double? Median(IReadOnlyList<double> values) => values.Count == 0 ? null : Sample.Median(values);
}

/// <summary>
/// The study's question in numbers: does tuning only the layers that change most work as well? A gain is the fall of the held-out
/// nats per token, ln PPL of PT minus ln PPL. Compared are the cells (one model on one domain) that have the full tuning, and in which it
/// is not known to gain nothing.
/// </summary>
/// <param name="FullGains">Gain of the full tuning in nats per token, one per cell that has PT and it; sorted.</param>
/// <param name="BestKept">As <see cref="TargetedGain.Kept"/>, of the best targeted column of each cell; sorted.</param>
/// <param name="BestReachesFullIn">Cells in which the best targeted column's perplexity is that of the full tuning or below.</param>
/// <param name="SharesThatReach">In these cells, trained parameters of that column over those of the full tuning; sorted.</param>
/// <param name="SharesOfBest">Likewise, in every cell that has a best targeted column.</param>
/// <param name="Cells">That are compared, and have a best targeted column.</param>
/// <param name="NoFullGainIn">Cells that are left out, since the full tuning is no better than PT there.</param>
public sealed record TargetedGains(
    IReadOnlyList<TargetedGain> Columns, IReadOnlyList<double> FullGains, IReadOnlyList<double> BestKept, int BestReachesFullIn,
    IReadOnlyList<double> SharesThatReach, IReadOnlyList<double> SharesOfBest, int Cells, int NoFullGainIn)
{
    public double? MedianFullGain => TargetedGain.Median(FullGains);

    public double? MedianBestKept => TargetedGain.Median(BestKept);

    public static TargetedGains Of(StudyFacts facts, PerplexityTable table)
    {
        var parameters = TrainedParameters.Of(facts);
        var full = table.Columns.Select(c => c.Key).ToList().IndexOf(Regimes.All);
        if (full < 0)
            return new([], [], [], 0, [], [], 0, 0);
        var tuned = table.Rows.Where(r => r.Cells[full].Value is not null).ToList();
        var compared = tuned.Where(r => Gain(r, r.Cells[full]) is null or > 0).ToList();
        var best = compared.Where(r => r.Cells.Any(c => c.Best)).Select(r => (Row: r, Cell: r.Cells.First(c => c.Best))).ToList();
        var reaching = best.Where(b => Reaches(b.Cell, b.Row.Cells[full])).ToList();
        return new(
            [.. table.Columns.Index().Where(c => c.Item.Targeted)
                .Select(c => ColumnGain(compared, c.Item, c.Index, full, parameters))],
            [.. table.Rows.Select(r => Gain(r, r.Cells[full])).OfType<double>().Order()],
            [.. best.Select(b => Kept(b.Row, b.Cell, full)).OfType<double>().Order()],
            reaching.Count, Shares(reaching), Shares(best), best.Count, tuned.Count - compared.Count);

        IReadOnlyList<double> Shares(IEnumerable<(PerplexityRow Row, PerplexityCell Cell)> cells) =>
            [.. cells.Select(c => Share(c.Cell, c.Row.Cells[full], parameters)).OfType<double>().Order()];
    }

    private static TargetedGain ColumnGain(
        IReadOnlyList<PerplexityRow> compared, PerplexityColumn column, int index, int full, IReadOnlyDictionary<Guid, long> parameters)
    {
        var rows = compared.Where(r => r.Cells[index].Value is not null).ToList();
        return new(
            column,
            TargetedGain.Median([.. rows.Select(r => Share(r.Cells[index], r.Cells[full], parameters)).OfType<double>()]),
            [.. rows.Select(r => Kept(r, r.Cells[index], full)).OfType<double>().Order()],
            rows.Count(r => r.Cells[index].Best), rows.Count(r => Reaches(r.Cells[index], r.Cells[full])), rows.Count);
    }

    private static bool Reaches(PerplexityCell cell, PerplexityCell full) => cell.Value!.Value.Value <= full.Value!.Value.Value;

    private static double? Kept(PerplexityRow row, PerplexityCell cell, int full) =>
        Gain(row, row.Cells[full]) is { } whole and > 0 && Gain(row, cell) is { } part ? part / whole : null;

    private static double? Gain(PerplexityRow row, PerplexityCell cell) =>
        row.Cells[0].Value is { } pretrained && cell.Value is { } tuned ? pretrained.NatsPerToken - tuned.NatsPerToken : null;

    private static double? Share(PerplexityCell part, PerplexityCell whole, IReadOnlyDictionary<Guid, long> parameters) =>
        TrainedParameters.In(part, parameters) is { } some && TrainedParameters.In(whole, parameters) is { } all
            ? (double)some / all : null;
}
