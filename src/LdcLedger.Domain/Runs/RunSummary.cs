namespace LdcLedger.Domain.Runs;

/// <summary>A run as it stands: read model of its stream; the id is the run's.</summary>
/// <param name="Status">One of <see cref="RunStatuses"/>; as it is stored, none of those that leases tell.</param>
/// <param name="Attempt">0 until it is claimed.</param>
/// <param name="TrainLossNats">The loss: mean nats per scored token of the last completed epoch.</param>
/// <param name="Perplexity">Held-out PPL; null until evaluated.</param>
/// <param name="Steps">Optimizer steps done at the last epoch's end or checkpoint, and at the end.</param>
/// <param name="TrainedTokens">Tokens read up to the last checkpoint, and at the end all, padding not counted: each row of an epoch once,
/// however many attempts came past it. 0 while it is not known.</param>
/// <param name="Seconds">Wall time that it was worked on, all attempts together: the sum of the two below; null before the first recorded
/// fact.</param>
/// <param name="Reason">Why it failed, was cancelled or abandoned.</param>
/// <param name="EarlierSeconds">Of the attempts before the newest, as in <see cref="RunTime"/>.</param>
/// <param name="AttemptSeconds">Of the newest attempt.</param>
/// <param name="ProjectionsSha256">Of the file of trained projections, where they are trained themselves.</param>
public sealed record RunSummary(
    Guid Id, Guid StudyId, int Stage, string Role, string Model, string Domain, string Tuning, int? Seed,
    string Status, int Attempt, string? Worker, WorkerEnvironment? Environment,
    int EpochsCompleted, int Epochs, double? TrainLossNats, double? Perplexity,
    string? AdapterWeightsSha256, string? AdapterConfigSha256, int Steps, long TrainedTokens, double? Seconds, string? Reason,
    DateTimeOffset PlannedAt, DateTimeOffset? ClaimedAt, DateTimeOffset? EndedAt, double EarlierSeconds = 0, double AttemptSeconds = 0,
    string? ProjectionsSha256 = null);
