using System.Diagnostics;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Training;

/// <summary>
/// One run, whatever of the base it trains (<see cref="LoraTraining"/>, <see cref="FullTraining"/>): steps, epochs, checkpoints. Bitwise
/// the same for the same base, data, options and machine, whether it is interrupted and resumed or not, and however many runs share the
/// base.
/// </summary>
public abstract class TrainingLoop : IDisposable
{
    private readonly BaseModel _model;
    private readonly ITokenRows _data;
    private readonly TrainingOptions _options;
    private readonly TrainedLayout _layout;
    private readonly FlatRows _gradients;
    private readonly Sum _nats;
    private readonly Workers _workers;
    private readonly StepTimes _times = new();
    private readonly List<StepLoss> _epochLosses = [];

    private protected TrainingLoop(
        BaseModel model, ITokenRows data, TrainedLayout layout, TrainingOptions options, double dropout, FrozenPrefix? prefix)
    {
        options.Validate();
        if (data.Rows == 0) throw new InvalidInputException("The training data has no row; at least one is needed.");
        (_model, _data, _options, _layout) = (model, data, options, layout);
        var room = new MemoryRoom(model, options.BatchRows, options.Threads, data.Length, layout, train: true, dropout);
        Arithmetic = model.NewArithmetic();
        _nats = Arithmetic.NewSum();
        (Parameters, _gradients, First, Second) = (NewRows(), NewRows(), NewRows(), NewRows());
        _workers = new Workers(room, model, data, options.BatchRows, options.Threads, layout, Parameters, train: true, dropout, prefix,
            _gradients);
        TotalSteps = options.TotalSteps(data.Rows);
        Order = options.OrderOf(data.Rows);

        FlatRows NewRows() => room.Within(() => new FlatRows(Arithmetic, layout.RowSizes));
    }

    private protected Arithmetic Arithmetic { get; }

    private protected FlatRows Parameters { get; }

    /// <summary>Moments of AdamW.</summary>
    private protected FlatRows First { get; }

    private protected FlatRows Second { get; }

    public int TotalSteps { get; }

    /// <summary>The rows that each epoch reads.</summary>
    public RowOrder Order { get; }

    /// <summary>Steps done.</summary>
    public int Step { get; private set; }

    public long TrainableParameters => _layout.Parameters;

    /// <summary>Of the steps of the epoch so far; between two epochs of the one that has ended.</summary>
    public IReadOnlyList<StepLoss> EpochLosses => _epochLosses;

    /// <summary>Tokens that the steps so far have read, whoever took them; each row of an epoch once.</summary>
    /// <param name="rowTokens">Of each row of the data.</param>
    public long TrainedTokens(IReadOnlyList<int> rowTokens)
    {
        var (epochs, within) = Math.DivRem(Step, _options.StepsPerEpoch(_data.Rows));
        return Order.Tokens(epochs, rowTokens, Math.Min(within * _options.BatchRows * _options.Accumulation, Order.PerEpoch));
    }

    /// <summary>Where the time went so far, all threads together.</summary>
    public StepTimes Times => _workers.Times.Plus(_times);

    /// <summary>How far every trained projection has moved.</summary>
    public abstract IReadOnlyList<UpdateNorm> Norms();

    /// <summary>Bytes of a checkpoint, about.</summary>
    public long CheckpointBytes => 3 * sizeof(float) * _layout.Parameters;

    /// <summary>Writes everything that the next step depends on, whole or not at all.</summary>
    /// <returns>SHA-256 of the file, lower-case hex.</returns>
    public abstract string SaveCheckpoint(string path);

    /// <summary>Goes on where a checkpoint of the same run was made.</summary>
    /// <param name="sha256">What <see cref="SaveCheckpoint"/> returned; null: not checked.</param>
    /// <exception cref="InvalidInputException">The file is missing or damaged, or the checkpoint is of another run.</exception>
    public abstract void ResumeFrom(string path, string? sha256 = null);

    private protected void GoOnFrom(int step, IEnumerable<StepLoss> epochLosses)
    {
        if (step > TotalSteps) throw new InvalidInputException($"The checkpoint is of step {step}; this run has {TotalSteps}.");
        Step = step;
        _epochLosses.Clear();
        _epochLosses.AddRange(epochLosses);
    }

    /// <summary>How well what is trained so far predicts held-out rows.</summary>
    /// <param name="prefix">Activations of <paramref name="rows"/> below the lowest trained layer, if they are kept.</param>
    /// <exception cref="InvalidInputException">No token is scored, or the loss is not finite.</exception>
    public Likelihood Evaluate(ITokenRows rows, int batchRows = 4, int threads = 1, FrozenPrefix? prefix = null,
        CancellationToken cancellation = default) =>
        Evaluation.Of(_model, _layout, Parameters, rows, batchRows, threads, prefix, cancellation);

    /// <summary>Trains to the end. The callbacks run between steps, on the caller's thread; what they throw ends the run.</summary>
    /// <returns>null where the run came to its end.</returns>
    /// <exception cref="OperationCanceledException">Between two steps; a checkpoint is then that of the last whole one.</exception>
    public TrainingDiverged? Train(Action<TrainingStep>? onStep = null, Action<TrainingEpoch>? onEpoch = null,
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
            if (done is null) return new TrainingDiverged(Step + 1, lastLoss);
            lastLoss = done.MeanLossNats;
            if (within == 0) _epochLosses.Clear();
            _epochLosses.Add(new StepLoss(done.Step, done.Nats, done.ScoredTokens));
            onStep?.Invoke(done);
            if (Step % perEpoch != 0 || onEpoch is null) continue;
            var measured = Stopwatch.GetTimestamp();
            var norms = Norms();
            _times.Norms += Stopwatch.GetElapsedTime(measured);
            onEpoch(new TrainingEpoch(epoch + 1, Step, norms, [.. _epochLosses], clock.Elapsed));
        }
        return null;
    }

    /// <summary>null where the loss or the gradient is not finite; nothing has changed then.</summary>
    private TrainingStep? TakeStep(ReadOnlySpan<int> rows, int epoch, Stopwatch clock)
    {
        // Sum, not mean: micro-batches score different numbers of tokens, and a mean of means would weight a short one as much as a full
        // one.
        var scored = TokenBatch.ScoredTokens(_data, rows);
        var scale = scored == 0 ? 0 : (float)(1.0 / scored);
        using var scope = Arithmetic.StepScope();
        _nats.Zero();
        _gradients.Zero(Arithmetic);
        for (var (from, micro) = (0, 0); from < rows.Length; from += _options.BatchRows, micro++)
            _workers.AddLossAndGradients(rows.Slice(from, Math.Min(_options.BatchRows, rows.Length - from)), scale,
                new DropoutKey(Active: true, (ulong)_options.Seed, Step, micro), _nats, _gradients);
        var summed = Stopwatch.GetTimestamp();
        var (nats, squares) = Arithmetic.Read(_nats, _gradients.Rows);
        var norm = Math.Sqrt(squares);
        if (!double.IsFinite(nats) || !double.IsFinite(norm)) return null;
        var rate = _options.RateOf(Step, TotalSteps);
        var factor = (float)Math.Min(1, _options.MaxGradNorm / (norm + 1e-6));
        var step = new AdamWStep(Step + 1, rate, _options.Beta1, _options.Beta2, _options.Eps, _options.WeightDecay, factor);
        for (var i = 0; i < Parameters.Rows.Count; i++)
            Arithmetic.AdamW(Parameters.Rows[i], _gradients.Rows[i], First.Rows[i], Second.Rows[i], step);
        _times.Optimizer += Stopwatch.GetElapsedTime(summed);
        Step++;
        return new TrainingStep(Step, epoch + 1, rate, nats, scored, norm, clock.Elapsed);
    }

    public void Dispose()
    {
        _workers.Dispose();
        foreach (var rows in (FlatRows[])[Parameters, _gradients, First, Second]) rows.Dispose();
        _nats.Dispose();
        Arithmetic.Dispose();
        GC.SuppressFinalize(this);
    }
}
