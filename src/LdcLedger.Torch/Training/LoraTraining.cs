using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Training;

/// <summary>A run that trains an adapter on packed rows.</summary>
public sealed class LoraTraining : TrainingLoop
{
    private readonly BaseModel _model;
    private readonly AdapterLayout _layout;

    /// <param name="initial">Where to begin; null: A drawn from the seed, B zero.</param>
    /// <param name="prefix">Activations below the lowest adapted layer, shared between runs; null: computed in every step.</param>
    /// <exception cref="InvalidInputException">An option that the model or the data does not allow.</exception>
    public LoraTraining(BaseModel model, ITokenRows data, LoraOptions lora, TrainingOptions options, LoraAdapter? initial = null,
        FrozenPrefix? prefix = null)
        : this(model, data, AdapterLayout.For(model.Config, lora), lora.Dropout, options, initial, prefix) { }

    private LoraTraining(BaseModel model, ITokenRows data, AdapterLayout layout, double dropout, TrainingOptions options,
        LoraAdapter? initial, FrozenPrefix? prefix)
        : base(model, data, layout, options, dropout, prefix)
    {
        (_model, _layout) = (model, layout);
        if (initial is not null) AdapterLayout.For(model.Config, initial);
        Parameters.Rows[0].Set(initial is null ? _layout.Initial(options.Seed) : _layout.Flatten(initial));
    }

    /// <summary>The adapter as it is now.</summary>
    public LoraAdapter Adapter => _layout.Unflatten(Parameters.Rows[0].ToArray());

    public override IReadOnlyList<UpdateNorm> Norms() => UpdateNorms.Of(Adapter, _model);

    /// <summary>Everything that the next step depends on.</summary>
    public TrainingCheckpoint Checkpoint() =>
        new(Step, Parameters.Rows[0].ToArray(), First.Rows[0].ToArray(), Second.Rows[0].ToArray(), [.. EpochLosses]);

    public override string SaveCheckpoint(string path) => Checkpoint().Write(path);

    public override void ResumeFrom(string path, string? sha256 = null) => Resume(TrainingCheckpoint.Read(path, sha256));

    /// <summary>Goes on where a checkpoint of the same run was made.</summary>
    /// <exception cref="InvalidInputException">The checkpoint is of another run.</exception>
    public void Resume(TrainingCheckpoint checkpoint)
    {
        if (checkpoint.Parameters.Length != _layout.Total)
            throw new InvalidInputException(
                $"The checkpoint holds {checkpoint.Parameters.Length} parameters; this run trains {_layout.Total}.");
        GoOnFrom(checkpoint.Step, checkpoint.EpochLosses);
        Parameters.Rows[0].Set(checkpoint.Parameters);
        First.Rows[0].Set(checkpoint.FirstMoments);
        Second.Rows[0].Set(checkpoint.SecondMoments);
    }

    /// <summary>Trains to the end. The callbacks run between steps, on the caller's thread; what they throw ends the run.</summary>
    /// <exception cref="OperationCanceledException">Between two steps; <see cref="Checkpoint"/> is then that of the last whole
    /// one.</exception>
    public TrainingResult Run(Action<TrainingStep>? onStep = null, Action<TrainingEpoch>? onEpoch = null,
        CancellationToken cancellation = default)
    {
        var diverged = Train(onStep, onEpoch, cancellation);
        return new TrainingResult(Adapter, Step, diverged);
    }
}
