using System.Diagnostics;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Training;

/// <summary>
/// One run: an adapter trained on packed rows. Bitwise the same for the same base, data, options and machine, whether it is interrupted and
/// resumed or not, and however many runs share the base.
/// </summary>
public sealed class LoraTraining : IDisposable
{
    private readonly BaseModel _model;
    private readonly PackedRows _data;
    private readonly TrainingOptions _options;
    private readonly AdapterLayout _layout;
    private readonly Arithmetic _arithmetic;
    private readonly Matrix _parameters, _gradients, _first, _second;
    private readonly Workers _workers;
    private readonly StepTimes _times = new();
    private readonly List<StepLoss> _epochLosses = [];

    /// <param name="initial">Where to begin; null: A drawn from the seed, B zero.</param>
    /// <param name="prefix">Activations below the lowest adapted layer, shared between runs; null: computed in every step.</param>
    /// <exception cref="InvalidInputException">An option that the model or the data does not allow.</exception>
    public LoraTraining(BaseModel model, PackedRows data, LoraOptions lora, TrainingOptions options, LoraAdapter? initial = null,
        FrozenPrefix? prefix = null)
    {
        options.Validate();
        if (data.Rows == 0) throw new InvalidInputException("The training data has no row; at least one is needed.");
        (_model, _data, _options, _layout) = (model, data, options, AdapterLayout.For(model.Config, lora));
        _arithmetic = model.NewArithmetic();
        (_parameters, _gradients) = (_arithmetic.NewMatrix(1, _layout.Total), _arithmetic.NewMatrix(1, _layout.Total));
        (_first, _second) = (_arithmetic.NewMatrix(1, _layout.Total), _arithmetic.NewMatrix(1, _layout.Total));
        if (initial is not null) AdapterLayout.For(model.Config, initial);
        _parameters.Set(initial is null ? _layout.Initial(options.Seed) : _layout.Flatten(initial));
        _workers = new Workers(model, data, options.BatchRows, options.Threads, _layout, _parameters, train: true, lora.Dropout, prefix);
        TotalSteps = options.TotalSteps(data.Rows);
        Order = options.OrderOf(data.Rows);
    }

    public int TotalSteps { get; }

    /// <summary>The rows that each epoch reads.</summary>
    public RowOrder Order { get; }

    /// <summary>Steps done.</summary>
    public int Step { get; private set; }

    public long TrainableParameters => _layout.Total;

    /// <summary>Of the steps of the epoch so far; between two epochs of the one that has ended.</summary>
    public IReadOnlyList<StepLoss> EpochLosses => _epochLosses;

    /// <summary>Tokens that the steps so far have read, whoever took them; each row of an epoch once.</summary>
    /// <param name="rowTokens">Of each row of the data.</param>
    public long TrainedTokens(IReadOnlyList<int> rowTokens)
    {
        var (epochs, within) = Math.DivRem(Step, _options.StepsPerEpoch(_data.Rows));
        return Order.Tokens(epochs, rowTokens, Math.Min(within * _options.BatchRows * _options.Accumulation, Order.PerEpoch));
    }

    /// <summary>The adapter as it is now.</summary>
    public LoraAdapter Adapter => _layout.Unflatten(_parameters.ToArray());

    /// <summary>Where the time went so far, all threads together.</summary>
    public StepTimes Times => _workers.Times.Plus(_times);

    /// <summary>Everything that the next step depends on.</summary>
    public TrainingCheckpoint Checkpoint() => new(Step, _parameters.ToArray(), _first.ToArray(), _second.ToArray(), [.. _epochLosses]);

    /// <summary>Goes on where a checkpoint of the same run was made.</summary>
    /// <exception cref="InvalidInputException">The checkpoint is of another run.</exception>
    public void Resume(TrainingCheckpoint checkpoint)
    {
        if (checkpoint.Parameters.Length != _layout.Total)
            throw new InvalidInputException(
                $"The checkpoint holds {checkpoint.Parameters.Length} parameters; this run trains {_layout.Total}.");
        if (checkpoint.Step > TotalSteps)
            throw new InvalidInputException($"The checkpoint is of step {checkpoint.Step}; this run has {TotalSteps}.");
        Step = checkpoint.Step;
        _parameters.Set(checkpoint.Parameters);
        _first.Set(checkpoint.FirstMoments);
        _second.Set(checkpoint.SecondMoments);
        _epochLosses.Clear();
        _epochLosses.AddRange(checkpoint.EpochLosses);
    }

    /// <summary>Trains to the end. The callbacks run between steps, on the caller's thread; what they throw ends the run.</summary>
    /// <exception cref="OperationCanceledException">Between two steps; <see cref="Checkpoint"/> is then that of the last whole
    /// one.</exception>
    public TrainingResult Run(Action<TrainingStep>? onStep = null, Action<TrainingEpoch>? onEpoch = null,
        CancellationToken cancellation = default)
    {
        var clock = Stopwatch.StartNew();
        var perEpoch = _options.StepsPerEpoch(_data.Rows);
        double? lastLoss = _epochLosses.Count > 0 ? _epochLosses[^1].Nats / _epochLosses[^1].ScoredTokens : null;
        int[] order = [];
        while (Step < TotalSteps)
        {
            cancellation.ThrowIfCancellationRequested();
            var (epoch, within) = (Step / perEpoch, Step % perEpoch);
            if (within == 0 || order.Length == 0) order = Order.Of(epoch);
            var perStep = _options.BatchRows * _options.Accumulation;
            var done = TakeStep(order.AsSpan(within * perStep, Math.Min(perStep, order.Length - within * perStep)), epoch, clock);
            if (done is null) return new TrainingResult(Adapter, Step, new TrainingDiverged(Step + 1, lastLoss));
            lastLoss = done.MeanLossNats;
            if (within == 0) _epochLosses.Clear();
            _epochLosses.Add(new StepLoss(done.Step, done.Nats, done.ScoredTokens));
            onStep?.Invoke(done);
            if (Step % perEpoch != 0 || onEpoch is null) continue;
            var measured = Stopwatch.GetTimestamp();
            var norms = UpdateNorms.Of(Adapter, _model);
            _times.Norms += Stopwatch.GetElapsedTime(measured);
            onEpoch(new TrainingEpoch(epoch + 1, Step, norms, [.. _epochLosses], clock.Elapsed));
        }
        return new TrainingResult(Adapter, Step, null);
    }

    /// <summary>null where the loss or the gradient is not finite; nothing has changed then.</summary>
    private TrainingStep? TakeStep(ReadOnlySpan<int> rows, int epoch, Stopwatch clock)
    {
        // Sum, not mean: micro-batches score different numbers of tokens, and a mean of means would weight a short one as much as a full
        // one.
        var scored = TokenBatch.ScoredTokens(_data, rows);
        var scale = scored == 0 ? 0 : (float)(1.0 / scored);
        double nats = 0;
        using var scope = _arithmetic.StepScope();
        _arithmetic.Zero(_gradients);
        for (var (from, micro) = (0, 0); from < rows.Length; from += _options.BatchRows, micro++)
            nats += _workers.LossAndGradients(rows.Slice(from, Math.Min(_options.BatchRows, rows.Length - from)), scale,
                                              new DropoutKey(Active: true, (ulong)_options.Seed, Step, micro), _arithmetic, _gradients);
        var summed = Stopwatch.GetTimestamp();
        var norm = Math.Sqrt(_arithmetic.SumOfSquares(_gradients));
        if (!double.IsFinite(nats) || !double.IsFinite(norm)) return null;
        var rate = _options.RateOf(Step, TotalSteps);
        var factor = (float)Math.Min(1, _options.MaxGradNorm / (norm + 1e-6));
        _arithmetic.AdamW(_parameters, _gradients, _first, _second,
            new AdamWStep(Step + 1, rate, _options.Beta1, _options.Beta2, _options.Eps, _options.WeightDecay, factor));
        _times.Optimizer += Stopwatch.GetElapsedTime(summed);
        Step++;
        return new TrainingStep(Step, epoch + 1, rate, nats, scored, norm, clock.Elapsed);
    }

    public void Dispose()
    {
        _workers.Dispose();
        foreach (var matrix in (Matrix[])[_parameters, _gradients, _first, _second]) matrix.Dispose();
        _arithmetic.Dispose();
    }
}
