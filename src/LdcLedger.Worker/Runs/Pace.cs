using LdcLedger.Domain.Runs;
using LdcLedger.Torch.Packing;
using LdcLedger.Torch.Training;
using LdcLedger.Worker.Progress;

namespace LdcLedger.Worker.Runs;

/// <summary>How fast a run trains and when it will be done, by the steps of this attempt.</summary>
internal sealed class Pace(RunPlanned run, TrainingLoop training, DomainData data)
{
    private readonly int _first = training.Step;
    private readonly double _tokensPerStep =
        (double)training.Order.Tokens(run.Training.Epochs, data.RowTokens) / training.TotalSteps;

    public RunNews Last { get; private set; } = new(run, RunPhase.Training, training.Step, training.TotalSteps);

    public RunNews After(TrainingStep step)
    {
        var done = step.Step - _first;
        var perStep = step.Elapsed / done;
        return Last = new(
            run, RunPhase.Training, step.Step, training.TotalSteps, step.MeanLossNats,
            _tokensPerStep / perStep.TotalSeconds, perStep * (training.TotalSteps - step.Step));
    }
}
