using LdcLedger.Domain.Runs;

namespace LdcLedger.Worker.Progress;

/// <summary>What a run of this process is doing right now.</summary>
public enum RunPhase { Preparing, Training, Evaluating, Ended }

/// <summary>A sign of life of a run of this process: for displays only, never recorded.</summary>
/// <param name="Step">Optimizer steps done, of <paramref name="Steps"/>; 0 of 0 for a baseline.</param>
/// <param name="StepLossNats">The step loss: mean nats per scored token of the last step; null before the first.</param>
/// <param name="TokensPerSecond">Tokens read by training, over the steps of this attempt; null before the first.</param>
/// <param name="Left">Time that the remaining steps will take at this rate; null while unknown.</param>
/// <param name="Outcome">How it ended, in a word or a sentence; null until then.</param>
/// <param name="Perplexity">Held-out PPL; null until evaluated.</param>
/// <param name="Worked">Wall time of all attempts; null until it has ended.</param>
/// <param name="TrainLossNats">The loss, as read models have it: that of the last epoch; null until it has ended.</param>
public sealed record RunNews(
    RunPlanned Run, RunPhase Phase, int Step, int Steps, double? StepLossNats = null, double? TokensPerSecond = null,
    TimeSpan? Left = null, string? Outcome = null, double? Perplexity = null, TimeSpan? Worked = null, double? TrainLossNats = null)
{
    /// <summary>The outcome of a run that was given back, to go on later.</summary>
    public const string Released = "released";
}

/// <summary>
/// Carries the signs of life of a worker to whoever shows them. Listeners are called on the training thread: they must be quick.
/// </summary>
public sealed class ProgressFeed
{
    public event Action<RunNews>? Reported;

    /// <summary>Something a person should know, in a sentence.</summary>
    public event Action<string>? Said;

    public void Report(RunNews progress) => Reported?.Invoke(progress);

    public void Say(string sentence) => Said?.Invoke(sentence);
}
