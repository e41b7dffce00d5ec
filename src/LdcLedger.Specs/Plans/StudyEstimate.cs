using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;
using LdcLedger.Specs.Resolution;
using LdcLedger.Torch;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Devices;

namespace LdcLedger.Specs.Plans;

/// <summary>What a study would run and what that takes, as far as what is on disk tells it.</summary>
/// <param name="Tunings">By name of the model; none of a model whose shape is unknown.</param>
/// <param name="Tokens">By names of model and domain; none where the corpus or the tokenizer is missing.</param>
public sealed record StudyEstimate(
    StudySpec Spec, IReadOnlyList<PlannedModel> Models, IReadOnlyList<PlannedDomain> Domains, RunSpeed Speed,
    IReadOnlyDictionary<string, IReadOnlyList<PlannedTuning>> Tunings,
    IReadOnlyDictionary<(string Model, string Domain), DomainTokens> Tokens)
{
    public RunCounts RunCounts => StudyPlan.Count(Spec, Models.Count * Domains.Count);

    public IEnumerable<Missing> Missing => Models.SelectMany(m => m.Missing).Concat(Domains.Select(d => d.Missing).OfType<Missing>());

    /// <summary>Sentences on what a user may not expect of the inputs.</summary>
    public IReadOnlyList<string> Notes => [.. Models.SelectMany(m => m.Notes).Distinct()];

    /// <summary>Runs of a tuning of a model over all domains and seeds.</summary>
    public int Runs(PlannedTuning tuning) => Domains.Count * (tuning.Stage == 0 ? 1 : Spec.Seeds.Count);

    /// <summary>Tokens trained on in the whole study; null where a model's or a domain's are unknown.</summary>
    public long? TrainedTokens => Sum((_, tuning, tokens) => tuning.Stage == 0 ? 0 : tokens.Trained) is { } sum ? (long)sum : null;

    /// <summary>
    /// At most, on this device: reading the corpora, then runs of large models one after another, of small ones side by side.
    /// </summary>
    public double? Seconds => CorpusSeconds + Sum((model, tuning, tokens) =>
        tuning.Seconds(Spec, model.Config!, Speed, tokens) * (tuning.Stage == 0 ? 1 : Spec.Seeds.Count) / Speed.RunsAtATime(model.Config!));

    /// <summary>Reading every corpus when the study is submitted, and making rows of it once for each tokenizer.</summary>
    public double CorpusSeconds => Domains.Sum(d => d.ReadSeconds) + Prepared.Sum(p => p.Tokens.PrepareSeconds);

    /// <summary>Of files for token ids, all of them at a time at most.</summary>
    public long ScratchBytes => Prepared.Sum(p => p.Tokens.ScratchBytes);

    /// <summary>That the corpora take in memory, all of them at a time at most.</summary>
    public long CorpusMemoryBytes => Prepared.Sum(p => p.Tokens.MemoryBytes(p.Domain.Records ?? 0, Spec.Data.Length));

    /// <summary>Corpora under tokenizers, each pair once.</summary>
    private IEnumerable<(PlannedDomain Domain, DomainTokens Tokens)> Prepared =>
        from domain in Domains
        from model in Models.DistinctBy(m => m.Tokenizer?.Hash)
        where Tokens.ContainsKey((model.Name, domain.Name))
        select (domain, Tokens[(model.Name, domain.Name)]);

    /// <summary>Adapters and trained projections that stay, of the models whose shape is known.</summary>
    public long TrainedBytes => Tunings.Values.SelectMany(t => t).Sum(t => t.TrainedBytes * Runs(t));

    /// <summary>Of the runs that are under way at a time, old and new beside each other while one replaces the other.</summary>
    public long CheckpointBytes => Models.Where(m => m.Config is not null)
        .Select(m => 2 * Tunings[m.Name].Max(t => t.CheckpointBytes) * Speed.RunsAtATime(m.Config!)).DefaultIfEmpty().Max();

    /// <summary>Mean seconds of a run over the domains; null where one is unknown, or the device is not here.</summary>
    public double? MeanSeconds(PlannedModel model, PlannedTuning tuning) =>
        Domains.All(d => Tokens.ContainsKey((model.Name, d.Name)))
            ? Known(Domains.Select(d => tuning.Seconds(Spec, model.Config!, Speed, Tokens[(model.Name, d.Name)]))) / Domains.Count : null;

    /// <summary>
    /// The most that a device needs at a time; null where no model's shape is known. Runs of small models train side by side; since nobody
    /// knows beforehand which, the largest that can. On the CPU the corpora lie beside them.
    /// </summary>
    public MemoryAtATime? Memory
    {
        get
        {
            var runs = from model in Models
                       where model.Config is not null
                       from tuning in Tunings[model.Name]
                       where tuning.Memory is not null
                       select (Model: model, Tuning: tuning, AtATime: Speed.RunsOnADevice(model.Config!));
            return runs.GroupBy(run => run.AtATime).Select(same => Largest([.. same], same.Key)).MaxBy(memory => memory?.Bytes);
        }
    }

    private MemoryAtATime Largest(IReadOnlyList<(PlannedModel Model, PlannedTuning Tuning, int AtATime)> runs, int atATime)
    {
        // Of one run with its base; of several, the largest ones and the largest bases that as many can have.
        var ordered = runs.OrderByDescending(run => run.Tuning.PeakBytes).ToList();
        var sideBySide = runs.OrderByDescending(run => run.Tuning.Memory!.RunBytes)
            .SelectMany(run => Enumerable.Repeat(run.Tuning.Memory!.RunBytes, Math.Min(atATime, Runs(run.Tuning)))).Take(atATime).ToList();
        var bases = runs.GroupBy(run => run.Model.Name, run => run.Tuning.Memory!.BaseBytes).Select(same => same.First())
            .OrderDescending().Take(sideBySide.Count).Sum();
        return new(sideBySide.Count, $"{ordered[0].Tuning.Role} on {ordered[0].Model.Name}",
            (sideBySide.Count == 1 ? ordered[0].Tuning.PeakBytes!.Value : sideBySide.Sum() + bases)
            + (DeviceArithmetic.IsCpu(Speed.Device) ? CorpusMemoryBytes : 0));
    }

    private double? Sum(Func<PlannedModel, PlannedTuning, DomainTokens, double?> of) =>
        Models.All(m => m.Config is not null && Domains.All(d => Tokens.ContainsKey((m.Name, d.Name))))
            ? Known(from m in Models from t in Tunings[m.Name] from d in Domains select of(m, t, Tokens[(m.Name, d.Name)]))
            : null;

    // Enumerable.Sum takes what is unknown for nothing.
    private static double? Known(IEnumerable<double?> terms) => terms.Aggregate((double?)0, (sum, term) => sum + term);

    /// <summary>
    /// Looks at what is there. What is missing stays open; what is there and cannot be used throws <see cref="InvalidSpecException"/> at
    /// its place in the file.
    /// </summary>
    public static StudyEstimate Of(SpecFile file, string device, CancellationToken cancellation)
    {
        var spec = file.Spec;
        var findings = new List<SpecFinding>();
        var models = spec.Models.Select((m, i) => Try($"models[{i}].path",
            () => PlannedModel.Of(file, m, $"models[{i}].path", findings))).OfType<PlannedModel>().ToList();
        foreach (var model in models.Where(m => m.Config is not null))
            StudyResolution.CheckFit(file, model.Spec, model.Config!, findings);
        var words = models.Where(m => m is { Config: not null, Tokenizer: not null, Template: not null })
            .Select(m => new ModelWords(m.Name, m.Tokenizer!, m.Template!, m.Config!.Vocab)).ToList();
        var domains = spec.Domains.Select((d, i) => Try($"domains[{i}].path", () => PlannedDomain.Of(file, d, words)))
            .OfType<PlannedDomain>().ToList();
        foreach (var domain in domains)
            findings.AddRange(domain.Unknown.Select(unknown =>
                file.At($"domains[{spec.Domains.ToList().FindIndex(d => d.Name == domain.Name)}].path", unknown)));
        Dictionary<(string Tokenizer, string Domain), DomainTokens?> counted = [];
        Dictionary<(string Model, string Domain), DomainTokens> tokens = [];
        foreach (var (i, domain) in domains.Index())
            foreach (var model in models)
            {
                cancellation.ThrowIfCancellationRequested();
                // Models of one family have the same tokenizer.
                var key = (model.Tokenizer is { } own ? DocumentTemplate.TokenizerHash(spec.Data.Template, own) : "", domain.Name);
                if (!counted.TryGetValue(key, out var count))
                    counted.Add(key, count = Try($"domains[{i}].path", () => domain.TokensUnder(model, spec)));
                if (count is not null)
                    tokens.Add((model.Name, domain.Name), count);
            }
        if (findings.Count > 0)
            throw new InvalidSpecException(file.Path, [.. findings.Distinct().OrderBy(f => f.Line).ThenBy(f => f.Column)]);
        var speed = RunSpeed.Measure(spec, models, device, cancellation);
        var tunings = models.Where(m => m.Config is not null).ToDictionary(m => m.Name, m => PlannedTuning.Of(spec, m.Config!, speed));
        return new(spec, models, domains, speed, tunings, tokens);

        T? Try<T>(string place, Func<T?> look) where T : class
        {
            try
            {
                return look();
            }
            catch (Exception unusable) when (unusable is InvalidInputException or IOException or UnauthorizedAccessException)
            {
                findings.Add(file.At(place, unusable.Message));
                return null;
            }
        }
    }
}
