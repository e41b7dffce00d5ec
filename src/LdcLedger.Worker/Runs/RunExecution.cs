using System.Diagnostics;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Torch;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Packing;
using LdcLedger.Torch.Training;
using LdcLedger.Worker.Artifacts;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Progress;

namespace LdcLedger.Worker.Runs;

/// <summary>
/// One attempt at one run: loads, trains, measures, evaluates, and hands every fact to <see cref="Record"/> as soon as it is one. Knows
/// neither bus nor database. Synchronous: it belongs on a thread of its own.
/// </summary>
public sealed class RunExecution
{
    /// <summary>
    /// Time from one checkpoint to the next, at least (<see cref="CheckpointRhythm"/>). When one is taken changes no number.
    /// </summary>
    public static readonly TimeSpan UsualCheckpointInterval = TimeSpan.FromSeconds(60);

    public required RunPlanned Run { get; init; }
    public required ResolvedModel Model { get; init; }
    public required ResolvedDomain Domain { get; init; }

    /// <summary>What the adapter says that it belongs to; null: the model's path.</summary>
    public string? BaseName { get; init; }
    public required int Attempt { get; init; }

    /// <summary>The newest checkpoint of an earlier attempt.</summary>
    public CheckpointSaved? ResumeFrom { get; init; }

    /// <summary>How long earlier attempts worked on the run, for displays.</summary>
    public double EarlierSeconds { get; init; }
    public TimeSpan CheckpointInterval { get; init; } = UsualCheckpointInterval;
    public TimeProvider Time { get; init; } = TimeProvider.System;
    public required int Threads { get; init; }
    public required RunInputs Inputs { get; init; }
    public required ArtifactFolder Artifacts { get; init; }
    public required ProgressFeed Feed { get; init; }

    /// <summary>Takes facts that belong together; returns when they are recorded.</summary>
    public required Action<IReadOnlyList<ILedgerEvent>> Record { get; init; }

    /// <summary>
    /// Whether all of it is in the ledger. While facts wait in this machine's journal, another worker would go on from the checkpoint that
    /// the ledger knows: that one is kept.
    /// </summary>
    public Func<bool> IsInLedger { get; init; } = () => true;

    private readonly List<string> _stale = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private string? _lastCheckpoint;
    private CheckpointRhythm? _rhythm;

    /// <summary>Trains and evaluates. A loss that is not finite ends the run as <see cref="RunFailed"/>.</summary>
    /// <exception cref="InvalidInputException">The run cannot be computed from what it was given.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop; a checkpoint of the last whole step is recorded.</exception>
    public void Execute(CancellationToken cancellation)
    {
        Feed.Report(new(Run, RunPhase.Preparing, 0, 0));
        using var model = Inputs.Base(Run, Model);
        using var data = Inputs.Corpus(Run, Model, Domain);
        cancellation.ThrowIfCancellationRequested();
        var tuning = Tuning.Parse(Run.Tuning);
        if (tuning.IsPretrained)
            Evaluate(model.Value, data.Value, cancellation);
        else
            Train(model.Value, data.Value, tuning, cancellation);
    }

    private void Evaluate(BaseModel model, DomainData data, CancellationToken cancellation)
    {
        Feed.Report(new(Run, RunPhase.Evaluating, 0, 0));
        var heldOut = Evaluation.Of(model, null, data.HeldOut, threads: Threads, cancellation: cancellation);
        var seconds = _clock.Elapsed.TotalSeconds;
        Record([RunFacts.Of(Run, heldOut, data), new RunCompleted(Run.StudyId, Run.RunId, Attempt, 0, 0, seconds)]);
        Feed.Report(new(
            Run, RunPhase.Ended, 0, 0, Outcome: RunStatuses.Completed, Perplexity: heldOut.Perplexity, Worked: Worked(seconds)));
    }

    private void Train(BaseModel model, DomainData data, Tuning tuning, CancellationToken cancellation)
    {
        using var prefixes = Inputs.Prefixes(Run, model, data, tuning.Layers[0]);
        using var training = Of(tuning, model, data, prefixes?.Value.Training);
        _rhythm = new(CheckpointInterval, training.CheckpointBytes, Time);
        Resume(training);
        var pace = new Pace(Run, training, data);
        TrainingDiverged? divergence;
        try
        {
            divergence = training.Train(step => OnStep(training, data, step, pace), epoch => OnEpoch(training, data, epoch), cancellation);
        }
        catch (OperationCanceledException)
        {
            SaveCheckpoint(training, data, []);
            throw;
        }
        if (divergence is { } diverged)
        {
            var reason = $"The loss or the gradient of step {diverged.Step} of {training.TotalSteps} is not a finite number; "
                + "a lower training.learning_rate is the usual remedy.";
            Record([new RunFailed(Run.StudyId, Run.RunId, Attempt, reason, diverged.Step, diverged.LastGoodLoss)]);
            Feed.Report(new(
                Run, RunPhase.Ended, training.Step, training.TotalSteps, diverged.LastGoodLoss,
                Outcome: $"{RunStatuses.Failed}: {reason}", Worked: Worked(_clock.Elapsed.TotalSeconds)));
            return;
        }
        Complete(model, data, training, prefixes?.Value.HeldOut, pace, cancellation);
    }

    private void Complete(
        BaseModel model, DomainData data, TrainingLoop training, FrozenPrefix? heldOutPrefix, Pace pace, CancellationToken cancellation)
    {
        Feed.Report(pace.Last with { Phase = RunPhase.Evaluating });
        Likelihood heldOut;
        try
        {
            heldOut = training.Evaluate(data.HeldOut, threads: Threads, prefix: heldOutPrefix, cancellation: cancellation);
        }
        catch (OperationCanceledException)
        {
            SaveCheckpoint(training, data, []);
            throw;
        }
        ILedgerEvent saved = training switch
        {
            LoraTraining lora => AdapterFiles.Save(Run, BaseName ?? Model.Path, model, lora.Adapter, Artifacts),
            FullTraining full => ProjectionFiles.Save(Run, full, Artifacts),
            _ => throw new InvalidOperationException($"What a {training.GetType().Name} trained is not saved anywhere."),
        };
        var seconds = _clock.Elapsed.TotalSeconds;
        Record(
        [
            RunFacts.Of(Run, heldOut, data),
            saved,
            new RunCompleted(Run.StudyId, Run.RunId, Attempt, training.Step, training.TrainedTokens(data.RowTokens), seconds),
        ]);
        var (nats, scored) = (training.EpochLosses.Sum(l => l.Nats), training.EpochLosses.Sum(l => (long)l.ScoredTokens));
        // What was trained is kept; what led there is of no more use.
        _stale.AddRange(new[] { _lastCheckpoint, ResumeFrom?.Sha256 }.OfType<string>().Distinct());
        DiscardStale();
        Feed.Report(pace.Last with
        {
            Phase = RunPhase.Ended,
            Left = null,
            Outcome = RunStatuses.Completed,
            Perplexity = heldOut.Perplexity,
            Worked = Worked(seconds),
            TrainLossNats = scored > 0 ? nats / scored : null,
        });
    }

    /// <summary>As the read models sum it, so that whoever looks there finds the same number.</summary>
    private TimeSpan Worked(double seconds) => TimeSpan.FromSeconds(EarlierSeconds + seconds);

    private TrainingLoop Of(Tuning tuning, BaseModel model, DomainData data, FrozenPrefix? prefix)
    {
        IReadOnlyList<LoraTarget> targets = [.. tuning.Adapted.Select(a => new LoraTarget(a.Layer, a.Projection))];
        return tuning.Method switch
        {
            TuningMethod.Lora => new LoraTraining(
                model, data.Training, new(Run.Lora.Rank, Run.Lora.Alpha, Run.Lora.Dropout, targets), Options(data), prefix: prefix),
            TuningMethod.Full => new FullTraining(model, data.Training, targets, Options(data), prefix),
            _ => throw new InvalidOperationException($"Nothing is trained by the method {tuning.Method}."),
        };
    }

    private TrainingOptions Options(DomainData data) => new(
        Run.Training.Epochs, Run.Training.Batch, Run.Training.Accumulation, Run.Training.LearningRate,
        TrainingOptions.ScheduleNamed(Run.Training.Schedule), WarmupShare: Run.Training.Warmup,
        WeightDecay: Run.Training.WeightDecay, MaxGradNorm: Run.Training.MaxGradNorm, Seed: Run.Seed ?? 0,
        RowsPerEpoch: data.RowsPerEpoch, Threads: Threads);

    private void Resume(TrainingLoop training)
    {
        if (ResumeFrom is not { } from)
            return;
        try
        {
            training.ResumeFrom(Artifacts.PathOf(from.Sha256), from.Sha256);
            _lastCheckpoint = from.Sha256;
        }
        catch (Exception unreadable) when (unreadable is InvalidInputException or IOException)
        {
            Feed.Say($"{RunTitle.Of(Run.Model, Run.Domain, Run.Role, Run.Seed)} starts again at step 0, "
                + $"its checkpoint of step {from.Step} cannot be read: {unreadable.Message}");
        }
    }

    private void OnStep(TrainingLoop training, DomainData data, TrainingStep step, Pace pace)
    {
        Feed.Report(pace.After(step));
        // At an epoch's end its facts come first, and the checkpoint with them: a run that goes on there does not come past that end again.
        if (_rhythm!.IsDue && step.Step % (training.TotalSteps / Run.Training.Epochs) != 0)
            SaveCheckpoint(training, data, []);
    }

    private void OnEpoch(TrainingLoop training, DomainData data, TrainingEpoch epoch)
    {
        var facts = RunFacts.Of(Run, epoch);
        if (_rhythm!.IsDue)
            SaveCheckpoint(training, data, facts);
        else
            Record(facts);
    }

    private void SaveCheckpoint(TrainingLoop training, DomainData data, IReadOnlyList<ILedgerEvent> facts)
    {
        if (training.Step == 0 || training.Step == ResumeFrom?.Step)
        {
            if (facts.Count > 0)
                Record(facts);
            return;
        }
        var sha256 = _rhythm!.Writing(() => Artifacts.Put(training.SaveCheckpoint));
        var bytes = new FileInfo(Artifacts.PathOf(sha256)).Length;
        Record([.. facts, new CheckpointSaved(
            Run.StudyId, Run.RunId, Attempt, training.Step, sha256, bytes, _clock.Elapsed.TotalSeconds,
            training.TrainedTokens(data.RowTokens))]);
        if (_lastCheckpoint is { } old && old != sha256)
            _stale.Add(old);
        DiscardStale();
        _lastCheckpoint = sha256;
    }

    private void DiscardStale()
    {
        if (!IsInLedger())
            return;
        _stale.ForEach(Artifacts.Discard);
        _stale.Clear();
    }
}
