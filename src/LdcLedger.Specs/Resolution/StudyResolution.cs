using System.Globalization;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;
using LdcLedger.Torch;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Inputs;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Packing;
using LdcLedger.Torch.Tokenizers;
using LdcLedger.Torch.Training;

namespace LdcLedger.Specs.Resolution;

/// <summary>A spec together with what its paths hold.</summary>
public sealed record ResolvedStudy(SpecFile File, IReadOnlyList<ResolvedModel> Models, IReadOnlyList<ResolvedDomain> Domains)
{
    /// <summary>Sentences on what a user may not expect of the inputs: what is passed over, what was decided how.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>How each domain's corpus was read, for the user to know; in order of the domains.</summary>
    public IReadOnlyList<CorpusReading> Readings { get; init; } = [];

    /// <summary>Sentences on what of the corpora is not read.</summary>
    public IReadOnlyList<string> CorpusNotes =>
    [
        .. from reading in Readings
           from note in reading.PassedOver.Select(passed => $"passed over {passed.Words}")
               .Concat(reading.BadSentence is { } bad ? [$"{bad}; skipped"] : [])
           select $"{reading.Resolved.Name}: {note}",
    ];

    public Guid Id(int fresh = 0) => new StudyIdentity(File.Spec, Models, Domains, File.Rule, fresh).Id;
}

/// <summary>Looks at the models and corpora that a spec names: what they are, their hashes, and whether the spec fits them.</summary>
public static class StudyResolution
{
    /// <summary>Throws <see cref="InvalidSpecException"/> with everything that does not fit, at its place in the file.</summary>
    public static ResolvedStudy Of(SpecFile file, CancellationToken cancellation)
    {
        var (findings, notes, words) = (new List<SpecFinding>(), new List<string>(), new List<ModelWords>());
        var models = file.Spec.Models.Select((m, i) => Try(
            () => Model(file, m, $"models[{i}].path", findings, notes, words, cancellation), file, $"models[{i}].path", findings)).ToList();
        var read = file.Spec.Domains.Select((d, i) => Try(
            () => Reading(file, d, words, cancellation), file, $"domains[{i}].path", findings)).ToList();
        foreach (var (i, reading) in read.Index())
            findings.AddRange(reading?.Unknown.Select(unknown => file.At($"domains[{i}].path", unknown)) ?? []);
        var domains = read.Select(reading => reading?.Resolved).ToList();
        CheckSmallCorpora(file, models, domains, findings);
        return findings.Count == 0
            ? new(file, [.. models.Select(m => m!)], [.. domains.Select(d => d!)])
            {
                Notes = [.. notes.Distinct()],
                Readings = [.. read.Select(reading => reading!)],
            }
            : throw new InvalidSpecException(file.Path, [.. findings.OrderBy(f => f.Line).ThenBy(f => f.Column)]);
    }

    private static T? Try<T>(Func<T?> resolve, SpecFile file, string place, List<SpecFinding> findings) where T : class
    {
        try
        {
            return resolve();
        }
        catch (Exception unusable) when (unusable is InvalidInputException or IOException or UnauthorizedAccessException)
        {
            findings.Add(file.At(place, unusable.Message));
            return null;
        }
    }

    /// <summary>
    /// Whether a small corpus gives at least one row to train on and one token to score, under every model's tokenizer. Larger ones do;
    /// telling them would mean to tokenise everything here already.
    /// </summary>
    private static void CheckSmallCorpora(SpecFile file,
        IReadOnlyList<ResolvedModel?> models, IReadOnlyList<ResolvedDomain?> domains, List<SpecFinding> findings)
    {
        var (data, evaluation) = (file.Spec.Data, file.Spec.Evaluation);
        foreach (var (i, domain) in domains.Index())
            if (domain is not null && domain.Bytes < 64L * data.Length)
                foreach (var model in models.OfType<ResolvedModel>())
                {
                    using var prepared = Try(() => Prepared(domain, model, data, evaluation), file, $"domains[{i}].path", findings);
                    if (prepared is not null)
                        CheckSteps(file, domain, prepared, findings);
                }
    }

    private static DomainData Prepared(ResolvedDomain domain, ResolvedModel model, DataSpec data, EvaluationSpec evaluation) =>
        DomainData.Prepare(
        domain.Path, domain.Format, Tokenizer.Load(model.Path), DomainDataOptions.Of(
            data.Length, data.Template, data.LossOn, data.HeldOut, data.MaxTokens, evaluation.Length, evaluation.Stride, data.OnBadRecord),
            CorpusReading.NamesOf(domain.Fields));

    /// <summary>As in transformers the first of the warm-up's steps has the rate 0: a run of that one step would train nothing.</summary>
    private static void CheckSteps(SpecFile file, ResolvedDomain domain, DomainData data, List<SpecFinding> findings)
    {
        var training = file.Spec.Training;
        var options = new TrainingOptions(training.Epochs, training.Batch, training.Accumulation, WarmupShare: training.Warmup,
            RowsPerEpoch: data.RowsPerEpoch);
        if (options.TotalSteps(data.Training.Rows) == 1 && options.RateOf(0, 1) == 0)
            findings.Add(file.At("training.warmup",
                $"training.warmup is {training.Warmup.ToString(CultureInfo.InvariantCulture)}, but training on {domain.Name} comes to 1 "
                + "step, which would be the warm-up's and train nothing; 0, or more epochs or records are needed"));
    }

    private static ResolvedModel? Model(SpecFile file, ModelSpec model, string place, List<SpecFinding> findings, List<string> notes,
        List<ModelWords> known, CancellationToken cancellation)
    {
        CheckIsFolder(file, model);
        using var opened = ModelDirectory.Open(model.Path);
        var config = opened.Config;
        notes.AddRange(opened.Notes);
        var words = WordsOf(file, model, config, place, findings, notes);
        CheckFit(file, model, config, findings);
        if (words is not var (tokenizer, template))
            return null;
        known.Add(new(model.Name, tokenizer, template, config.Vocab));
        return new(
            model.Name, model.Path, config.Family.Name, config.Architecture, config.Layers, config.TextParameters,
            InputHashes.OfWeights(opened.Weights.Files, cancellation),
            InputHashes.OfFile(Path.Combine(model.Path, "config.json"), cancellation),
            DocumentTemplate.TokenizerHash(file.Spec.Data.Template, tokenizer));
    }

    /// <exception cref="InvalidInputException">There is no folder at the model's path; the message says what there is.</exception>
    internal static void CheckIsFolder(SpecFile file, ModelSpec model)
    {
        var entry = InputEntry.At(model.Path);
        if (entry.Kind != EntryKind.Folder)
            throw new InvalidInputException($"{model.Path} is no folder"
                + (entry.IsThere ? $": it {entry.Objection?.Split(';')[0] ?? "is a file"}" : "")
                + "; a model is a Hugging Face directory with config.json, tokenizer.json and model.safetensors (or its shards with index)"
                + PathHint.ForModel(model.Path, file.Folder));
    }

    private static CorpusReading Reading(
        SpecFile file, DomainSpec domain, IReadOnlyList<ModelWords> words, CancellationToken cancellation) =>
        InputEntry.At(domain.Path).IsThere ? CorpusReading.Of(domain, file.Spec.Data, words, cancellation)
            : throw new InvalidInputException($"There is no corpus at \"{domain.Path}\"; a file or a folder is needed"
                + $"{PathHint.ForCorpus(domain.Path, file.Folder)}.");

    /// <summary>
    /// The model's tokenizer and the spec's template under it, where the model can be trained with them; else what speaks against it is
    /// among the findings.
    /// </summary>
    internal static (Tokenizer Tokenizer, DocumentTemplate Template)? WordsOf(
        SpecFile file, ModelSpec model, ModelConfig? config, string place, List<SpecFinding> findings, List<string> notes)
    {
        if (Try(() => Tokenizer.Load(model.Path), file, place, findings) is not { } tokenizer)
            return null;
        var objections = config is null ? [] : TokenizerFit.Objections(config, tokenizer, model.Path).ToList();
        findings.AddRange(objections.Select(objection => file.At(place, objection)));
        if (Try(() => DocumentTemplate.Read(file.Spec.Data.Template, tokenizer), file, "data.template", findings) is not { } template)
            return null;
        notes.AddRange(template.Notes);
        return objections.Count == 0 ? (tokenizer, template) : null;
    }

    /// <summary>Whether the spec's rank and layers exist in this model, and whether it can be used in the spec's form.</summary>
    public static void CheckFit(SpecFile file, ModelSpec model, ModelConfig config, List<SpecFinding> findings)
    {
        var spec = file.Spec;
        try
        {
            BaseForms.Check(spec.Training.Base, config, model.Path);
        }
        catch (InvalidInputException saved)
        {
            findings.Add(file.At("training.base", saved.Message));
        }
        // What is trained in full has no rank.
        var narrowest = spec.Regimes.Where(regime => Regimes.Rows[regime].Method == TuningMethod.Lora)
            .SelectMany(Projections.Of).Distinct().MinBy(p => Math.Min(config.ShapeOf(p).Out, config.ShapeOf(p).In));
        var (rows, columns) = narrowest is null ? (int.MaxValue, int.MaxValue) : config.ShapeOf(narrowest);
        if (spec.Lora.Rank > Math.Min(rows, columns))
            findings.Add(file.At("lora.rank", $"lora.rank is {spec.Lora.Rank}, above min(in, "
                + $"out) = {Math.Min(rows, columns)} of {narrowest} in model {model.Name}; allowed is 1 to {Math.Min(rows, columns)}"));
        if (spec.Stage2.Groups.Count > 0)
            foreach (var top in spec.Stage2.Top.Where(top => top > config.Layers))
                findings.Add(file.At("stage2.top",
                    $"stage2.top has {top}, but model {model.Name} has {config.Layers} layers; allowed is 1 to {config.Layers}"));
        if (spec.Data.Length > config.MaxPositions)
            findings.Add(file.At("data.length",
                $"data.length is {spec.Data.Length}, but model {model.Name} was made for at most {config.MaxPositions} positions"));
        if (spec.Evaluation.Length > config.MaxPositions)
            findings.Add(file.At("evaluation.length", $"evaluation.length is {spec.Evaluation.Length}, "
                + $"but model {model.Name} was made for at most {config.MaxPositions} positions"));
    }
}
