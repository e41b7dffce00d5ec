using System.Globalization;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Specs;
using LdcLedger.Specs.Plans;
using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Models;

namespace LdcLedger.Cli.Studies;

/// <summary>A plan as people read it.</summary>
internal static class PlanTables
{
    private const long Million = 1_000_000;

    public static void Print(StudyEstimate plan)
    {
        var spec = plan.Spec;
        var runs = plan.RunCounts;
        var stage2 = runs.Stage2 == 0 ? "no stage 2"
            : $"at most {Count(runs.Stage2)} in stage 2 (top {string.Join(" and ", spec.Stage2.Top)} of "
                + $"{string.Join(" and ", spec.Stage2.Groups)}, rule {spec.Stage2.Rule})";
        var facts = new (string Name, string Value)[]
        {
            ("study", $"{spec.Name}: {Plural.Of(plan.Models.Count, "model")} x {Plural.Of(plan.Domains.Count, "domain")} x "
                + Plural.Of(spec.Seeds.Count, "seed")),
            ("runs",
                $"{Plural.Of(runs.Baselines, "baseline")}, {Count(runs.Stage1)} in stage 1 ({string.Join(", ", spec.Regimes)}), {stage2}"),
            ("training", Methods(spec) + $"; {Plural.Of(spec.Training.Epochs, "epoch")} of "
                + (spec.Data.MaxTokens is { } cap ? $"at most {Count(cap)} tokens" : "all tokens")
                + $"; {Plural.Of(spec.Training.Batch * spec.Training.Accumulation, "row")} of {Count(spec.Data.Length)} tokens a step; "
                    + $"weights in {spec.Training.Dtype}"
                    + (spec.Training.Base == BaseForms.AsIs ? "" : $", projections in {spec.Training.Base}")),
            ("device", plan.Speed.Sentence()),
        };
        foreach (var (name, value) in facts)
            Screen.Print($"{name,-9} {value}");
        Screen.Print("");
        PrintModels(plan);
        PrintTunings(plan);
        PrintDomains(plan);
        PrintTotals(plan);
        PrintMissing(plan);
    }

    /// <summary>By what the runs of a study train: LoRA with its numbers, where some do.</summary>
    public static string Methods(StudySpec spec) => string.Join(" and ", spec.Regimes.Select(r => Regimes.Rows[r].Method).Distinct().Order()
        .Select(method => method == TuningMethod.Full ? "projections in full"
            : string.Create(CultureInfo.InvariantCulture, $"LoRA r = {spec.Lora.Rank}, alpha = {spec.Lora.Alpha:R}")));

    private static void PrintModels(StudyEstimate plan)
    {
        var table = new TextTable("model", "shape from", ">layers", ">parameters", ">hidden", ">vocabulary");
        foreach (var m in plan.Models)
            table.Add(m.Name, m.ShapeFrom, Count(m.Config?.Layers), Count(m.Config?.TextParameters), Count(m.Config?.Hidden),
                Count(m.Config?.Vocab));
        Screen.Print(table);
        Screen.Print("");
    }

    /// <summary>A targeted run may adapt any layers; its memory and time are those of the lowest, the most it can come to.</summary>
    private static void PrintTunings(StudyEstimate plan)
    {
        var timed = plan.Tokens.Count > 0;
        var table = new TextTable("model", "run", ">runs", ">layers", ">trainable", ">file", ">checkpoint", ">peak memory", ">tokens/s",
            timed ? ">a run" : ">a million tokens");
        foreach (var model in plan.Models.Where(m => m.Config is not null))
            foreach (var t in plan.Tunings[model.Name])
                table.Add(model.Name, t.Role, Count(plan.Runs(t)), t.Stage == 0
                    ? "" : Count(t.Layers), t.Stage == 0 ? "" : Count(t.Trainable), t.Stage == 0 ? "" : Bytes(t.TrainedBytes),
                    t.Stage == 0 ? "" : Bytes(t.CheckpointBytes), t.PeakBytes is { } peak ? Most(t) + Bytes(peak) : "",
                    Rate(t.TokensPerSecond),
                    (timed ? plan.MeanSeconds(model, t) : Million / t.TokensPerSecond) is { } seconds
                        ? Most(t) + Time(seconds) : "unknown");
        if (table.Count == 0)
            return;
        Screen.Print(table);
        Screen.Print("");

        static string Most(PlannedTuning t) => t.Stage == 2 ? "<= " : "";
    }

    private static void PrintDomains(StudyEstimate plan)
    {
        var models = plan.Tokens.Count == 0 ? [] : plan.Models;
        var table = new TextTable(["domain", "format", ">records", .. models.Select(m => $">tokens for {m.Name}")]);
        foreach (var d in plan.Domains)
            table.Add([d.Name, d.Missing is null ? d.Format : "missing", Count(d.Records), .. models.Select(m => Tokens(m, d))]);
        Screen.Print(table);
        Screen.Print("");

        string Tokens(PlannedModel model, PlannedDomain domain) =>
            plan.Tokens.TryGetValue((model.Name, domain.Name), out var tokens)
                ? (tokens.Exact ? "" : "about ") + Count(tokens.PerEpoch) : "unknown";
    }

    private static void PrintTotals(StudyEstimate plan)
    {
        var about = plan.Tokens.Values.All(t => t.Exact) ? "" : "about ";
        Screen.Print($"{"tokens",-9} " + (plan.TrainedTokens is { } tokens
            ? $"{about}{Count(tokens)} trained on in all runs, at most"
            : "unknown until every corpus and tokenizer is there"));
        var partly = plan.Models.Any(m => m.Config is null) ? ", without the models of unknown shape" : "";
        var trained = plan.Spec.Regimes.Any(r => Regimes.Rows[r].Method == TuningMethod.Full) ? "adapters and projections" : "adapters";
        Screen.Print($"{"disk",-9} {Bytes(plan.TrainedBytes)} of {trained} at most{partly}; "
            + $"{Bytes(plan.CheckpointBytes)} of checkpoints at a time{DiskFor(plan)}");
        if (plan.Tokens.Count > 0)
            Screen.Print($"{"corpora",-9} about {Time(plan.CorpusSeconds)} to read, tokenise and pack; "
                + $"{Bytes(plan.CorpusMemoryBytes)} of memory"
                + (plan.ScratchBytes > 0 ? $", {Bytes(plan.ScratchBytes)} of token ids in temporary files" : ""));
        Screen.Print($"{"time",-9} " + (plan.Seconds is { } seconds
            ? $"at most {Time(seconds)} on {plan.Speed.Names}, evaluations included"
            : plan.Speed.Absence is null ? "unknown until every model and corpus is there; the table has that of a million tokens"
            : $"unknown, since {plan.Speed.Names} is not on this machine"));
        if (plan.Memory is not { } memory)
            return;
        var needed = (memory.Runs == 1 ? memory.Largest : $"{memory.Runs} runs side by side, the largest {memory.Largest},")
            + $"{(DeviceArithmetic.IsCpu(plan.Speed.Device) && plan.CorpusMemoryBytes > 0 ? " with the corpora" : "")} "
            + $"need{(memory.Runs == 1 ? "s" : "")} {Bytes(memory.Bytes)}";
        Screen.Print($"{"memory",-9} " + (plan.Speed.DeviceMemory is not { } given
            ? $"{needed}; what {plan.Speed.Names} has is unknown here"
            : memory.Bytes > given ? $"too little here: {needed}, {Giver(plan)} gives {Bytes(given)}"
            : $"enough: {needed} of the {Bytes(given)} that {Giver(plan)} gives"));
    }

    // Of another machine's device the disk is another machine's, too.
    private static string DiskFor(StudyEstimate plan)
    {
        if (plan.Speed.Absence is not null)
            return "";
        var artifacts = Artifacts.FromEnvironment().Path;
        var folder = new DirectoryInfo(artifacts);
        while (!folder.Exists && folder.Parent is { } above)
            folder = above;
        var free = new DriveInfo(folder.FullName).AvailableFreeSpace;
        return plan.TrainedBytes + plan.CheckpointBytes > free
            ? $"; too little here: {Bytes(free)} are free for {artifacts}" : $", of the {Bytes(free)} that are free";
    }

    private static string Giver(StudyEstimate plan) =>
        DeviceArithmetic.IsCpu(plan.Speed.Device) ? "this machine" : plan.Speed.Names;

    private static void PrintMissing(StudyEstimate plan)
    {
        var missing = plan.Missing.ToList();
        Screen.Print("");
        if (missing.Count == 0)
        {
            Screen.Print("Nothing is missing.");
            return;
        }
        var table = new TextTable("missing", "expected at", "what");
        foreach (var m in missing)
            table.Add(m.Needs, m.Place, m.What);
        Screen.Print(table);
    }

    private static string Count(long? n) => n?.ToString("N0", CultureInfo.InvariantCulture) ?? "unknown";

    private static string Rate(double? perSecond) =>
        perSecond?.ToString(perSecond < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture) ?? "unknown";

    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
    };

    public static string Time(double seconds) => seconds switch
    {
        < 100 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s"),
        < 6000 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        < 48 * 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h"),
        < 30 * 86400 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86400:0.0} days"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86400:N0} days"),
    };
}
