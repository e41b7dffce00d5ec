using System.Text.Json;
using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Training;

namespace LdcLedger.Torch.Golden;

/// <summary>
/// Kinds <c>trace</c>, a recorded PEFT training, and <c>full-trace</c>, one of the projections themselves, replayed by the loop that
/// studies use.
/// </summary>
internal static class TraceCase
{
    public static IReadOnlyList<GoldenCheck> Verify(GoldenCase golden, Func<string, BaseModel> load)
    {
        var root = golden.Read();
        JsonElement Need(JsonElement of, string key) => GoldenCase.Need(of, key, golden.Directory);
        JsonElement hyper = Need(root, "hyper"), expected = Need(root, "expected"), tolerance = Need(root, "tolerance");
        double Allowed(string key) => Need(tolerance, key).GetDouble();
        using var model = load(golden.PathOf(Need(root, "model").GetString()!));
        using var batches = new SafetensorsFile(golden.PathOf(Need(root, "batches").GetString()!));
        var (train, batchRows) = RowsOf(batches, "");
        var (held, _) = RowsOf(batches, "eval_");

        var steps = Need(hyper, "steps").GetInt32();
        var betas = Need(hyper, "betas");
        var options = new TrainingOptions(
            Epochs: 1, batchRows, Need(hyper, "accumulation").GetInt32(), Need(hyper, "learning_rate").GetDouble(),
            TrainingOptions.ScheduleNamed(Need(hyper, "schedule").GetString()),
            Need(hyper, "warmup_steps").GetInt32(), 0, Need(hyper, "weight_decay").GetDouble(), betas[0].GetDouble(), betas[1].GetDouble(),
            Need(hyper, "eps").GetDouble(),
            Need(hyper, "max_grad_norm").GetDouble(), Seed: 0, Shuffle: false);
        using TrainingLoop training = golden.Kind == "trace" ? Lora(golden, root, hyper, model, train, options)
            : Full(golden, root, hyper, model, train, options);

        var before = training.Evaluate(held);
        List<TrainingStep> done = [];
        training.Train(done.Add);
        var after = training.Evaluate(held);

        List<GoldenCheck> checks = [];
        void Relative(string name, double ours, JsonElement theirs, string tolerated) =>
            checks.Add(new GoldenCheck(name, GoldenError.Relative(ours, theirs.GetDouble()), Allowed(tolerated)));
        void Equal(string name, long ours, long theirs) => checks.Add(new GoldenCheck(name, Math.Abs(ours - theirs), 0));
        var recorded = Need(expected, "steps").EnumerateArray().ToList();
        Equal("steps", done.Count, recorded.Count);
        Equal("hyper.steps", done.Count, steps);
        foreach (var (ours, theirs) in done.Zip(recorded))
        {
            Relative($"step {ours.Step} lr", ours.LearningRate, Need(theirs, "lr"), "lr");
            Relative($"step {ours.Step} loss", ours.MeanLossNats, Need(theirs, "loss"), "loss");
            Relative($"step {ours.Step} grad_norm", ours.GradNorm, Need(theirs, "grad_norm"), "grad_norm");
            Equal($"step {ours.Step} tokens", ours.ScoredTokens, Need(theirs, "tokens").GetInt64());
        }
        foreach (var (name, ours) in ((string, Likelihood)[])[("eval_before", before), ("eval_after", after)])
        {
            Relative($"{name} nats", ours.TotalNats, Need(Need(expected, name), "nats"), "eval_nats");
            Equal($"{name} tokens", ours.ScoredTokens, Need(Need(expected, name), "tokens").GetInt64());
        }
        var norms = training.Norms().ToDictionary(norm => norm.ModulePath);
        Equal("norms", norms.Count, Need(expected, "norms").GetArrayLength());
        foreach (var theirs in Need(expected, "norms").EnumerateArray())
        {
            var path = Need(theirs, "module").GetString()!;
            var found = norms.GetValueOrDefault(PeftAdapter.CurrentSpelling(path));
            Equal($"{path} is adapted", found is null ? 0 : 1, 1);
            if (found is null) continue;
            Relative($"{path} delta_fro", found.DeltaFrobenius, Need(theirs, "delta_fro"), "delta_fro");
            Relative($"{path} base_fro", found.BaseFrobenius, Need(theirs, "base_fro"), "base_fro");
        }
        if (training is not LoraTraining { Adapter: var trained }) return checks;
        var final = PeftAdapter.Load(golden.PathOf(Need(root, "adapter_final").GetString()!));
        Equal("adapter_final modules", trained.Modules.Count, final.Modules.Count);
        foreach (var theirs in final.TextTower().Modules)
        {
            var ours = trained.Modules.FirstOrDefault(m => m.ModulePath == theirs.ModulePath);
            checks.Add(new GoldenCheck($"{theirs.ModulePath}.lora_A", GoldenError.FrobeniusRelative(ours?.A, theirs.A),
                Allowed("adapter_fro")));
            checks.Add(new GoldenCheck($"{theirs.ModulePath}.lora_B", GoldenError.FrobeniusRelative(ours?.B, theirs.B),
                Allowed("adapter_fro")));
        }
        return checks;
    }

    private static LoraTraining Lora(
        GoldenCase golden, JsonElement root, JsonElement hyper, BaseModel model, PackedRows train, TrainingOptions options)
    {
        JsonElement Need(JsonElement of, string key) => GoldenCase.Need(of, key, golden.Directory);
        var rank = Need(hyper, "r").GetInt32();
        var initial = PeftAdapter.Load(golden.PathOf(Need(root, "adapter_initial").GetString()!)).TextTower();
        var targets = LoraTargets.Of(model.Config, Need(hyper, "target_modules"), Need(hyper, "layers"));
        CheckInitial(initial, model.Config, targets, rank, golden.Directory);
        return new(model, train, new LoraOptions(rank, Need(hyper, "alpha").GetDouble(), 0, targets), options, initial);
    }

    /// <summary>Of every projection of the regime, in all layers where <c>hyper</c> names none.</summary>
    private static FullTraining Full(
        GoldenCase golden, JsonElement root, JsonElement hyper, BaseModel model, PackedRows train, TrainingOptions options)
    {
        var names = Projection.NamesIn(GoldenCase.Need(root, "regime", golden.Directory).GetString()!);
        var layers = hyper.TryGetProperty("layers", out var some) && some.ValueKind == JsonValueKind.Array
            ? some.EnumerateArray().Select(layer => layer.GetInt32()) : Enumerable.Range(0, model.Config.Layers);
        return new(model, train, layers.SelectMany(layer => names.Select(name => new LoraTarget(layer, name))), options);
    }

    /// <summary>Where training begins must be of the rank and the modules that the hyper-parameters say.</summary>
    private static void CheckInitial(LoraAdapter initial, ModelConfig config, IReadOnlyList<LoraTarget> targets, int rank, string directory)
    {
        if (initial.Modules.FirstOrDefault(module => module.A.Length != rank * module.InFeatures) is { } other)
            throw new InvalidInputException(
                $"The reference case {directory} has r {rank}, but its adapter_initial has rank {other.A.Length / other.InFeatures} in "
                + $"{other.ModulePath}.");
        var named = initial.Modules.Select(module => module.ModulePath).ToHashSet();
        named.SymmetricExceptWith(targets.Select(target => config.ModulePath(target.Layer, target.Projection)));
        if (named.Count > 0)
            throw new InvalidInputException(
                $"In the reference case {directory}, adapter_initial and target_modules (with layers) disagree about "
                + $"{named.Min(StringComparer.Ordinal)}.");
    }

    private static (PackedRows Rows, int PerBatch) RowsOf(SafetensorsFile batches, string prefix)
    {
        var ids = batches[prefix + "input_ids"];
        var length = (int)ids.Shape[^1];
        var positions = batches.Tensors.TryGetValue(prefix + "position_ids", out var restarting) ? restarting.ToInts() : null;
        return (LogitsCase.RowsOf(ids.ToInts(), batches[prefix + "labels"].ToInts(), positions, length), (int)ids.Shape[^2]);
    }
}
