using System.Diagnostics;

namespace LdcLedger.Torch.Training;

/// <summary>
/// Where the time of a run went, summed over its threads. Loss: the head, from the last block to the gradient of its output.
/// </summary>
public sealed class StepTimes
{
    public TimeSpan Forward { get; internal set; }

    public TimeSpan Loss { get; internal set; }

    public TimeSpan Backward { get; internal set; }

    public TimeSpan Optimizer { get; internal set; }

    public TimeSpan Norms { get; internal set; }

    internal void Add(long forward, long loss, long backward)
    {
        Forward += Stopwatch.GetElapsedTime(0, forward);
        Loss += Stopwatch.GetElapsedTime(0, loss);
        Backward += Stopwatch.GetElapsedTime(0, backward);
    }

    internal StepTimes Plus(StepTimes other) => new()
    {
        Forward = Forward + other.Forward,
        Loss = Loss + other.Loss,
        Backward = Backward + other.Backward,
        Optimizer = Optimizer + other.Optimizer,
        Norms = Norms + other.Norms,
    };
}
