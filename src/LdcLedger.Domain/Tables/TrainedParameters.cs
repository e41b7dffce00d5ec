using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;

namespace LdcLedger.Domain.Tables;

/// <summary>How many numbers a run trains: rank times inputs and outputs of every adapted projection, or whole weights.</summary>
public static class TrainedParameters
{
    /// <summary>Of every run whose norms tell the shapes of its projections; others are left out.</summary>
    public static IReadOnlyDictionary<Guid, long> Of(StudyFacts facts)
    {
        var rank = facts.Study.Spec.Lora.Rank;
        var runs = facts.Runs.ToDictionary(r => r.Id);
        return facts.Norms.Select(n => (n.Id, Count: CountOf(n, Tuning.Parse(runs[n.Id].Tuning).Method, rank))).Where(n => n.Count > 0)
            .ToDictionary(n => n.Id, n => n.Count);
    }

    /// <summary>Of the runs of a cell, which train the same; null where it is not known.</summary>
    public static long? In(PerplexityCell cell, IReadOnlyDictionary<Guid, long> parameters) =>
        cell.Runs.Select(id => parameters.GetValueOrDefault(id)).FirstOrDefault(count => count > 0) is var found and > 0 ? found : null;

    private static long CountOf(RunNorms norms, TuningMethod method, int rank)
    {
        var last = norms.LastEpoch;
        return norms.Modules.Where(m => m.Epoch == last).Sum(m => method switch
        {
            TuningMethod.Lora => rank * ((long)m.Rows + m.Columns),
            TuningMethod.Full => (long)m.Rows * m.Columns,
            _ => throw new ArgumentOutOfRangeException(nameof(method), method, "This is not a tuning method."),
        });
    }
}
