using System.Security.Cryptography;
using System.Text;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Bench.Ledgers;

/// <summary>Studies and facts of the usual shapes, with made-up numbers that are a function of the run: the same each time.</summary>
internal static class MadeUpStudy
{
    public static readonly WorkerEnvironment Machine =
        new("bench", "Linux", "made up, 2 cores", "cpu", 2, ".NET 10.0.0", "none: own kernels", "0.1.0");

    public static (StudySubmitted Study, IReadOnlyList<RunPlanned> Runs) Of(
        string name, int models, int domains, int seeds, int layers, int epochs)
    {
        var resolvedModels = Enumerable.Range(1, models).Select(i => new ResolvedModel(
            $"model-{i}", $"models/model-{i}", "llama", "LlamaForCausalLM", layers, 1_235_814_400,
            Sha($"{name} {i} weights"), Sha($"{i} config"), Sha($"{i} tokenizer"))).ToList();
        var resolvedDomains = Enumerable.Range(1, domains).Select(
            i => new ResolvedDomain($"domain-{i}", $"domains/{i}.jsonl", "jsonl", Sha($"{name} {i} data"), 1_800_000, 4_000, 800)).ToList();
        var spec = new StudySpec(
            name, [.. resolvedModels.Select(m => new ModelSpec(m.Name, m.Path))],
            [.. resolvedDomains.Select(d => new DomainSpec(d.Name, d.Path, "auto"))],
            [.. Enumerable.Range(1, seeds)], StudySpec.DefaultRegimes, LoraSpec.Default, DataSpec.Default,
            TrainingSpec.Default with { Epochs = epochs }, EvaluationSpec.Default, Stage2Spec.Default);
        return StudyPlan.For(spec, resolvedModels, resolvedDomains, AggregationRule.BlockSum);
    }

    /// <summary>Everything a worker records after its claim.</summary>
    public static IReadOnlyList<ILedgerEvent> Facts(RunPlanned run, int attempt) =>
        [.. run.Stage == 0 ? [] : Enumerable.Range(1, run.Training.Epochs).SelectMany(epoch => Epoch(run, epoch)), .. End(run, attempt)];

    public static IEnumerable<ILedgerEvent> Epoch(RunPlanned run, int epoch) =>
    [
        new EpochCompleted(run.StudyId, run.RunId, epoch, 16 * epoch, 5_000.25 / epoch, 2_000,
            [.. Enumerable.Range(1, 16).Select(i => new LossPoint(16 * (epoch - 1) + i, 320.515625 / i, 128))]),
        .. Tuning.Parse(run.Tuning).Adapted.GroupBy(a => a.Layer).Select(layer => new LayerNormMeasured(
            run.StudyId, run.RunId, run.Model, run.Domain, run.Role, run.Seed, epoch, layer.Key,
            [.. layer.Select(a => new ProjectionNorm(a.Projection, Norm(run, epoch, a), 91.5 + a.Layer / 3.0, 2_048, 2_048))])),
    ];

    private static IReadOnlyList<ILedgerEvent> End(RunPlanned run, int attempt) =>
    [
        new PerplexityEvaluated(
            run.StudyId, run.RunId, run.Model, run.Domain, run.Role, run.Tuning,
            run.Seed, run.Stage == 0, 23_456.5 + run.Tuning.Length, 9_214, 36_310, 80),
        .. run.Stage == 0
            ? []
            : new ILedgerEvent[] { new AdapterSaved(run.StudyId, run.RunId, Sha($"{run.RunId} adapter"), Sha("adapter config"),
                22_544_384) },
        new RunCompleted(run.StudyId, run.RunId, attempt, run.Stage == 0 ? 0 : 32, run.Stage == 0 ? 0 : 32_512, 61.25),
    ];

    private static double Norm(RunPlanned run, int epoch, LayerProjection at)
    {
        Span<byte> of = stackalloc byte[16];
        run.RunId.TryWriteBytes(of);
        return epoch * (1 + (of[at.Layer % 16] + 256 * of[at.Projection.Length % 16]) / 65_536.0) + at.Layer / 7.0;
    }

    private static string Sha(string of) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)));
}
