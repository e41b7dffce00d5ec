using System.Security.Cryptography;
using System.Text;
using LdcLedger.Domain;
using LdcLedger.Domain.Access;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Ledger.Tests;

/// <summary>
/// Small made-up studies and the facts of their runs. The norms are a function of the run, so that every sample is the same each time.
/// </summary>
internal static class Samples
{
    public static readonly WorkerEnvironment Environment =
        new("lab-07", "Debian GNU/Linux 12", "AMD EPYC 9354", "cpu", 2, ".NET 10.0.0", "libtorch 2.10.0 cpu", "0.1.0");

    public const int Layers = 4;

    /// <summary>Studies of different names share nothing: the name is in their data's hash, too.</summary>
    public static (StudySubmitted Study, IReadOnlyList<RunPlanned> Runs) Study(
        string name, int models = 1, int domains = 1, int seeds = 1,
        IReadOnlyList<string>? regimes = null, Stage2Spec? stage2 = null, AggregationRule? rule = null)
    {
        var (spec, resolvedModels, resolvedDomains, chosen) = Asked(name, models, domains, seeds, regimes, stage2, rule);
        return StudyPlan.For(spec, resolvedModels, resolvedDomains, chosen);
    }

    public static (StudySpec Spec, IReadOnlyList<ResolvedModel> Models, IReadOnlyList<ResolvedDomain> Domains, AggregationRule Rule) Asked(
        string name, int models = 1, int domains = 1, int seeds = 1,
        IReadOnlyList<string>? regimes = null, Stage2Spec? stage2 = null, AggregationRule? rule = null)
    {
        rule ??= AggregationRule.BlockSum;
        var resolvedModels = Enumerable.Range(1, models).Select(i => new ResolvedModel(
            $"model-{i}", $"models/model-{i}", "llama", "LlamaForCausalLM", Layers, 1_234_567,
            Sha($"{name} {i} weights"), Sha($"{i} config"), Sha($"{i} tokenizer"))).ToList();
        var resolvedDomains = Enumerable.Range(1, domains).Select(
            i => new ResolvedDomain($"domain-{i}", $"domains/{i}.jsonl", "jsonl", Sha($"{name} {i} data"), 180_000, 400, 80)).ToList();
        var spec = new StudySpec(
            name, [.. resolvedModels.Select(m => new ModelSpec(m.Name, m.Path))],
            [.. resolvedDomains.Select(d => new DomainSpec(d.Name, d.Path, "auto"))],
            [.. Enumerable.Range(1, seeds)], regimes ?? StudySpec.DefaultRegimes, LoraSpec.Default,
            DataSpec.Default, TrainingSpec.Default, EvaluationSpec.Default,
            stage2 ?? Stage2Spec.Default);
        return (spec, resolvedModels, resolvedDomains, rule);
    }

    /// <summary>What a worker records of an epoch.</summary>
    public static IReadOnlyList<ILedgerEvent> Epoch(RunPlanned run, int epoch) =>
    [
        .. Tuning.Parse(run.Tuning).Adapted.GroupBy(a => a.Layer).Select(layer => new LayerNormMeasured(
            run.StudyId, run.RunId, run.Model, run.Domain, run.Role, run.Seed, epoch, layer.Key,
            [.. layer.Select(a => new ProjectionNorm(a.Projection, Norm(run, epoch, a), 9.5 + a.Layer, 128, 128))])),
        new EpochCompleted(run.StudyId, run.RunId, epoch, 16 * epoch, 5_000.25 / epoch, 2_000, [new(16 * epoch, 320.5, 128)]),
        new CheckpointSaved(
            run.StudyId, run.RunId, 1, 16 * epoch, Sha($"{run.RunId} {epoch}"), 4_096, 0.625 * epoch, 16_256 * epoch),
    ];

    /// <summary>What a worker records after training; of a baseline, all there is.</summary>
    public static IReadOnlyList<ILedgerEvent> End(RunPlanned run, int attempt = 1) =>
    [
        new PerplexityEvaluated(
            run.StudyId, run.RunId, run.Model, run.Domain, run.Role, run.Tuning,
            run.Seed, run.Stage == 0, 23_456.5 + run.Tuning.Length, 9_214, 36_310, 80),
        .. run.Stage == 0
            ? []
            : new ILedgerEvent[]
            {
                new AdapterSaved(run.StudyId, run.RunId, Sha($"{run.RunId} adapter"), Sha($"{run.RunId} config"), 65_536),
            },
        new RunCompleted(run.StudyId, run.RunId, attempt, run.Stage == 0 ? 0 : 32, run.Stage == 0 ? 0 : 32_512, 1.25),
    ];

    /// <summary>Everything a worker records of a run that goes well, from the claim on.</summary>
    public static IReadOnlyList<ILedgerEvent> Whole(RunPlanned run, int attempt = 1) =>
    [
        new RunClaimed(run.StudyId, run.RunId, attempt, "lab-07/1", Environment),
        .. run.Stage == 0 ? [] : Enumerable.Range(1, run.Training.Epochs).SelectMany(epoch => Epoch(run, epoch)),
        .. End(run, attempt),
    ];

    /// <summary>One event of every kind.</summary>
    public static IReadOnlyList<ILedgerEvent> EveryEvent()
    {
        var (study, runs) = Study("every event", regimes: [Regimes.All]);
        var (id, run) = (study.StudyId, runs[1]);
        var epoch = Epoch(run, 1);
        GroupRanking ranking = new(Regimes.Mlp, [new(3, 4.75), new(0, 1e-7)]);
        return
        [
            study, new StudyNamed(id, 1, "every event, renamed"), run,
            new RunClaimed(id, run.RunId, 1, "lab-07/1", Environment),
            epoch.OfType<LayerNormMeasured>().First(), epoch.OfType<EpochCompleted>().First(), epoch.OfType<CheckpointSaved>().First(),
            .. End(run),
            new ProjectionsSaved(id, run.RunId, Sha("projections"), 1_572_864),
            new RunFailed(id, run.RunId, 1, "the loss was NaN at step 17", 17, 3.914),
            new RunReleased(id, run.RunId, 1, "the worker was asked to stop"),
            new RunCancelRequested(id, run.RunId, 0, "asked for by the user"),
            new RunCancelled(id, run.RunId, 1, 0),
            new RunAbandoned(id, run.RunId, 3, "3 attempts in a row ended without a new checkpoint"),
            new RunRetryRequested(id, run.RunId, 1, "more memory"),
            new RunSettled(id, run.RunId, run.Model, run.Domain, run.Role, run.Seed, 0, Outcomes.Completed, 12.345678901234567, null),
            new Stage2Planned(id, run.Model, run.Domain, AggregationRule.BlockSum, [ranking],
                [new(run.RunId, "top-1-mlp", "3:gate_proj,up_proj,down_proj", 1)]),
            new StudyExtended(id, AggregationRule.ComponentFrobenius, [run.RunId]),
            new StudyCancelRequested(id, "asked for by the user"),
            new StudyCompleted(id, 1, 7, 1, 0, 0),
            new AggregationRuleDefined(AggregationRule.BlockSum with { Name = "first-epoch", Epoch = 1 }),
            new LedgerSealed(12_345, Sha("root"), 12_000, Sha("root before"), [Sha("proof")],
                "ldcledger/2f1f3c52-6d3b-4b0e-9a51-0d7a6f3f2c11\n12345\n"
                    + "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n\n— nobody AAAAAAA=\n"),
            new StudyImported(id, "every event", 1_234, Sha("root"), true),
            new StudyAdopted(id, "study run"),
            new AccessGranted("reviewer-2", AccessRoles.Reader, Sha("a token"), id, 1_234, 1_795_743_313),
            new AccessRevoked("reviewer-2", Sha("a token")),
        ];
    }

    public static string Sha(string of) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)));

    private static double Norm(RunPlanned run, int epoch, LayerProjection at) =>
        epoch * (1 + BitConverter.ToUInt16(SHA256.HashData(Encoding.UTF8.GetBytes($"{run.RunId} {at.Layer} {at.Projection}"))) / 65_536.0);
}
