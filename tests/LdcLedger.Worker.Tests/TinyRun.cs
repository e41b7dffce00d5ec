using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Inputs;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tokenizers;
using LdcLedger.Worker.Artifacts;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Progress;
using LdcLedger.Worker.Runs;

namespace LdcLedger.Worker.Tests;

/// <summary>A run on the demo's tiny Llama and one of its corpora, small enough to take seconds on any CPU, without a ledger.</summary>
internal sealed class TinyRun : IDisposable
{
    public static readonly string Repository = RootAbove(AppContext.BaseDirectory);

    // Half of a run's time would go into evaluation with the usual fifth.
    private const double HeldOut = 0.05;

    public static readonly StudySpec Spec = new(
        "tiny", [], [], [1], [Regimes.All], new(4, 8, 0.1), new(128, "{prompt}\n\n{response}", "all", HeldOut, 2048),
        TrainingSpec.Default with { Epochs = 2, Batch = 4, LearningRate = 3e-3 }, new(128, 64), new("block-sum", [], []));

    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-run-").FullName;

    /// <param name="prefixMemory">Null: the usual budget.</param>
    public TinyRun(long? prefixMemory = null)
    {
        Artifacts = new(Path.Combine(_folder, "artifacts"));
        Inputs = prefixMemory is { } budget ? new("cpu", Path.Combine(_folder, "activations")) { PrefixMemory = budget } : new("cpu");
    }

    public static ResolvedModel Model { get; } = ModelAt(Path.Combine(Repository, "infra/demo/models/tiny-llama"));

    public static ResolvedDomain Domain { get; } = DomainAt(Path.Combine(Repository, "infra/demo/domains/math.jsonl"));

    public ArtifactFolder Artifacts { get; }

    public RunInputs Inputs { get; }

    public List<object> Facts { get; } = [];

    public List<RunNews> News { get; } = [];

    public static RunPlanned Planned(string regime, StudySpec? spec = null, int? seed = 1) =>
        Planned(Tuning.Of(regime, Enumerable.Range(0, Model.Layers)), regime, spec, seed);

    public static RunPlanned Planned(Tuning tuning, string role, StudySpec? spec = null, int? seed = 1)
    {
        spec ??= Spec;
        var study = new StudyIdentity(spec, [Model], [Domain], AggregationRule.BlockSum, 0).Id;
        return new(
            study, RunIdentity.Of(study, Model.Name, Domain.Name, tuning, seed), 1, role, Model.Name, Domain.Name, tuning.Text, seed,
            Model.WeightsSha256, Model.ConfigSha256, Model.TokenizerSha256, Domain.Sha256,
            spec.Lora, spec.Data, spec.Training, spec.Evaluation);
    }

    /// <summary>Executes an attempt on this thread; its facts go to <see cref="Facts"/>.</summary>
    /// <param name="stopAfterStep">Asked to stop when so many steps are done.</param>
    /// <param name="earlierSeconds">Of the attempts before.</param>
    public void Execute(
        RunPlanned run, int attempt = 1, CheckpointSaved? from = null, int threads = 1, int? stopAfterStep = null,
        double earlierSeconds = 0)
    {
        using var stop = new CancellationTokenSource();
        var feed = new ProgressFeed();
        feed.Reported += news =>
        {
            News.Add(news);
            if (news.Phase == RunPhase.Training && news.Step == stopAfterStep)
                stop.Cancel();
        };
        new RunExecution
        {
            Run = run, Model = Model, Domain = Domain, Attempt = attempt, ResumeFrom = from, EarlierSeconds = earlierSeconds,
            Threads = threads,
            Inputs = Inputs, Artifacts = Artifacts, Feed = feed, Record = Facts.AddRange,
        }.Execute(stop.Token);
    }

    /// <summary>Every ||dW||_F that was measured, exactly.</summary>
    public IEnumerable<(int Epoch, int Layer, string Projection, double Update)> Norms() =>
        from fact in Facts.OfType<LayerNormMeasured>()
        from p in fact.Projections
        select (fact.Epoch, fact.Layer, p.Projection, p.UpdateFrobenius);

    private static ResolvedModel ModelAt(string path)
    {
        var config = ModelConfig.Read(path);
        using var checkpoint = new Checkpoint(path);
        return new(
            "tiny-llama", path, "llama", "LlamaForCausalLM", config.Layers, config.TextParameters,
            InputHashes.OfWeights(checkpoint.Files), InputHashes.OfFile(Path.Combine(path, "config.json")), Tokenizer.Load(path).Hash);
    }

    private static ResolvedDomain DomainAt(string path)
    {
        var corpus = Corpus.Open(path);
        return new("math", path, "jsonl", corpus.Hash, new FileInfo(path).Length,
            corpus.Records().Count(), corpus.Records().Count(r => r.IsHeldOut(HeldOut)));
    }

    private static string RootAbove(string folder) =>
        File.Exists(Path.Combine(folder, "LdcLedger.sln"))
            ? folder
            : RootAbove(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("LdcLedger.sln is not above the tests"));

    public void Dispose()
    {
        Inputs.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
