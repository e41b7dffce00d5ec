using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Specs;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Specs;

/// <summary>A study spec as read from its YAML file: every default filled in, every value in range, relative paths made absolute.</summary>
/// <param name="Places">Where in the file a value stands, by its path: <c>lora.rank</c>, <c>models[0].path</c>.</param>
/// <param name="KnownRule">The aggregation rule that ranks the layers; null where it is not built in and nobody could say what others
/// there are.</param>
public sealed record SpecFile(
    string Path, StudySpec Spec, AggregationRule? KnownRule, IReadOnlyDictionary<string, (int Line, int Column)> Places)
{
    private const string RulePlace = "stage2.rule";

    private static readonly string[] Formats = ["auto", "jsonl", "parquet", "text", "code"];

    /// <summary>The aggregation rule that ranks the layers.</summary>
    /// <exception cref="InvalidSpecException">It is not built in, and there was no ledger to ask.</exception>
    public AggregationRule Rule => KnownRule ?? throw new InvalidSpecException(
        Path, [At(RulePlace, $"{RulePlace}: '{Spec.Stage2.Rule}' is not built in, and there is no ledger here that has it; "
            + "`ldc rules add FILE` defines a rule")]);

    /// <summary>
    /// Reads and checks a spec; what needs the models and corpora themselves is the resolution's to check.
    /// Throws <see cref="InvalidSpecException"/> with every finding.
    /// </summary>
    /// <param name="rules">The rules that there are; null where there is no ledger, so that only the built-in ones are known.</param>
    public static SpecFile Read(string path, RuleBook? rules = null) => Read(
        path, SpecTree.Read(path, SpecKind.Study), System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)), rules);

    /// <summary>The same of the text of a spec that lies in no folder: its paths stay as they are written.</summary>
    /// <param name="name">How it is called in findings.</param>
    public static SpecFile Parse(string text, string name, RuleBook? rules = null) =>
        Read(name, SpecTree.Parse(name, text, SpecKind.Study), null, rules);

    private static SpecFile Read(string path, SpecNode root, string? folder, RuleBook? rules)
    {
        var reading = new SpecReading(SpecKind.Study);
        var spec = ReadSpec(path, root, folder, reading);
        var rule = RuleNames.InSpec(rules, spec.Stage2.Rule, out var wrong);
        if (wrong is not null)
            reading.Note(RulePlace, $"{RulePlace}: {wrong}");
        return reading.Findings.Count == 0
            ? new(path, spec, rule, reading.Places) : throw new InvalidSpecException(path, reading.Findings);
    }

    /// <summary>Where relative paths start.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    /// <summary>A finding at a value of this file.</summary>
    public SpecFinding At(string place, string message)
    {
        var (line, column) = Places.GetValueOrDefault(place, (1, 1));
        return new(line, column, message);
    }

    private static StudySpec ReadSpec(string path, SpecNode root, string? folder, SpecReading reading)
    {
        var top = new SpecSection("", root, reading, "name", "models", "domains", "seeds", "regimes", "lora", "data", "training",
            "evaluation", "stage2");
        var name = top.Text("name", NameFrom(path));
        FileNames.Check(reading, "name", name);
        var regimes = top.Choices("regimes", StudySpec.DefaultRegimes, [.. Regimes.Every], mayBeEmpty: false);
        var stage2 = Stage2(top.Node("stage2"), reading);
        if (stage2 is { Top.Count: > 0, Groups.Count: > 0 } && !regimes.Contains(Regimes.All))
            reading.Note("regimes",
                "regimes has no 'all'; stage 2 ranks layers by those runs. Add it, or turn stage 2 off with stage2: { groups: [] }");
        var evaluation = Evaluation(top.Node("evaluation"), reading);
        return new(
            name, Models(top, folder, reading), Domains(top, folder, reading), top.Wholes("seeds", [1], 0, mayBeEmpty: false), regimes,
            Lora(top.Node("lora"), reading), Data(top.Node("data"), reading), Training(top.Node("training"), reading), evaluation, stage2);
    }

    private static List<ModelSpec> Models(SpecSection top, string? folder, SpecReading reading)
    {
        var models = new List<ModelSpec>();
        foreach (var (i, item) in top.Items("models").Index())
        {
            var model = new SpecSection($"models[{i}]", item, reading, "name", "path");
            var (name, path) = (model.Required("name"), model.Required("path"));
            FileNames.Check(reading, $"models[{i}].name", name, models.Select(m => m.Name));
            models.Add(new(name, FullPath(reading, $"models[{i}].path", path, folder)));
        }
        return models;
    }

    private static List<DomainSpec> Domains(SpecSection top, string? folder, SpecReading reading)
    {
        var domains = new List<DomainSpec>();
        foreach (var (i, item) in top.Items("domains").Index())
        {
            var domain = new SpecSection($"domains[{i}]", item, reading, "name", "path", "format", "fields");
            var (name, path) = (domain.Required("name"), domain.Required("path"));
            FileNames.Check(reading, $"domains[{i}].name", name, domains.Select(d => d.Name));
            domains.Add(new(name, FullPath(reading, $"domains[{i}].path", path, folder), domain.Choice("format", "auto", Formats),
                Fields($"domains[{i}].fields", domain.Node("fields"), reading)));
        }
        return domains;
    }

    private static string FullPath(SpecReading reading, string place, string path, string? folder)
    {
        if (!path.Contains('\0', StringComparison.Ordinal))
            return folder is null ? path : System.IO.Path.GetFullPath(path, folder);
        reading.Note(place, $"{place} has a null character, which no path can have");
        return folder ?? "/";
    }

    /// <summary>Names of the fields of prompt and response, or of a text; null where the spec leaves them open.</summary>
    private static DomainFields? Fields(string place, SpecNode? node, SpecReading reading)
    {
        if (node is null or SpecScalar { IsNull: true })
            return null;
        var fields = new SpecSection(place, node, reading, "prompt", "response", "text");
        string? Named(string key) => fields.Text(key, "") is { Length: > 0 } name ? name : null;
        var named = new DomainFields(Named("prompt"), Named("response"), Named("text"));
        if (named is not ({ Prompt: not null, Response: not null, Text: null } or { Prompt: null, Response: null, Text: not null }))
            reading.Note(place, $"{place} must name the fields of prompt and response, or that of text alone");
        return named;
    }

    private static LoraSpec Lora(SpecNode? node, SpecReading reading)
    {
        var lora = new SpecSection("lora", node, reading, "rank", "alpha", "dropout");
        return new(
            lora.Whole("rank", LoraSpec.Default.Rank, 1, 65536),
            lora.Number("alpha", LoraSpec.Default.Alpha, v => v > 0, "above 0"),
            lora.Number("dropout", LoraSpec.Default.Dropout, v => v is >= 0 and < 1, "0 up to but not including 1"));
    }

    private static DataSpec Data(SpecNode? node, SpecReading reading)
    {
        var data = new SpecSection("data", node, reading, "length", "template", "loss_on", "held_out", "max_tokens",
            "on_bad_record");
        var length = data.Whole("length", DataSpec.Default.Length, 2, 1 << 20);
        var template = data.Text("template", DataSpec.Default.Template);
        if (DocumentTemplate.Objection(template) is { } objection)
            reading.Note("data.template", $"data.template is '{template}', which {objection}; "
                + "allowed is a text with {response} once and {prompt} at most once, or chat");
        var maxTokens = data.WholeOrNull("max_tokens", 1);
        if (maxTokens < length)
            reading.Note("data.max_tokens",
                $"data.max_tokens is {maxTokens}, less than one row of data.length = {length} tokens; allowed is {length} or more, "
                + "or null for all");
        return new(
            length, template, data.Choice("loss_on", DataSpec.Default.LossOn, ["response", "all"]),
            data.Number("held_out", DataSpec.Default.HeldOut, v => v is > 0 and < 1, "above 0 and below 1"), maxTokens,
            data.Choice("on_bad_record", DataSpec.Default.OnBadRecord, ["refuse", "skip"]));
    }

    private static TrainingSpec Training(SpecNode? node, SpecReading reading)
    {
        var training = new SpecSection(
            "training", node, reading,
            "epochs", "batch", "accumulation", "learning_rate", "schedule", "warmup", "weight_decay", "max_grad_norm", "dtype", "base");
        var usual = TrainingSpec.Default;
        return new(
            training.Whole("epochs", usual.Epochs, 1, 100_000),
            training.Whole("batch", usual.Batch, 1, 65536),
            training.Whole("accumulation", usual.Accumulation, 1, 65536),
            training.Number("learning_rate", usual.LearningRate, v => v is > 0 and <= 10, "above 0 and at most 10"),
            training.Choice("schedule", usual.Schedule, ["linear", "cosine"]),
            training.Number("warmup", usual.Warmup, v => v is >= 0 and < 1, "a share of the steps: 0 up to but not including 1"),
            training.Number("weight_decay", usual.WeightDecay, v => v is >= 0 and <= 10, "0 to 10"),
            training.Number("max_grad_norm", usual.MaxGradNorm, v => v > 0, "above 0"),
            training.Choice("dtype", usual.Dtype, ["float32", "bfloat16"]),
            training.Choice("base", usual.Base, BaseForms.All));
    }

    private static EvaluationSpec Evaluation(SpecNode? node, SpecReading reading)
    {
        var evaluation = new SpecSection("evaluation", node, reading, "length", "stride");
        var length = evaluation.Whole("length", EvaluationSpec.Default.Length, 2, 1 << 20);
        var stride = evaluation.Whole("stride", Math.Min(EvaluationSpec.Default.Stride, length / 2), 1, 1 << 20);
        if (stride >= length)
            reading.Note("evaluation.stride",
                $"evaluation.stride is {stride}; allowed is 1 to {length - 1}, below evaluation.length, "
                + "or the first token of a window would go unscored");
        return new(length, stride);
    }

    private static Stage2Spec Stage2(SpecNode? node, SpecReading reading)
    {
        var stage2 = new SpecSection("stage2", node, reading, "rule", "top", "groups");
        return new(
            stage2.Text("rule", Stage2Spec.Default.Rule),
            stage2.Wholes("top", Stage2Spec.Default.Top, 1, mayBeEmpty: true),
            stage2.Choices("groups", Stage2Spec.Default.Groups, [.. Regimes.Groups], mayBeEmpty: true));
    }

    /// <summary>A study's name after that of a file or folder: a spec without a name is called so.</summary>
    public static string NameFrom(string path) => FileNames.From(System.IO.Path.GetFileNameWithoutExtension(path));
}
