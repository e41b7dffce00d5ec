using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Layers;
using LdcLedger.Specs;
using LdcLedger.Specs.Resolution;

namespace LdcLedger.Cli.Studies;

/// <summary><c>ldc study validate SPEC</c>: everything that can be checked without training.</summary>
internal static class StudyValidate
{
    public static readonly Argument<string> Spec = new("SPEC") { Description = "The study's YAML file." };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() =>
        new("validate", "Check a spec, its models and its corpora; show what they were resolved to.", Run, Spec, Json)
    {
        Examples = ["ldc study validate study.yaml", "ldc study validate study.yaml --json | jq .study_id"],
    };

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var study = StudyResolution.Of(SpecFile.Read(arguments.GetValue(Spec)!), cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(new
            {
                study_id = study.Id(), study.File.Spec.Name, study.Models, study.Domains, study.File.Rule, runs = RunsOf(study),
                corpora = study.Readings.Select(reading => new
                {
                    domain = reading.Resolved.Name, reading.Files, passed_over = reading.PassedOver, skipped = reading.BadSentence,
                }),
                study.File.Spec,
            });
        else
            Print(study);
        return Task.FromResult(ExitCodes.Done);
    }

    private static void Print(ResolvedStudy study)
    {
        var spec = study.File.Spec;
        var runs = RunsOf(study);
        Screen.Print($"study {spec.Name}, id {study.Id()}");
        Screen.Print("");
        var models = new TextTable("model", "architecture", ">layers", ">parameters", "weights", "tokenizer");
        foreach (var m in study.Models)
            models.Add(m.Name, m.Architecture, Count(m.Layers), Count(m.Parameters), m.WeightsSha256[..12], m.TokenizerSha256[..12]);
        Screen.Print(models);
        Screen.Print("");
        var domains = new TextTable("domain", "format", ">records", ">held out", ">skipped", ">files", ">bytes", "data");
        foreach (var (d, reading) in study.Domains.Zip(study.Readings))
            domains.Add(d.Name, d.Format, Count(d.Records), Count(d.HeldOutRecords), Count(d.SkippedRecords), Count(reading.Files),
                Count(d.Bytes), d.Sha256[..12]);
        Screen.Print(domains);
        foreach (var (d, reading) in study.Domains.Zip(study.Readings))
        {
            foreach (var passed in reading.PassedOver)
                Screen.Print($"{d.Name}: passed over {passed.Words}");
            if (reading.BadSentence is { } bad)
                Screen.Print($"{d.Name}: {bad}; skipped");
        }
        Screen.Print("");
        Screen.Print($"{Count(runs.Baselines)} baselines, {Count(runs.Stage1)} stage-1 runs ({string.Join(", ", spec.Regimes)}; seeds "
            + $"{string.Join(", ", spec.Seeds)}), at most {Count(runs.Stage2)} stage-2 runs (rule {study.File.Rule.Name})");
        Screen.Print($"LoRA r = {spec.Lora.Rank}, alpha = {spec.Lora.Alpha.ToString(CultureInfo.InvariantCulture)}; "
            + $"{spec.Training.Epochs} epochs of {(spec.Data.MaxTokens is { } cap ? $"at most {Count(cap)} tokens" : "all tokens")}, "
            + $"{spec.Training.Batch * spec.Training.Accumulation} rows of {spec.Data.Length} a step");
    }

    /// <summary>How many runs the study comes to; stage-2 runs whose tunings coincide are fewer.</summary>
    private static RunCounts RunsOf(ResolvedStudy study)
    {
        var spec = study.File.Spec;
        var cells = study.Models.Count * study.Domains.Count;
        var stage2 = spec.Regimes.Contains(Regimes.All) ? spec.Stage2.Top.Count * spec.Stage2.Groups.Count : 0;
        return new(cells, cells * spec.Regimes.Count * spec.Seeds.Count, cells * stage2 * spec.Seeds.Count);
    }

    private sealed record RunCounts(int Baselines, int Stage1, int Stage2);

    private static string Count(long n) => n.ToString("N0", CultureInfo.InvariantCulture);
}
