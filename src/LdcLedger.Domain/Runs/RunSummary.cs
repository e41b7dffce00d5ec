namespace LdcLedger.Domain.Runs;

/// <summary>A run as it stands: read model of its stream; the id is the run's.</summary>
/// <param name="Status">One of <see cref="RunStatuses"/>.</param>
/// <param name="Attempt">0 until it is claimed.</param>
/// <param name="TrainLossNats">Mean nats per scored token of the last completed epoch.</param>
/// <param name="Perplexity">Held-out PPL; null until evaluated.</param>
/// <param name="Reason">Why it failed, was cancelled or abandoned.</param>
public sealed record RunSummary(
    Guid Id, Guid StudyId, int Stage, string Role, string Model, string Domain, string Tuning, int? Seed,
    string Status, int Attempt, string? Worker, WorkerEnvironment? Environment,
    int EpochsCompleted, int Epochs, double? TrainLossNats, double? Perplexity,
    string? AdapterWeightsSha256, string? AdapterConfigSha256, int Steps, long TrainedTokens, double? Seconds, string? Reason,
    DateTimeOffset PlannedAt, DateTimeOffset? ClaimedAt, DateTimeOffset? EndedAt);
