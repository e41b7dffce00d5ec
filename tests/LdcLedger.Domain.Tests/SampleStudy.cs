using System.Security.Cryptography;
using System.Text;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;

namespace LdcLedger.Domain.Tests;

/// <summary>
/// The facts of made-up studies that look like real ones: seeded, so that the same sample is the same to the last bit. Stage 2 comes
/// from <see cref="Stage2Plan"/>, as in a real study.
/// </summary>
public sealed class SampleStudy
{
    private static readonly DateTimeOffset Began = new(2026, 3, 14, 9, 26, 53, TimeSpan.Zero);
    private static readonly WorkerEnvironment Worker = new(
        "lab-07", "Debian GNU/Linux 12", "AMD EPYC 9354 32-Core Processor", "cpu", 2, ".NET 10.0.0", "libtorch 2.10.0 cpu", "0.1.0");

    public string Name { get; init; } = "demo";
    public IReadOnlyList<(string Name, string Family, int Layers)> Models { get; init; } =
        [("tiny-llama", "llama", 8), ("tiny-gemma3", "gemma3", 8)];
    public IReadOnlyList<string> Domains { get; init; } = ["cpp", "finance", "math", "medical", "python", "science"];
    public IReadOnlyList<int> Seeds { get; init; } = [1];
    public IReadOnlyList<string> Regimes { get; init; } = StudySpec.DefaultRegimes;
    public Stage2Spec Stage2 { get; init; } = Stage2Spec.Default;
    public AggregationRule Rule { get; init; } = AggregationRule.BlockSum;

    /// <summary>Status and reason of a run that did not complete; null = completed.</summary>
    public Func<(string Model, string Domain, string Role, int? Seed), (string Status, string Reason)?> Failing { get; init; } = _ => null;

    public static SampleStudy WithMissingRuns => new()
    {
        Name = "demo with losses",
        Failing = run => run switch
        {
            ("tiny-llama", "math", "all", _) =>
                (RunStatuses.Failed, "the loss was NaN at step 17; the last good loss was 3.914 nats per token"),
            ("tiny-llama", "science", "top-3-attention", _) =>
                (RunStatuses.Abandoned, "3 attempts in a row ended without a new checkpoint"),
            ("tiny-gemma3", "cpp", "attention", _) => (RunStatuses.Cancelled, "asked for by the user"),
            ("tiny-gemma3", "finance", "pretrained", _) => (RunStatuses.Failed, "the held-out split has no token to score"),
            _ => null,
        },
    };

    public static SampleStudy Deep => new()
    {
        Name = "one deep model",
        Models = [("gemma-3-4b", "gemma3", 34)],
        Domains = ["cpp", "science"],
        Rule = AggregationRule.BlockRelativeMean,
    };

    public static SampleStudy Reference => new()
    {
        Name = "Layer-Domain Control, reference study",
        Models = [("llama-3.2-1b", "llama", 16), ("llama-3.2-3b", "llama", 28), ("gemma-3-1b", "gemma3", 26), ("gemma-3-4b", "gemma3", 34)],
        Seeds = [1, 2, 3],
        Failing = run => run is ("llama-3.2-3b", "medical", "top-1-mlp", 2) or ("gemma-3-1b", "math", "mlp", 3)
            ? (RunStatuses.Abandoned, "3 attempts in a row ended without a new checkpoint: CUDA out of memory") : null,
    };

    public static SampleStudy OddNames => new()
    {
        Name = "names with <angles> & \"quotes\", and a name so long that it needs more than one line wherever it is printed at all",
        Models = [("meta llama/Llama-3.2-1B-Instruct with a long description", "llama", 16),
            ("meta llama_Llama-3.2-1B-Instruct with a long description", "llama", 16)],
        Domains = ["c++ / c#", "données médicales", "数学"],
    };

    public StudyFacts Facts()
    {
        var models = Models.Select(m => new ResolvedModel(
            m.Name, $"models/{m.Name}", m.Family, m.Family == "llama" ? "LlamaForCausalLM" : "Gemma3ForCausalLM", m.Layers,
            200_072L * m.Layers, Sha($"{m.Name} weights"), Sha($"{m.Name} config"), Sha($"{m.Name} tokenizer"))).ToList();
        var domains = Domains.Select((d, i) => new ResolvedDomain(
            d, $"domains/{d}.jsonl", "jsonl", Sha($"{d} data"), 181_204 + 7 * i, 400, 80)).ToList();
        var spec = new StudySpec(
            Name, [.. models.Select(m => new ModelSpec(m.Name, m.Path))], [.. domains.Select(d => new DomainSpec(d.Name, d.Path, "auto"))],
            Seeds, Regimes, LoraSpec.Default with { Rank = 8, Alpha = 16 }, DataSpec.Default with { LossOn = "all" },
            TrainingSpec.Default with { LearningRate = 3e-3 }, EvaluationSpec.Default, Stage2 with { Rule = Rule.Name });
        var study = new StudyIdentity(spec, models, domains, Rule, 0).Id;
        var runs = new List<MeasuredRun>();
        foreach (var model in models)
            foreach (var domain in domains)
                runs.AddRange(CellOf(study, spec, model, domain.Name));
        var summaries = runs.Select(r => r.Run).ToList();
        int Count(string status) => summaries.Count(r => r.Status == status);
        var ended = Began.AddMinutes(3).AddMicroseconds(141_592);
        var summary = new StudySummary(
            study, Name, "completed", spec, models, domains, Rule, summaries.Count, summaries.Count, Count(RunStatuses.Completed),
            Count(RunStatuses.Failed), Count(RunStatuses.Cancelled), Count(RunStatuses.Abandoned), models.Count * domains.Count, Began,
            ended);
        return new(
            summary, summaries, [.. runs.Select(r => r.Norms).OfType<RunNorms>()],
            [.. runs.Select(r => r.Perplexity).OfType<RunPerplexity>()],
            5 * summaries.Count + 1, Sha("root"), ended)
        {
            Losses = [.. runs.Where(r => r.Norms is not null).Select(r => LossesOf(r.Run))],
        };
    }

    private static RunLosses LossesOf(RunSummary run)
    {
        var rng = new Random(BitConverter.ToInt32(run.Id.ToByteArray()));
        return new(run.Id, [.. Enumerable.Range(1, 64).Select(step =>
            new LossPoint(step, 1_000 * (run.TrainLossNats!.Value + 0.6 / (1 + 0.2 * step) + 0.1 * rng.NextDouble()), 1_000))]);
    }

    private IEnumerable<MeasuredRun> CellOf(Guid study, StudySpec spec, ResolvedModel model, string domain)
    {
        var runs = new List<MeasuredRun> { RunOf(study, spec, model, domain, 0, Roles.Pretrained, Tuning.Pretrained, null) };
        foreach (var regime in Regimes)
            foreach (var seed in Seeds)
                runs.Add(RunOf(study, spec, model, domain, 1, regime, Tuning.Of(regime, Enumerable.Range(0, model.Layers)), seed));
        var all = runs.Where(r => r.Run.Role == Layers.Regimes.All && r.Run.Status == RunStatuses.Completed).ToList();
        if (all.Count == Seeds.Count)
            foreach (var run in Stage2Plan.For(study, model.Name, domain, Rule, spec.Stage2, Seeds, [.. all.Select(r => r.Norms!)]).Runs
                // The one layer of a model is all of its layers: that run is there.
                .Where(planned => runs.TrueForAll(r => r.Run.Id != planned.RunId)).ToList())
                runs.Add(RunOf(study, spec, model, domain, 2, run.Role, Tuning.Parse(run.Tuning), run.Seed));
        return runs;
    }

    private MeasuredRun RunOf(
        Guid study, StudySpec spec, ResolvedModel model, string domain, int stage, string role, Tuning tuning, int? seed)
    {
        var id = RunIdentity.Of(study, model.Name, domain, tuning, seed);
        var failure = Failing((model.Name, domain, role, seed));
        var status = failure?.Status ?? RunStatuses.Completed;
        var rng = new Random(BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{model.Name}/{domain}/{tuning.Text}/{seed}"))));
        var perplexity = failure is null ? PerplexityOf(id, study, model, domain, role, tuning, seed, rng) : null;
        var norms = failure is null && stage > 0 ? NormsOf(id, study, model, domain, role, tuning, seed, rng) : null;
        var value = perplexity is null ? (double?)null : Perplexity.Of([perplexity]).Value;
        return new(
            new(id, study, stage, role, model.Name, domain, tuning.Text, seed, status, 1, "lab-07/1", Worker, failure is null ? 2 : 1, 2,
                value is null ? null : Math.Log(value.Value) - 0.1, value, failure is null && stage > 0 ? Sha($"{id} adapter") : null,
                failure is null && stage > 0 ? Sha($"{id} config") : null,
                stage == 0 ? 0 : 32, stage == 0 ? 0 : 32_512, 1.25, failure?.Reason,
                Began, Began.AddSeconds(2), Began.AddSeconds(4)),
            perplexity, norms);
    }

    private static RunPerplexity PerplexityOf(
        Guid id, Guid study, ResolvedModel model, string domain, string role, Tuning tuning, int? seed, Random rng)
    {
        var pretrained = 3.5 + SHA256.HashData(Encoding.UTF8.GetBytes($"{model.Name}/{domain}"))[0] / 250.0;
        var share = tuning.Adapted.Sum(a => Projections.Of("mlp").Contains(a.Projection) ? 1.6 : 0.6) / (model.Layers * 7.2);
        var nats = pretrained - 0.5 * Math.Pow(share, 0.45) + (tuning.IsPretrained ? 0 : 0.02 * (rng.NextDouble() - 0.5));
        const long tokens = 9_214;
        return new(id, study, model.Name, domain, role, tuning.Text, seed, nats * tokens, tokens, 36_310);
    }

    private static RunNorms NormsOf(
        Guid id, Guid study, ResolvedModel model, string domain, string role, Tuning tuning, int? seed, Random rng)
    {
        var modules =
            from epoch in new[] { 1, 2 }
            from adapted in tuning.Adapted
            let order = Projections.Order(adapted.Projection)
            let depth = (adapted.Layer + 1.0) / model.Layers
            let size = (order >= 4 ? 1.9 : 1.1) * (0.7 + 0.5 * depth + 0.15 * Math.Sin(9 * depth + order))
            let alone = 1 + 0.6 * (1 - (double)tuning.Layers.Count / model.Layers)
            select new ModuleNorm(
                epoch, adapted.Layer, adapted.Projection, epoch * size * alone * (0.96 + 0.08 * rng.NextDouble()), 9 + 0.7 * order + depth,
                order is 4 or 5 ? 320 : 128, order == 6 ? 320 : 128);
        return new(id, study, model.Name, domain, role, seed, [.. modules]);
    }

    private static string Sha(string of) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)));
}
