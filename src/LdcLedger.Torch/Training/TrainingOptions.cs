namespace LdcLedger.Torch.Training;

public enum Schedule { Linear, Cosine }

/// <summary>How an adapter is trained. Whatever is here can change a number, but for <paramref name="Threads"/>.</summary>
/// <param name="Epochs">Times that the data is gone through, or <paramref name="RowsPerEpoch"/> rows of it are read.</param>
/// <param name="BatchRows">Rows of a micro-batch.</param>
/// <param name="Accumulation">Micro-batches of a step; the last step of an epoch takes what is left.</param>
/// <param name="LearningRate">Highest rate, after warm-up.</param>
/// <param name="Schedule">How it falls to 0.</param>
/// <param name="WarmupSteps">Steps in which it rises from 0; null: <paramref name="WarmupShare"/> of all, rounded up.</param>
/// <param name="WarmupShare">In [0, 1].</param>
/// <param name="WeightDecay">Decoupled, on every adapter tensor.</param>
/// <param name="MaxGradNorm">Gradients are scaled down to this global 2-norm; infinity: never.</param>
/// <param name="Seed">Of A, of the order of rows and of dropout.</param>
/// <param name="Shuffle">Whether each epoch has an order of its own.</param>
/// <param name="RowsPerEpoch">How many rows an epoch reads; null, or more than there are: all. Epochs go on through the rows where the one
/// before stopped.</param>
/// <param name="Threads">CPU threads; results do not depend on it.</param>
public sealed record TrainingOptions(
    int Epochs = 1, int BatchRows = 4, int Accumulation = 1, double LearningRate = 2e-4, Schedule Schedule = Schedule.Cosine,
    int? WarmupSteps = null, double WarmupShare = 0,
    double WeightDecay = 0.01, double Beta1 = 0.9, double Beta2 = 0.999, double Eps = 1e-8, double MaxGradNorm = 1.0, long Seed = 1,
    bool Shuffle = true,
    int? RowsPerEpoch = null, int Threads = 1)
{
    /// <exception cref="InvalidInputException">A value out of range.</exception>
    public void Validate()
    {
        foreach (var (name, value) in ((string, int)[])[("epochs", Epochs), ("batch", BatchRows), ("accumulation", Accumulation),
            ("threads", Threads), ("rows of an epoch", RowsPerEpoch ?? 1)])
            if (value < 1) throw new InvalidInputException($"{name} is {value}; 1 or more is allowed.");
        foreach (var (name, value) in ((string, double)[])[("learning_rate", LearningRate), ("weight_decay", WeightDecay)])
            if (!double.IsFinite(value) || value < 0) throw new InvalidInputException($"{name} is {value}; 0 or more is allowed.");
        if (!(WarmupShare >= 0 && WarmupShare <= 1)) throw new InvalidInputException($"warmup is {WarmupShare}; 0 to 1 is allowed.");
        if (WarmupSteps < 0) throw new InvalidInputException($"warmup_steps is {WarmupSteps}; 0 or more is allowed.");
        if (!(MaxGradNorm > 0)) throw new InvalidInputException($"max_grad_norm is {MaxGradNorm}; a number above 0 is allowed.");
    }

    /// <summary>The schedule that a study spec or a reference case names.</summary>
    /// <param name="name">linear or cosine.</param>
    /// <exception cref="InvalidInputException">There is no such schedule.</exception>
    public static Schedule ScheduleNamed(string? name) => name switch
    {
        "linear" => Schedule.Linear,
        "cosine" => Schedule.Cosine,
        _ => throw new InvalidInputException($"schedule is {name ?? "missing"}; linear and cosine are allowed."),
    };

    /// <summary>Of <paramref name="rows"/>, how many an epoch reads.</summary>
    public int RowsIn(int rows) => Math.Min(rows, RowsPerEpoch ?? rows);

    /// <summary>Which of <paramref name="rows"/> each epoch reads.</summary>
    public RowOrder OrderOf(int rows) => new(rows, RowsIn(rows), Seed, Shuffle);

    public int StepsPerEpoch(int rows) => (RowsIn(rows) + BatchRows * Accumulation - 1) / (BatchRows * Accumulation);

    public int TotalSteps(int rows) => Epochs * StepsPerEpoch(rows);

    /// <summary>
    /// Learning rate of a step, counted from 0, as in transformers: s / warmup while s is below it, then 1 - p or (1 + cos(pi p)) / 2 with
    /// p the share done since.
    /// </summary>
    public double RateOf(int step, int totalSteps)
    {
        var warmup = WarmupSteps ?? (int)Math.Ceiling(WarmupShare * totalSteps);
        if (step < warmup) return LearningRate * ((double)step / Math.Max(1, warmup));
        var done = (double)(step - warmup) / Math.Max(1, totalSteps - warmup);
        return LearningRate * Math.Max(0, Schedule switch
        {
            Schedule.Linear => 1 - done,
            Schedule.Cosine => 0.5 * (1 + PortableMath.SinCos(Math.PI * done).Cos),
            _ => throw new InvalidOperationException($"The schedule {Schedule} has no formula."),
        });
    }
}

/// <summary>One step of the optimizer.</summary>
/// <param name="Step">Counted from 1 over all epochs.</param>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Nats">Sum over the scored tokens, before the update.</param>
/// <param name="ScoredTokens">Their number; Nats / ScoredTokens is the loss.</param>
/// <param name="GradNorm">Global 2-norm before clipping.</param>
/// <param name="Elapsed">Since this process began or resumed the run.</param>
public sealed record TrainingStep(int Step, int Epoch, double LearningRate, double Nats, int ScoredTokens, double GradNorm,
    TimeSpan Elapsed)
{
    public double MeanLossNats => Nats / ScoredTokens;
}

/// <summary>Training loss of one step.</summary>
/// <param name="Step">Counted from 1 over all epochs.</param>
/// <param name="Nats">Sum over the scored tokens, before the update.</param>
/// <param name="ScoredTokens">Their number.</param>
public sealed record StepLoss(int Step, double Nats, int ScoredTokens);

/// <summary>
/// The end of an epoch: the update of every adapted projection as it is now, and the losses of all its steps, also of those before an
/// interruption.
/// </summary>
public sealed record TrainingEpoch(int Epoch, int Step, IReadOnlyList<Lora.UpdateNorm> Norms, IReadOnlyList<StepLoss> Losses,
    TimeSpan Elapsed);

/// <summary>How a run ended.</summary>
/// <param name="Adapter">As trained so far.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="Divergence">null where the run came to its end.</param>
public sealed record TrainingResult(Lora.LoraAdapter Adapter, int Steps, TrainingDiverged? Divergence);

/// <summary>A loss or a gradient that is not a number, or infinite; the adapter is that of before the step.</summary>
/// <param name="LastGoodLoss">Mean nats of the step before; null in the first.</param>
public sealed record TrainingDiverged(int Step, double? LastGoodLoss);
