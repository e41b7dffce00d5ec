using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Ledger.Exchange;

/// <summary>
/// What the facts of one study must agree on, so that read models and reports can be made of them: the study comes first, runs are planned
/// before anything happens to them, and measurements are of what their run was planned as. A ledger's own facts agree by themselves; a file
/// may have been written by anybody.
/// </summary>
internal sealed class StudyAgreement
{
    private readonly Dictionary<Guid, (RunPlanned Planned, IReadOnlySet<LayerProjection> Adapted)> _runs = [];
    private readonly Dictionary<(string Model, string Domain, string Tuning, int? Seed), Guid> _byPart = [];
    private StudySubmitted? _study;

    /// <summary>What the study is called by its last event; null before its first.</summary>
    public string? Name { get; private set; }

    /// <exception cref="RuleViolation">The fact contradicts an earlier one, or names what nobody knows.</exception>
    public void Take(ILedgerEvent fact)
    {
        switch (fact)
        {
            case StudySubmitted submitted:
                Begin(submitted);
                break;
            case var _ when _study is null:
                throw new RuleViolation("the first event of a study is study_submitted.");
            case RunPlanned planned:
                Plan(planned);
                break;
            case IRunEvent ofRun:
                if (!_runs.TryGetValue(ofRun.RunId, out var run))
                    throw new RuleViolation($"run {ofRun.RunId} has not been planned before; its first event is run_planned.");
                Measure(run.Planned, run.Adapted, ofRun);
                break;
            case RunSettled settled:
                if (settled.Outcome is not (Outcomes.Completed or Outcomes.Failed or Outcomes.Cancelled or Outcomes.Abandoned))
                    throw NotOne("data.outcome", settled.Outcome,
                        [Outcomes.Completed, Outcomes.Failed, Outcomes.Cancelled, Outcomes.Abandoned]);
                if (!_runs.TryGetValue(settled.RunId, out var ended))
                    throw new RuleViolation($"run {settled.RunId} settles, but has not been planned before.");
                Same(("model", ended.Planned.Model, settled.Model), ("domain", ended.Planned.Domain, settled.Domain),
                    ("role", ended.Planned.Role, settled.Role), Seeds(ended.Planned, settled.Seed));
                break;
            case StudyNamed named:
                CheckName("data.name", named.Name);
                Name = named.Name;
                break;
            case Stage2Planned stage2:
                OfStudy(stage2.Model, stage2.Domain);
                CheckRule(stage2.Rule);
                break;
            case StudyExtended extended:
                CheckRule(extended.Rule);
                break;
        }
    }

    private void Begin(StudySubmitted study)
    {
        if (_study is not null)
            throw new RuleViolation("the study is submitted a second time.");
        CheckName("data.name", study.Name);
        foreach (var name in study.Models.Select(m => m.Name))
            CheckName("data.models", name);
        foreach (var name in study.Domains.Select(d => d.Name))
            CheckName("data.domains", name);
        Distinct("data.models", study.Models.Select(m => m.Name));
        Distinct("data.domains", study.Domains.Select(d => d.Name));
        Distinct("data.spec.seeds", study.Spec.Seeds.Select(s => s.ToString(CultureInfo.InvariantCulture)));
        foreach (var model in study.Models)
            if (model.Layers is < 1 or > Tuning.MaxLayers)
                throw new RuleViolation($"data.models: {model.Name} has {model.Layers} layers; 1 to {Tuning.MaxLayers} are allowed.");
        foreach (var regime in study.Spec.Regimes)
            _ = Regimes.Rows[regime];
        foreach (var group in study.Spec.Stage2.Groups)
            Regimes.Group(group);
        if (study.Spec.Stage2.Top.Any(k => k < 1))
            throw new RuleViolation("data.spec.stage2.top has a number below 1; a targeted run adapts 1 layer or more.");
        CheckRule(study.Rule);
        (_study, Name) = (study, study.Name);
    }

    private void Plan(RunPlanned run)
    {
        CheckName("data.role", run.Role);
        if (_runs.ContainsKey(run.RunId))
            throw new RuleViolation($"run {run.RunId} is planned a second time.");
        var model = OfStudy(run.Model, run.Domain);
        var tuning = Tuning.Parse(run.Tuning);
        if (tuning.Text != run.Tuning)
            throw new RuleViolation($"data.tuning is '{run.Tuning}'; its canonical text is '{tuning.Text}'.");
        foreach (var (layer, projection) in tuning.Adapted)
        {
            Projections.GroupOf(projection);
            if (layer >= model.Layers)
                throw new RuleViolation($"data.tuning trains layer {layer}; {model.Name} has layers 0 to {model.Layers - 1}.");
        }
        if (tuning.IsPretrained != run.Seed is null || tuning.IsPretrained != (run.Stage == 0))
            throw new RuleViolation(
                "a baseline has stage 0, no seed and an empty tuning, every other run a stage above 0, a seed and a tuning; "
                + $"this one has stage {run.Stage}, seed {Text(run.Seed)} and tuning '{run.Tuning}'.");
        // Tables look for the seeds that the spec names; a run of another one would be in none of them.
        if (run.Seed is { } seed && !_study!.Spec.Seeds.Contains(seed))
            throw new RuleViolation(
                $"data.seed is {seed}; the study's seeds are {string.Join(", ", _study.Spec.Seeds)}, and no table looks for others.");
        if (!_byPart.TryAdd((run.Model, run.Domain, run.Tuning, run.Seed), run.RunId))
            throw new RuleViolation(
                $"run {run.RunId} is the same as run {_byPart[(run.Model, run.Domain, run.Tuning, run.Seed)]}: "
                + "model, domain, tuning and seed are equal.");
        _runs.Add(run.RunId, (run, tuning.Adapted.ToHashSet()));
    }

    private static void Measure(RunPlanned run, IReadOnlySet<LayerProjection> adapted, IRunEvent fact)
    {
        switch (fact)
        {
            case PerplexityEvaluated e:
                Same(("model", run.Model, e.Model), ("domain", run.Domain, e.Domain), ("tuning", run.Tuning, e.Tuning), Seeds(run, e.Seed));
                if (e.ScoredTokens < 1 || e.TotalNats < 0)
                    throw new RuleViolation(string.Create(CultureInfo.InvariantCulture,
                        $"{e.TotalNats} nats of {e.ScoredTokens} scored tokens are no perplexity; 0 nats or more, of 1 token or more."));
                break;
            case LayerNormMeasured e:
                Same(("model", run.Model, e.Model), ("domain", run.Domain, e.Domain), ("role", run.Role, e.Role), Seeds(run, e.Seed));
                if (e.Epoch < 1 || e.Layer < 0)
                    throw new RuleViolation($"epoch {e.Epoch} of layer {e.Layer} is none; epochs count from 1, layers from 0.");
                Distinct("data.projections", e.Projections.Select(p => p.Projection));
                foreach (var norm in e.Projections)
                {
                    Projections.GroupOf(norm.Projection);
                    if (!adapted.Contains(new(e.Layer, norm.Projection)))
                        throw new RuleViolation(
                            $"data.projections has {norm.Projection} in layer {e.Layer}, which the run does not train: "
                            + $"its tuning is '{run.Tuning}'.");
                    if (norm.UpdateFrobenius < 0 || norm.WeightFrobenius < 0)
                        throw new RuleViolation($"data.projections has a norm of {norm.Projection} below 0, which no norm is.");
                }
                break;
        }
    }

    private ResolvedModel OfStudy(string model, string domain)
    {
        if (_study!.Domains.All(d => d.Name != domain))
            throw NotOne("data.domain", domain, _study.Domains.Select(d => d.Name));
        return _study.Models.FirstOrDefault(m => m.Name == model) ?? throw NotOne("data.model", model, _study.Models.Select(m => m.Name));
    }

    private static void CheckRule(AggregationRule rule)
    {
        CheckName("data.rule.name", rule.Name);
        _ = (Domain.Rules.Measure.Rows[rule.Measure], RuleScope.Rows[rule.Over], Combination.Rows[rule.Combine],
            SeedCombination.Rows[rule.Seeds], TieBreak.Rows[rule.Ties], Normalisation.Rows[rule.Perplexity]);
        if (rule.Version < 1 || rule.Top < 1 || rule.Epoch < 1)
            throw new RuleViolation($"rule {rule.Name} has version {rule.Version}, top {rule.Top}"
                + $"{(rule.Epoch is { } epoch ? $" and epoch {epoch}" : "")}; they are 1 or more.");
        if (AggregationRule.FindBuiltIn(rule.Name) is { } builtIn && builtIn.Version == rule.Version && builtIn != rule)
            throw new RuleViolation(
                $"rule {rule.Name}, version {rule.Version}, is built in and says otherwise; give this one a name of its own.");
    }

    // Lists and terminals show names as they are.
    private static void CheckName(string field, string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Any(char.IsControl))
            throw new RuleViolation($"{field} has the name '{string.Concat(name.Where(c => !char.IsControl(c)))}', "
                + (string.IsNullOrWhiteSpace(name) ? "which is empty." : "and control characters in it, which no name has."));
    }

    private static (string, string, string) Seeds(RunPlanned run, int? seed) => ("seed", Text(run.Seed), Text(seed));

    private static string Text(int? seed) => seed?.ToString(CultureInfo.InvariantCulture) ?? "null";

    private static void Same(params ReadOnlySpan<(string Field, string Planned, string Said)> fields)
    {
        foreach (var (field, planned, said) in fields)
            if (planned != said)
                throw new RuleViolation($"data.{field} is '{said}'; the run was planned with '{planned}'.");
    }

    private static void Distinct(string field, IEnumerable<string> names)
    {
        var seen = new HashSet<string>();
        foreach (var name in names)
            if (!seen.Add(name))
                throw new RuleViolation($"{field} has {name} twice.");
        if (seen.Count == 0)
            throw new RuleViolation($"{field} is empty; at least one is needed.");
    }

    private static RuleViolation NotOne(string field, string value, IEnumerable<string> known) =>
        new($"{field} is '{value}'; there are {string.Join(", ", known)}.");
}
