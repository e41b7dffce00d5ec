using System.Text.Json.Serialization;
using LdcLedger.Domain.Specs;

namespace LdcLedger.Domain.Runs;

// The events of a run's own stream (stream id = run id), in the order in which they can happen.

/// <summary>A run is wanted. Everything that can change its numbers is here.</summary>
/// <param name="Stage">0 = pretrained baseline (evaluated, not trained), 1 = stage 1, 2 = stage 2.</param>
/// <param name="Role">The part it was first planned for: pretrained, attention, mlp, all, top-1-mlp, ...</param>
/// <param name="Tuning">Canonical text of the <see cref="Layers.Tuning"/>; empty for a baseline.</param>
/// <param name="Seed">Null for a baseline.</param>
public sealed record RunPlanned(
    Guid StudyId, Guid RunId, int Stage, string Role, string Model, string Domain, string Tuning, int? Seed,
    string WeightsSha256, string ConfigSha256, string TokenizerSha256, string DataSha256,
    LoraSpec Lora, DataSpec Data, TrainingSpec Training, EvaluationSpec Evaluation) : IRunEvent;

/// <summary>A worker took the run. A newer attempt fences every older one.</summary>
/// <param name="Attempt">1, 2, ...</param>
public sealed record RunClaimed(Guid StudyId, Guid RunId, int Attempt, string Worker, WorkerEnvironment Environment) : IRunEvent;

/// <summary>What a run was computed with.</summary>
/// <param name="Device">cpu or cuda:N.</param>
/// <param name="Threads">Intra-operation threads of a run.</param>
/// <param name="Libtorch"> The arithmetic that made the numbers and its version, then what it ran on: <c>exact/1 (AVX2)</c>, <c>libtorch
/// 2.10 cpu</c>, ... It has the name of the only one that there was at first; early ledgers say "none: own kernels", or the version of
/// TorchSharp. </param>
public sealed record WorkerEnvironment(
    string Host, string OperatingSystem, string Processor, string Device, int Threads, string Runtime, string Libtorch, string LdcVersion);

/// <summary>Held-out perplexity was measured: of the pretrained model in a baseline run, else after the last epoch.</summary>
/// <param name="TotalNats">Sum of -ln p over the scored tokens. Sum, not mean: two splits combine exactly.</param>
/// <param name="Bytes">UTF-8 bytes of the scored text.</param>
public sealed record PerplexityEvaluated(
    Guid StudyId, Guid RunId, string Model, string Domain, string Role, string Tuning, int? Seed, bool Pretrained,
    double TotalNats, long ScoredTokens, long Bytes, int Documents) : IRunEvent;

/// <summary>An epoch of training ended.</summary>
/// <param name="Epoch">1, 2, ...</param>
/// <param name="Step">Optimizer steps done since the beginning of the run.</param>
/// <param name="TotalNats">Training loss summed over the scored tokens of the epoch.</param>
/// <param name="LossPoints">At most 200 of the epoch's steps.</param>
public sealed record EpochCompleted(
    Guid StudyId, Guid RunId, int Epoch, int Step, double TotalNats, long ScoredTokens, IReadOnlyList<LossPoint> LossPoints) : IRunEvent;

/// <summary>Training loss at a step: summed nats over its scored tokens, and their number.</summary>
public sealed record LossPoint(int Step, double Nats, long Tokens);

/// <summary>
/// The norm of a layer's <em>update</em> (not the LayerNorm module): ||dW||_F and ||W||_F of every adapted projection of one
/// layer after one epoch, dW = (alpha / rank) B A, or where the projection itself is trained, dW = W - W0.
/// </summary>
public sealed record LayerNormMeasured(
    Guid StudyId, Guid RunId, string Model, string Domain, string Role, int? Seed, int Epoch, int Layer,
    IReadOnlyList<ProjectionNorm> Projections) : IRunEvent;

/// <param name="UpdateFrobenius">||(alpha / rank) B A||_F or ||W - W0||_F, computed in float64.</param>
/// <param name="WeightFrobenius">||W||_F of the frozen weight, computed in float64; of a quantised base, of the dequantised one.</param>
/// <param name="Rows">Outputs of the projection.</param>
/// <param name="Columns">Inputs of the projection.</param>
public sealed record ProjectionNorm(string Projection, double UpdateFrobenius, double WeightFrobenius, int Rows, int Columns);

/// <summary>Enough was saved to go on from this step, bitwise.</summary>
/// <param name="Sha256">Name of the checkpoint in the artifact folder.</param>
/// <param name="Seconds">Wall time of the attempt so far, from its claim; 0 in events from before this was recorded.</param>
/// <param name="TrainedTokens">Tokens that the run has read up to this step, each row of an epoch once; 0 likewise.</param>
public sealed record CheckpointSaved(
    Guid StudyId, Guid RunId, int Attempt, int Step, string Sha256, long Bytes, double Seconds = 0, long TrainedTokens = 0) : IRunEvent;

/// <summary>The trained adapter was saved in PEFT's format.</summary>
/// <param name="WeightsSha256">Of adapter_model.safetensors, its name in the artifact folder.</param>
/// <param name="ConfigSha256">Of adapter_config.json, likewise.</param>
public sealed record AdapterSaved(Guid StudyId, Guid RunId, string WeightsSha256, string ConfigSha256, long Bytes) : IRunEvent;

/// <summary>The projections that the run trained themselves were saved, in float32, under the names of the checkpoint.</summary>
/// <param name="Sha256">Of the safetensors file, its name in the artifact folder.</param>
public sealed record ProjectionsSaved(Guid StudyId, Guid RunId, string Sha256, long Bytes) : IRunEvent;

/// <param name="Steps">Optimizer steps in all; 0 for a baseline.</param>
/// <param name="TrainedTokens">Tokens that training read, padding not counted, each row of an epoch once.</param>
/// <param name="Seconds">Wall time of the attempt that completed, from its claim.</param>
public sealed record RunCompleted(Guid StudyId, Guid RunId, int Attempt, int Steps, long TrainedTokens, double Seconds) : IRunEvent;

/// <summary>The run cannot complete, and another attempt would end the same way.</summary>
public sealed record RunFailed(Guid StudyId, Guid RunId, int Attempt, string Reason, int? Step, double? LastGoodLossNats) : IRunEvent;

/// <summary>The worker gave the run back in good order, to be taken up again; such an attempt does not count as failed.</summary>
public sealed record RunReleased(Guid StudyId, Guid RunId, int Attempt, string Reason) : IRunEvent;

/// <param name="Retry">How many retries had been asked for: 0 at first.</param>
public sealed record RunCancelRequested(Guid StudyId, Guid RunId, int Retry, string Reason) : IRunEvent;

/// <param name="Attempt">Null where no worker had the run.</param>
/// <param name="Retry">How many retries had been asked for: 0 at first.</param>
public sealed record RunCancelled(Guid StudyId, Guid RunId, int? Attempt, int Retry) : IRunEvent;

/// <summary>Too many attempts in a row ended without a new checkpoint.</summary>
/// <param name="Attempts">Attempts in all, also those before a retry.</param>
public sealed record RunAbandoned(Guid StudyId, Guid RunId, int Attempts, string Reason) : IRunEvent;

/// <summary>A run that had ended without completing is wanted again.</summary>
/// <param name="Retry">1, 2, ...</param>
/// <param name="By">Whose token asked for it, over HTTP; not written where the command line did, as in every ledger from before there was
/// a dashboard.</param>
public sealed record RunRetryRequested(
    Guid StudyId, Guid RunId, int Retry, string Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? By = null) : IRunEvent;
