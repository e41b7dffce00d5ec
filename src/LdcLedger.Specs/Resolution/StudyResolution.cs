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

    public Guid Id(int fresh = 0) => new StudyIdentity(File.Spec, Models, Domains, File.Rule, fresh).Id;
}

/// <summary>Looks at the models and corpora that a spec names: what they are, their hashes, and whether the spec fits them.</summary>
public static class StudyResolution
{
    /// <summary>Throws <see cref="InvalidSpecException"/> with everything that does not fit, at its place in the file.</summary>
    public static ResolvedStudy Of(SpecFile file, CancellationToken cancellation)
    {
        var (findings, notes) = (new List<SpecFinding>(), new List<string>());
        var models = file.Spec.Models
            .Select((m, i) => Try(() => Model(file, m, i, findings, notes, cancellation), file, $"models[{i}].path", findings)).ToList();
        var domains = file.Spec.Domains.Select((d, i) => Try(() => Domain(file, d), file, $"domains[{i}].path", findings)).ToList();
        CheckSmallCorpora(file, models, domains, findings);
        return findings.Count == 0
            ? new(file, [.. models.Select(m => m!)], [.. domains.Select(d => d!)]) { Notes = [.. notes.Distinct()] }
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
                    if (Try(() => Prepared(domain, model, data, evaluation), file, $"domains[{i}].path", findings) is { } prepared)
                        CheckSteps(file, domain, prepared, findings);
    }

    private static DomainData Prepared(ResolvedDomain domain, ResolvedModel model, DataSpec data, EvaluationSpec evaluation) =>
        DomainData.Prepare(
        domain.Path, domain.Format, Tokenizer.Load(model.Path), DomainDataOptions.Of(
            data.Length, data.Template, data.LossOn, data.HeldOut, data.MaxTokens, evaluation.Length, evaluation.Stride));

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

    private static ResolvedModel? Model(SpecFile file, ModelSpec model, int index, List<SpecFinding> findings, List<string> notes,
        CancellationToken cancellation)
    {
        CheckIsFolder(file, model);
        using var opened = ModelDirectory.Open(model.Path);
        var config = opened.Config;
        notes.AddRange(opened.Notes);
        var tokenizer = TokenizerOf(file, model, config, $"models[{index}].path", findings, notes);
        CheckFit(file, model, config, findings);
        return tokenizer is null ? null : new(
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

    /// <summary>The model's tokenizer, where the model can be trained with it; else what speaks against it is among the findings.</summary>
    internal static Tokenizer? TokenizerOf(
        SpecFile file, ModelSpec model, ModelConfig? config, string place, List<SpecFinding> findings, List<string> notes)
    {
        if (Try(() => Tokenizer.Load(model.Path), file, place, findings) is not { } tokenizer)
            return null;
        var objections = config is null ? [] : TokenizerFit.Objections(config, tokenizer, model.Path).ToList();
        findings.AddRange(objections.Select(objection => file.At(place, objection)));
        if (Try(() => DocumentTemplate.Read(file.Spec.Data.Template, tokenizer), file, "data.template", findings) is not { } template)
            return null;
        notes.AddRange(template.Notes);
        return objections.Count == 0 ? tokenizer : null;
    }

    private static ResolvedDomain Domain(SpecFile file, DomainSpec domain)
    {
        if (!InputEntry.At(domain.Path).IsThere)
            throw new InvalidInputException($"There is no corpus at \"{domain.Path}\"{PathHint.ForCorpus(domain.Path, file.Folder)}.");
        var corpus = Corpus.Open(domain.Path, Corpus.ParseFormat(domain.Format));
        var (records, heldOut) = (0, 0);
        foreach (var record in corpus.Records())
        {
            records++;
            if (record.IsHeldOut(file.Spec.Data.HeldOut))
                heldOut++;
        }
        return records == 0 ? throw new InvalidInputException($"{domain.Path} is empty: it has no record with text.")
            : heldOut == 0 || heldOut == records
                ? throw new InvalidInputException(
                    $"Of the {records} records of {domain.Path} {heldOut} are held out at data.held_out = "
                    + $"{file.Spec.Data.HeldOut.ToString(CultureInfo.InvariantCulture)}; "
                    + "at least one to train on and one to evaluate on is needed.")
                : new(domain.Name, domain.Path, corpus.Format.ToString().ToLowerInvariant(), corpus.Hash,
                    corpus.Files.Sum(f => new FileInfo(f).Length), records, heldOut);
    }

    /// <summary>Whether the spec's rank and layers exist in this model.</summary>
    public static void CheckFit(SpecFile file, ModelSpec model, ModelConfig config, List<SpecFinding> findings)
    {
        var spec = file.Spec;
        var narrowest = spec.Regimes
            .SelectMany(Projections.Of).Distinct().MinBy(p => Math.Min(config.ShapeOf(p).Out, config.ShapeOf(p).In))!;
        var (rows, columns) = config.ShapeOf(narrowest);
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
