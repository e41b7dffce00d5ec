namespace LdcLedger.Domain.Runs;

/// <summary>A run's held-out evaluation from its events.</summary>
public static class RunPerplexityFold
{
    public static RunPerplexity? Evolve(RunPerplexity? perplexity, ILedgerEvent fact) => fact is PerplexityEvaluated e
        ? new(e.RunId, e.StudyId, e.Model, e.Domain, e.Role, e.Tuning, e.Seed, e.TotalNats, e.ScoredTokens, e.Bytes)
        : perplexity;
}
