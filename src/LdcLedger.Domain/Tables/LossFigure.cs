using LdcLedger.Domain.Runs;

namespace LdcLedger.Domain.Tables;

/// <summary>A point of a loss curve.</summary>
/// <param name="Step">The last optimizer step that it stands for.</param>
/// <param name="NatsPerToken">Of all scored tokens of these steps, in the runs of all seeds.</param>
public readonly record struct MeanLoss(int Step, double NatsPerToken);

/// <summary>The training loss of one tuning.</summary>
/// <param name="Runs">How many seeds are pooled.</param>
/// <param name="Points">Empty where no run completed an epoch.</param>
/// <param name="Note">Why seeds lack; else null.</param>
public sealed record LossCurve(PerplexityColumn Column, int Runs, IReadOnlyList<MeanLoss> Points, string? Note);

/// <summary>Training loss over steps, for one model and domain: a curve for each column of the perplexity table but the first.</summary>
public sealed record LossFigure(string Model, string Domain, IReadOnlyList<LossCurve> Curves)
{
    /// <summary>More points than this could not be told apart in print; neighbours are pooled, so that nothing is lost.</summary>
    public const int MostPoints = 48;

    /// <summary>One per model and domain, in the order of the spec.</summary>
    public static IReadOnlyList<LossFigure> Of(StudyFacts facts, PerplexityTable table)
    {
        var losses = facts.Losses.ToDictionary(l => l.Id);
        return
        [
            .. table.Rows.Select(row => new LossFigure(row.Model, row.Domain,
                [.. row.Cells.Zip(table.Columns).Skip(1).Select(c => CurveOf(c.Second, c.First, losses))])),
        ];
    }

    private static LossCurve CurveOf(PerplexityColumn column, PerplexityCell cell, Dictionary<Guid, RunLosses> losses)
    {
        var runs = cell.Runs.Select(losses.GetValueOrDefault).OfType<RunLosses>().ToList();
        return new(column, runs.Count, Pooled(runs), cell.Note);
    }

    /// <summary>Over runs first, step by step, then over neighbouring steps, so that at most <see cref="MostPoints"/> are left.</summary>
    /// <param name="runs">In the order of seeds: it decides the last bit.</param>
    public static IReadOnlyList<MeanLoss> Pooled(IReadOnlyList<RunLosses> runs)
    {
        var steps = new SortedDictionary<int, (double Nats, long Tokens)>();
        foreach (var point in runs.SelectMany(r => r.Points))
        {
            var (nats, tokens) = steps.GetValueOrDefault(point.Step);
            steps[point.Step] = (nats + point.Nats, tokens + point.Tokens);
        }
        var together = (steps.Count + MostPoints - 1) / MostPoints;
        return
        [
            .. steps.Chunk(Math.Max(1, together))
                .Select(some => (Step: some[^1].Key, Nats: some.Sum(s => s.Value.Nats), Tokens: some.Sum(s => s.Value.Tokens)))
                .Where(some => some.Tokens > 0).Select(some => new MeanLoss(some.Step, some.Nats / some.Tokens)),
        ];
    }
}
