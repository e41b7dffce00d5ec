using System.CommandLine;
using LdcLedger.Cli.Terminal;
using LdcLedger.Specs;
using LdcLedger.Specs.Plans;
using LdcLedger.Torch.Devices;

namespace LdcLedger.Cli.Studies;

/// <summary><c>ldc study plan SPEC</c>: what a study would run, what it takes and what is missing, without training.</summary>
internal static class StudyPlanVerb
{
    private static readonly Option<string> Device = new("--device")
    {
        Description = "Where it would train: cpu (default), cpu:torch, cuda, or cuda:N with commas between.",
        HelpName = "D", DefaultValueFactory = _ => "cpu",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "plan",
        "Say what a study would run, what it takes on this machine, and what is missing, without training.\n\n"
        + "Models and corpora may be missing: the plan goes as far as what is there tells, "
            + "then names the places where the rest is expected\n"
        + "and ends with 1. Models without a config.json are planned with their published shape where their name tells it.\n"
        + "Times follow from a few measured steps of the engine itself on random weights of one shape of each family.\n"
        + "The device may be another machine's: memory is reckoned without it, times are not.",
        Run, StudyValidate.Spec, Device, Json)
    {
        Examples = ["ldc study plan study.yaml", "ldc study plan infra/study/reference.yaml --device cuda:0 --json | jq .missing"],
    };

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var file = SpecFile.Read(arguments.GetValue(StudyValidate.Spec)!);
        var plan = StudyEstimate.Of(file, arguments.GetValue(Device)!, cancellation);
        Screen.Say(plan.Notes);
        if (DeviceArithmetic.CaveatOn(plan.Speed.Device) is { } caveat)
            Screen.Say(caveat);
        if (plan.Speed.Absence is { } absence)
            Screen.Say($"{absence} Memory is reckoned all the same, times are not.");
        if (arguments.GetValue(Json))
            PrintJson(plan);
        else
            PlanTables.Print(plan);
        return Task.FromResult(plan.Missing.Any() ? ExitCodes.Failed : ExitCodes.Done);
    }

    private static void PrintJson(StudyEstimate plan) => Screen.PrintJson(new
    {
        plan.Spec.Name,
        device = new
        {
            name = plan.Speed.Names,
            absence = plan.Speed.Absence,
            memory_bytes = plan.Speed.DeviceMemory,
            cores = plan.Speed.Cores.Cores,
            measured = plan.Speed.Measured
                .Select(m => new { m.Model, m.Threads, m.Rate.Layers, m.Rate.Tokens, m.Rate.Steps, m.Rate.FlopsPerSecond }),
        },
        runs = new { plan.RunCounts.Baselines, stage1 = plan.RunCounts.Stage1, stage2_at_most = plan.RunCounts.Stage2 },
        models = plan.Models.Select(m => new
        {
            m.Name,
            m.Spec.Path,
            shape_from = m.ShapeFrom,
            m.Config?.Layers,
            parameters = m.Config?.TextParameters,
            tunings = plan.Tunings.GetValueOrDefault(m.Name)?.Select(t => new
            {
                t.Role,
                t.Stage,
                runs = plan.Runs(t),
                t.Layers,
                t.Trainable,
                adapter_bytes = t.TrainedBytes,
                t.CheckpointBytes,
                memory = t.Memory,
                t.PeakBytes,
                t.FlopsPerToken,
                t.TokensPerSecond,
                seconds_per_run = plan.Domains.Select(d => new { domain = d.Name, seconds = Seconds(plan, m, t, d) }),
            }),
        }),
        domains = plan.Domains.Select(d => new { d.Name, d.Spec.Path, d.Format, d.Records }),
        tokens = plan.Tokens.Select(t => new { t.Key.Model, t.Key.Domain, per_epoch = t.Value.PerEpoch, t.Value.Rows,
            held_out_rows = t.Value.HeldOutRows, t.Value.Exact, prepare_seconds = t.Value.PrepareSeconds }),
        corpora = new { seconds = plan.CorpusSeconds, memory_bytes = plan.CorpusMemoryBytes, scratch_bytes = plan.ScratchBytes },
        memory_at_a_time = plan.Memory,
        trained_tokens = plan.TrainedTokens,
        adapter_bytes = plan.TrainedBytes,
        checkpoint_bytes_at_a_time = plan.CheckpointBytes,
        seconds_at_most = plan.Seconds,
        plan.Missing,
    });

    private static double? Seconds(StudyEstimate plan, PlannedModel model, PlannedTuning tuning, PlannedDomain domain) =>
        plan.Tokens.TryGetValue((model.Name, domain.Name), out var tokens)
            ? tuning.Seconds(plan.Spec, model.Config!, plan.Speed, tokens) : null;
}
