using LdcLedger.Domain.Layers;

namespace LdcLedger.Domain.Tables;

/// <summary>One targeted column beside the tuning of both groups in every layer, over the cells that have both.</summary>
/// <param name="ParameterShare">Median over the cells of its trained parameters over those of the full tuning, (0, 1]; null without
/// norms.</param>
/// <param name="Kept">Share of the full gain that it keeps, one per cell in which there is such a gain; sorted.</param>
/// <param name="BestIn">Cells in which it is the best of the targeted columns (of equals, each).</param>
/// <param name="ReachesFullIn">Cells in which its perplexity is that of the full tuning or below.</param>
public sealed record TargetedGain(
    PerplexityColumn Column, double? ParameterShare, IReadOnlyList<double> Kept, int BestIn, int ReachesFullIn, int Cells)
{
    public double? MedianKept => Median(Kept);

    internal static double? Median(IReadOnlyList<double> values) => values.Count == 0 ? null : Sample.Median(values);
}

/// <summary>What the best targeted column of a cell keeps of the full tuning's gain, over the cells that have all and a gain.</summary>
/// <param name="Kept">As <see cref="TargetedGain.Kept"/>; sorted.</param>
/// <param name="Shares">Its trained parameters over those of the full tuning, where known; sorted.</param>
/// <param name="By">The columns that are the best, and in how many of the cells (of equals, each).</param>
public sealed record BestTargeted(
    IReadOnlyList<double> Kept, IReadOnlyList<double> Shares, IReadOnlyList<(PerplexityColumn Column, int Cells)> By)
{
    public double? MedianKept => TargetedGain.Median(Kept);
}

/// <summary>In how many cells some targeted column has the perplexity of the full tuning or less.</summary>
/// <param name="Cells">In which it does.</param>
/// <param name="Judged">Those, and those that have all targeted columns, none of which does.</param>
/// <param name="WithoutGain">Of <paramref name="Cells"/>, those in which the full tuning is itself no better than the pretrained model.
/// </param>
/// <param name="LeastShares">In each of <paramref name="Cells"/>, trained parameters over those of the full tuning of the column that needs
/// the fewest to do so, where known; sorted.</param>
public sealed record FullReached(int Cells, int Judged, int WithoutGain, IReadOnlyList<double> LeastShares);

/// <summary>
/// The study's question in numbers: does tuning only the layers that change most work as well? A gain is the fall of the held-out
/// nats per token, ln PPL of PT minus ln PPL. A cell is one model on one domain.
/// </summary>
/// <param name="Cells">Of the study, whatever is known of them.</param>
/// <param name="FullGains">Gain of the full tuning in nats per token, one per cell that has PT and it; sorted.</param>
public sealed record TargetedGains(
    int Cells, IReadOnlyList<double> FullGains, IReadOnlyList<TargetedGain> Columns, BestTargeted Best, FullReached Reached)
{
    public double? MedianFullGain => TargetedGain.Median(FullGains);

    /// <summary>Cells in which there is nothing to keep: the full tuning is no better than the pretrained model.</summary>
    public int WithoutFullGain => FullGains.Count(gain => gain <= 0);

    public static TargetedGains Of(StudyFacts facts, PerplexityTable table)
    {
        var parameters = TrainedParameters.Of(facts);
        var full = table.Columns.Select(c => c.Key).ToList().IndexOf(Regimes.All);
        if (full < 0)
            return new(table.Rows.Count, [], [], new([], [], []), new(0, 0, 0, []));
        var targeted = table.Columns.Index().Where(c => c.Item.Targeted).ToList();
        var tuned = table.Rows.Where(r => r.Cells[full].Value is not null).ToList();
        return new(
            table.Rows.Count,
            [.. table.Rows.Select(r => Gain(r, r.Cells[full])).OfType<double>().Order()],
            [.. targeted.Select(c => OfColumn(c.Item, c.Index))], OfBest(), OfReached());

        TargetedGain OfColumn(PerplexityColumn column, int index)
        {
            var rows = tuned.Where(r => r.Cells[index].Value is not null).ToList();
            return new(
                column, TargetedGain.Median(Shares(rows.Select(r => (r, r.Cells[index])))),
                [.. rows.Select(r => Kept(r, r.Cells[index], full)).OfType<double>().Order()],
                rows.Count(r => r.Cells[index].Best), rows.Count(r => Reaches(r, r.Cells[index])), rows.Count);
        }

        BestTargeted OfBest()
        {
            var best = tuned.Where(r => r.Cells.Any(c => c.Best)).Select(r => (Row: r, Cell: r.Cells.First(c => c.Best)))
                .Where(b => Kept(b.Row, b.Cell, full) is not null).ToList();
            return new(
                [.. best.Select(b => Kept(b.Row, b.Cell, full)!.Value).Order()], Shares(best),
                [.. targeted.Select(c => (c.Item, best.Count(b => b.Row.Cells[c.Index].Best))).Where(c => c.Item2 > 0)]);
        }

        FullReached OfReached()
        {
            var reaching = tuned.Select(row => (Row: row, Cells: targeted.Select(c => row.Cells[c.Index])
                .Where(c => c.Value is not null && Reaches(row, c)).ToList())).ToLookup(r => r.Cells.Count > 0);
            return new(
                reaching[true].Count(), reaching[true].Count() + reaching[false].Count(r => r.Row.Cells.Any(c => c.Best)),
                reaching[true].Count(r => Gain(r.Row, r.Row.Cells[full]) <= 0),
                [.. reaching[true].Select(r => r.Cells.Min(c => Share(c, r.Row.Cells[full], parameters))).OfType<double>().Order()]);
        }

        bool Reaches(PerplexityRow row, PerplexityCell cell) => cell.Value!.Value.Value <= row.Cells[full].Value!.Value.Value;

        IReadOnlyList<double> Shares(IEnumerable<(PerplexityRow Row, PerplexityCell Cell)> cells) =>
            [.. cells.Select(c => Share(c.Cell, c.Row.Cells[full], parameters)).OfType<double>().Order()];
    }

    private static double? Kept(PerplexityRow row, PerplexityCell cell, int full) =>
        Gain(row, row.Cells[full]) is { } whole and > 0 && Gain(row, cell) is { } part ? part / whole : null;

    private static double? Gain(PerplexityRow row, PerplexityCell cell) =>
        row.Cells[0].Value is { } pretrained && cell.Value is { } tuned ? pretrained.NatsPerToken - tuned.NatsPerToken : null;

    private static double? Share(PerplexityCell part, PerplexityCell whole, IReadOnlyDictionary<Guid, long> parameters) =>
        TrainedParameters.In(part, parameters) is { } some && TrainedParameters.In(whole, parameters) is { } all
            ? (double)some / all : null;
}
