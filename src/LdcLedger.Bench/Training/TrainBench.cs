using System.Diagnostics;
using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Torch;
using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Training;

namespace LdcLedger.Bench.Training;

/// <summary>What to measure.</summary>
/// <param name="Directory">A checkpoint; null where <paramref name="Shape"/> says what to make up.</param>
/// <param name="Shape">One of <see cref="PublishedShapes.Names"/>; random weights.</param>
/// <param name="Layers">Only the first so many of the model's layers; null: all.</param>
/// <param name="Regime">attention, mlp or all, by LoRA; full-attention, full-mlp or full-all, without adapters.</param>
/// <param name="AdaptLayers">Layers that are adapted; null: all.</param>
/// <param name="Tokens">Tokens per epoch; null: enough for a steady measure.</param>
/// <param name="Epochs">Epochs of one round.</param>
/// <param name="Against">autograd, uncached, or null.</param>
/// <param name="Length">Tokens of a row.</param>
/// <param name="Threads">CPU threads of either side; 0: all.</param>
/// <param name="Rounds">Ours and theirs take turns so many times.</param>
/// <param name="Form">One of <see cref="BaseForms"/>.</param>
public sealed record BenchOptions(
    string? Directory = null, string? Shape = null, int? Layers = null, string Regime = "all", IReadOnlyList<int>? AdaptLayers = null,
    int? Tokens = null, int Epochs = 1,
    string? Against = null, string Device = "cpu", string Dtype = "float32", int Length = 256, int BatchRows = 4, int Rank = 16,
    int Threads = 0, int Rounds = 3, string Form = BaseForms.AsIs)
{
    /// <summary>Whether the projections themselves are trained.</summary>
    public bool InFull => Regime.StartsWith("full-", StringComparison.Ordinal);
}

/// <summary>One side's speed.</summary>
/// <param name="TokensPerSecond">Scored tokens; the median of warm steps, or for <c>uncached</c> of whole rounds.</param>
/// <param name="MedianStepSeconds">Of warm steps.</param>
/// <param name="SecondsPerRound">Median, everything included.</param>
public sealed record BenchSpeed(double TokensPerSecond, double MedianStepSeconds, double SecondsPerRound, int Steps);

/// <summary>What was measured.</summary>
/// <param name="Parameters">N of the text tower as it was run.</param>
/// <param name="Trainable">Parameters of the adapter.</param>
/// <param name="PeakGflops">Of this machine, as <see cref="PeakSpeed"/> measures it.</param>
/// <param name="ShareOfPeak">4 FLOP per token and parameter over the peak; 2 less for those below the lowest adapted layer, and none where
/// their activations are kept.</param>
/// <param name="PeakMemoryBytes">Largest resident size of the process while ours ran.</param>
/// <param name="SteadyBytes">Resident size after the first warm step and after the last.</param>
/// <param name="Split">Share of the threads' time by part: forward, loss, backward, optimizer, norms.</param>
/// <param name="Ratio">Tokens/s of ours over theirs.</param>
/// <param name="Checkpoint">What one took on the disk of temporary files, and to write.</param>
public sealed record BenchReport(
    string Model, int Layers, string Regime, string Device, string Arithmetic, string Dtype, int Threads, int RowsPerStep, int Length,
    long Parameters, long Trainable, double PeakGflops, double ShareOfPeak, long PeakMemoryBytes,
    (long First, long Last) SteadyBytes, IReadOnlyDictionary<string, double> Split,
    BenchSpeed Ours, string? Against, BenchSpeed? Theirs, double? Ratio, (long Bytes, double Seconds) Checkpoint);

/// <summary>Measures training speed: warm steps only, random text in documents of mixed length, ours and theirs by turns.</summary>
public static class TrainBench
{
    private const int WarmUp = 1;

    /// <param name="progress">Told what is being done, in a few words.</param>
    /// <exception cref="InvalidInputException">An option that the model does not allow.</exception>
    public static BenchReport Run(BenchOptions options, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        if (options.Against is not (null or "autograd" or "uncached"))
            throw new InvalidInputException($"against is {options.Against}; autograd and uncached are allowed.");
        if ((options.Directory is null) == (options.Shape is null))
            throw new InvalidInputException("Name either a model or a shape to measure.");
        foreach (var (name, value) in ((string, int)[])[("tokens", options.Tokens ?? 1), ("epochs", options.Epochs),
            ("length", options.Length - 1), ("batch", options.BatchRows), ("rank", options.Rank), ("rounds", options.Rounds)])
            if (value < 1)
                throw new InvalidInputException(name == "length"
                    ? $"length is {options.Length}; 2 or more is allowed." : $"{name} is {value}; 1 or more is allowed.");
        if (options.Threads < 0 || options.Threads > Environment.ProcessorCount)
            throw new InvalidInputException(
                $"threads is {options.Threads}; 0 (all) to {Environment.ProcessorCount}, this machine's cores, are allowed.");
        if (options.Dtype is not ("float32" or "bfloat16"))
            throw new InvalidInputException($"dtype is {options.Dtype}; float32 and bfloat16 are allowed.");
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        progress?.Invoke("loading");
        var full = options.Directory is null ? PublishedShapes.Of(options.Shape!) : ConfigOf(options.Directory);
        if (options.Layers is { } cut && (cut < 1 || cut > full.Layers))
            throw new InvalidInputException($"layers is {cut}; 1 to {full.Layers} are allowed.");
        if (options.Against == "autograd" && options.InFull)
            throw new InvalidInputException("The baseline autograd trains adapters; training in full is measured without it.");
        if (options.Against == "autograd" && (full.StoredForm ?? options.Form) != BaseForms.AsIs)
            throw new InvalidInputException("The baseline autograd has its weights in float32; a base of 4 bits is measured without it.");
        var config = options.Layers is { } layers ? full with { LayerKinds = [.. full.LayerKinds.Take(layers)] } : full;
        BaseForms.Check(options.Form, config, options.Directory ?? options.Shape!);
        var rows = RowsOf(config, options);
        using var model = Base(options, config, options.Device);
        var data = Text(config, options.Length, rows);
        var lora = new LoraOptions(options.Rank, 2 * options.Rank, 0, Targets(config, options));
        var training = new TrainingOptions(options.Epochs, options.BatchRows, LearningRate: 1e-4, Threads: threads);
        var lowest = lora.Targets.Min(target => target.Layer);

        if (options.Against == "uncached")
        {
            // Whole rounds count here, so that who comes first must not pay for the first touch of the weights.
            progress?.Invoke("warming up");
            Measure(model, data, lora, options.InFull, training with { Epochs = 1, RowsPerEpoch = options.BatchRows }, null, cancellation);
        }
        List<Round> ours = [], theirs = [];
        // after our first round, so that its memory is not counted as ours
        var autograd = new Lazy<BaseModel>(() => Base(options, config,
            DeviceArithmetic.IsCpu(options.Device) ? DeviceArithmetic.CpuTorch : options.Device));
        for (var round = 0; round < options.Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Invoke($"round {round + 1} of {options.Rounds}: ours");
            ours.Add(Measure(model, data, lora, options.InFull, training, options.Against == "uncached"
                ? new FrozenPrefix(model, data, lowest) : null, cancellation));
            if (options.Against is null) continue;
            progress?.Invoke($"round {round + 1} of {options.Rounds}: {options.Against}");
            theirs.Add(options.Against == "uncached"
                ? Measure(model, data, lora, options.InFull, training, null, cancellation)
                : Autograd(autograd.Value, data, lora, training, threads, cancellation));
        }
        if (autograd.IsValueCreated) autograd.Value.Dispose();
        progress?.Invoke("peak");
        var gflops = PeakSpeed.Gflops(options.Device, threads);

        var whole = options.Against == "uncached";
        BenchSpeed speed = Speed(ours, whole), other = theirs.Count > 0 ? Speed(theirs, whole) : speed;
        var tokensPerStep = Math.Min(options.BatchRows, data.Rows) * (double)data.Length;
        var times = ours.Select(round => round.Times!).Aggregate((a, b) => a.Plus(b));
        var total = (times.Forward + times.Loss + times.Backward + times.Optimizer + times.Norms).TotalSeconds;
        var trained = lora.Targets.Sum(target => options.InFull
            ? (long)config.ShapeOf(target.Projection).Out * config.ShapeOf(target.Projection).In
            : config.LoraParameters(options.Rank, [target.Projection]));
        return new BenchReport(
            options.Shape ?? options.Directory!, config.Layers, options.Regime, options.Device,
            model.ArithmeticName, options.Form == BaseForms.AsIs ? options.Dtype : $"{options.Dtype}, {options.Form}", threads,
            options.BatchRows,
            data.Length, config.TextParameters,
            trained, gflops,
            (FlopsPerToken(config, lowest, cached: whole) + (options.InFull ? 2 * trained : 0)) * tokensPerStep
                / speed.MedianStepSeconds / (gflops * 1e9),
            ours[0].PeakBytes,
            (ours[0].FirstBytes, ours[0].LastBytes),
            new Dictionary<string, double>
            {
                ["forward"] = times.Forward.TotalSeconds / total,
                ["loss"] = times.Loss.TotalSeconds / total,
                ["backward"] = times.Backward.TotalSeconds / total,
                ["optimizer"] = times.Optimizer.TotalSeconds / total,
                ["norms"] = times.Norms.TotalSeconds / total,
            },
            speed, options.Against, theirs.Count > 0 ? other : null,
            theirs.Count > 0 ? speed.TokensPerSecond / other.TokensPerSecond : null, ours[^1].Checkpoint);
    }

    private static double FlopsPerToken(ModelConfig config, int lowest, bool cached)
    {
        var below = lowest * ModelConfig.ProjectionNames.Sum(name => (double)config.ShapeOf(name).Out * config.ShapeOf(name).In);
        return 4.0 * config.TextParameters - (cached ? 4 : 2) * below;
    }

    private sealed record Round(List<(double Seconds, int Tokens)> Steps, double Seconds, StepTimes? Times, long PeakBytes, long FirstBytes,
        long LastBytes, (long Bytes, double Seconds) Checkpoint);

    private static ModelConfig ConfigOf(string directory)
    {
        using var opened = ModelDirectory.Open(directory);
        return opened.Config;
    }

    private static BaseModel Base(BenchOptions options, ModelConfig config, string device) =>
        options.Directory is null ? BaseModel.Random(config, options.Dtype, device, options.Form)
            : BaseModel.Load(options.Directory, options.Dtype, device, options.Form, options.Dtype, config);

    private static Round Measure(BaseModel model, ITokenRows data, LoraOptions lora, bool inFull, TrainingOptions options,
        FrozenPrefix? prefix, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using TrainingLoop training = inFull ? new FullTraining(model, data, lora.Targets, options, prefix)
            : new LoraTraining(model, data, lora, options, prefix: prefix);
        List<(double, int)> steps = [];
        long last = clock.ElapsedTicks, first = 0, peak = 0;
        training.Train(step =>
        {
            var now = clock.ElapsedTicks;
            steps.Add(((now - last) / (double)Stopwatch.Frequency, step.ScoredTokens));
            var resident = Environment.WorkingSet;
            if (step.Step <= WarmUp + 1) first = resident;
            peak = Math.Max(peak, resident);
            last = clock.ElapsedTicks;
        }, _ => last = clock.ElapsedTicks, cancellation);
        var (seconds, resident) = (clock.Elapsed.TotalSeconds, Environment.WorkingSet);
        return new Round(steps, seconds, training.Times, peak, first, resident, CheckpointOf(training));
    }

    private static Round Autograd(BaseModel model, ITokenRows data, LoraOptions lora, TrainingOptions options, int threads,
        CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var training = new AutogradTraining(model, lora, options, data.Length, threads);
        List<(double, int)> steps = [];
        for (var epoch = 0; epoch < options.Epochs; epoch++)
            for (var from = 0; from < data.Rows; from += options.BatchRows)
            {
                cancellation.ThrowIfCancellationRequested();
                int[] rows = [.. Enumerable.Range(from, Math.Min(options.BatchRows, data.Rows - from))];
                var started = clock.ElapsedTicks;
                training.Step(data, rows);
                steps.Add(((clock.ElapsedTicks - started) / (double)Stopwatch.Frequency, TokenBatch.ScoredTokens(data, rows)));
            }
        return new Round(steps, clock.Elapsed.TotalSeconds, null, 0, 0, 0, default);
    }

    private static (long Bytes, double Seconds) CheckpointOf(TrainingLoop training)
    {
        var folder = ScratchFolder.New("ldc-bench-");
        try
        {
            var path = Path.Combine(folder, "checkpoint");
            var began = Stopwatch.GetTimestamp();
            training.SaveCheckpoint(path);
            return (new FileInfo(path).Length, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static BenchSpeed Speed(List<Round> rounds, bool whole)
    {
        var warm = rounds.SelectMany(round => round.Steps.Skip(Math.Min(WarmUp, round.Steps.Count - 1))).ToList();
        var seconds = Sample.Median(warm.Select(step => step.Seconds));
        var perRound = Sample.Median(rounds.Select(round => round.Seconds));
        var rate = whole ? rounds[0].Steps.Sum(step => step.Tokens) / perRound
            : Sample.Median(warm.Select(step => step.Tokens / step.Seconds));
        return new BenchSpeed(rate, seconds, perRound, rounds.Sum(round => round.Steps.Count));
    }

    private static List<LoraTarget> Targets(ModelConfig config, BenchOptions options)
    {
        var projections = Projection.NamesIn(options.Regime);
        return [.. (options.AdaptLayers ?? [.. Enumerable.Range(0, config.Layers)])
            .Distinct().Order().SelectMany(layer => projections.Select(name => new LoraTarget(layer, name)))];
    }

    // Its text lies in memory, whole.
    private const long MostTokens = 100_000_000;

    /// <exception cref="InvalidInputException">An epoch would have more tokens than memory should hold.</exception>
    private static int RowsOf(ModelConfig config, BenchOptions options)
    {
        // Large models take seconds a step on a CPU: as many as make some 10^13 operations.
        var step = (long)options.Length * options.BatchRows;
        var tokens = options.Tokens ?? step * (long)Math.Clamp(1e13 / (4.0 * config.TextParameters * step), 2, 16);
        if (Math.Max(tokens, options.Length) > MostTokens)
            throw new InvalidInputException(string.Create(CultureInfo.InvariantCulture,
                $"an epoch would have {Math.Max(tokens, options.Length):N0} tokens; at most {MostTokens:N0} are measured."));
        return (int)Math.Max(1, tokens / options.Length);
    }

    /// <summary>Rows filled with documents of a quarter of a row to a whole one, all tokens but the first scored.</summary>
    private static PackedRows Text(ModelConfig config, int length, int rows)
    {
        var random = new SplitMix(7);
        int[] ids = new int[rows * length], labels = new int[ids.Length], positions = new int[ids.Length];
        for (var (i, left) = (0, 0); i < ids.Length; i++, left--)
        {
            if (i % length == 0 || left == 0)
            {
                (positions[i], left) = (0, length / 4 + random.NextInt(3 * length / 4));
                labels[i] = PackedRows.NotScored;
            }
            else
            {
                positions[i] = positions[i - 1] + 1;
            }
            ids[i] = random.NextInt(config.Vocab);
            if (positions[i] > 0) labels[i] = ids[i];
        }
        return new PackedRows(length, ids, labels, positions);
    }
}
