using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Studies;
using LdcLedger.Specs;
using LdcLedger.Specs.Resolution;
using LdcLedger.Torch.Models;

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

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var file = SpecFile.Read(arguments.GetValue(Spec)!);
        if (file.KnownRule is null && OpenLedger.Exists)
        {
            await using var ledger = await OpenLedger.OpenAsync(cancellation);
            file = SpecFile.Read(file.Path, await ledger.Rules.BookAsync(cancellation));
        }
        var study = StudyResolution.Of(file, cancellation);
        Screen.Say(study.Notes);
        if (arguments.GetValue(Json))
            Screen.PrintJson(new
            {
                study_id = IdOf(study), study.File.Spec.Name, study.Models, study.Domains, rule = study.File.KnownRule,
                runs = RunsOf(study),
                corpora = study.Readings.Select(reading => new
                {
                    domain = reading.Resolved.Name, reading.Files, passed_over = reading.PassedOver, skipped = reading.BadSentence,
                }),
                study.File.Spec,
            });
        else
            Print(study);
        if (file.KnownRule is null)
            Screen.Say($"Not checked: rule {file.Spec.Stage2.Rule}, which is not built in, for there is no ledger here; "
                + "the study's id depends on what it says.");
        return ExitCodes.Done;
    }

    private static Guid? IdOf(ResolvedStudy study) => study.File.KnownRule is null ? null : study.Id();

    private static void Print(ResolvedStudy study)
    {
        var spec = study.File.Spec;
        var runs = RunsOf(study);
        Screen.Print($"study {spec.Name}, id {IdOf(study)?.ToString() ?? "unknown"}");
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
        foreach (var note in study.CorpusNotes)
            Screen.Print(note);
        Screen.Print("");
        Screen.Print($"{Plural.Of(runs.Baselines, "baseline")}, {Plural.Of(runs.Stage1, "stage-1 run")} "
            + $"({string.Join(", ", spec.Regimes)}; seeds {string.Join(", ", spec.Seeds)}), "
            + $"at most {Plural.Of(runs.Stage2, "stage-2 run")} (rule {spec.Stage2.Rule})");
        Screen.Print(PlanTables.Methods(spec) + $"; {Plural.Of(spec.Training.Epochs, "epoch")} of "
            + $"{(spec.Data.MaxTokens is { } cap ? $"at most {Count(cap)} tokens" : "all tokens")}, "
            + $"{Plural.Of(spec.Training.Batch * spec.Training.Accumulation, "row")} of {spec.Data.Length} a step");
        if (spec.Training.Base != BaseForms.AsIs)
            Screen.Print($"projections quantised as {spec.Training.Base}; products and norms are of the dequantised weights");
    }

    private static RunCounts RunsOf(ResolvedStudy study) =>
        StudyPlan.Count(study.File.Spec, study.Models.Count * study.Domains.Count);

    private static string Count(long n) => n.ToString("N0", CultureInfo.InvariantCulture);
}
