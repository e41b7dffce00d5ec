namespace LdcLedger.Domain.Runs;

/// <summary>Held-out evaluation of one run: read model; the id is the run's.</summary>
public sealed record RunPerplexity(
    Guid Id, Guid StudyId, string Model, string Domain, string Role, string Tuning, int? Seed,
    double TotalNats, long ScoredTokens, long Bytes);

/// <summary>Total nats over scored tokens and bytes. Sums, not means: seeds and splits combine exactly.</summary>
public readonly record struct Perplexity(double TotalNats, long ScoredTokens, long Bytes)
{
    private const double Ln2 = 0.69314718055994531;

    /// <summary>PPL = exp(total nats / scored tokens).</summary>
    public double Value => PortableMath.Exp(NatsPerToken);

    public double NatsPerToken => TotalNats / ScoredTokens;

    /// <summary>Total nats / ln 2 / bytes: comparable between tokenizers.</summary>
    public double BitsPerByte => TotalNats / Ln2 / Bytes;

    public static Perplexity Of(IEnumerable<RunPerplexity> seeds)
    {
        var sum = seeds.Aggregate(
            default(Perplexity), (s, p) => new(s.TotalNats + p.TotalNats, s.ScoredTokens + p.ScoredTokens, s.Bytes + p.Bytes));
        return sum.ScoredTokens > 0
            ? sum
            : throw new RuleViolation("No token was scored, so there is no perplexity; at least 1 is needed.");
    }
}
