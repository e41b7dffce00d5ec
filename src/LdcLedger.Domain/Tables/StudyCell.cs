using System.Globalization;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;

namespace LdcLedger.Domain.Tables;

/// <summary>A run and what it measured; the measurements are null until they are there.</summary>
public sealed record MeasuredRun(RunSummary Run, RunPerplexity? Perplexity, RunNorms? Norms);

/// <summary>The runs of one tuning, one per seed.</summary>
/// <param name="Completed">In the order of seeds.</param>
/// <param name="Missing">Why fewer than all seeds completed; null when all did.</param>
public sealed record TunedRuns(IReadOnlyList<MeasuredRun> Completed, string? Missing)
{
    public IReadOnlyList<RunPerplexity> Perplexities => [.. Completed.Select(r => r.Perplexity).OfType<RunPerplexity>()];

    /// <summary>The norms that a rule can score, and what is missing: runs, or what the rule asks for and a run's norms lack.</summary>
    public (IReadOnlyList<RunNorms> Norms, string? Missing) Under(AggregationRule rule)
    {
        var looked = Completed.Select(r => (r.Run.Seed, r.Norms, Lacking: NormUnits.Lacking(rule, r.Norms))).ToList();
        var lacking = Told([.. looked.Where(r => r.Lacking is not null).Select(r => (r.Seed, r.Lacking!))],
            Missing is null ? looked.Count : int.MaxValue, ": ");
        return (
            [.. looked.Where(r => r.Lacking is null).Select(r => r.Norms!)],
            lacking is null ? Missing : Missing is null ? lacking : $"{Missing}; {lacking}");
    }

    /// <summary>Reasons in a line, each once with its seeds, or alone where it is every seed's; null of none.</summary>
    /// <param name="seeds">How many there are in all.</param>
    /// <param name="between">Stands after the seeds: a space before what became of them, a colon before what they lack.</param>
    internal static string? Told(IReadOnlyList<(int? Seed, string Why)> reasons, int seeds, string between) => reasons.Count == 0 ? null
        : string.Join("; ", reasons.GroupBy(r => r.Why).Select(same => same.Count() == seeds ? same.Key
            : $"seed{(same.Count() == 1 ? "" : "s")} "
                + $"{Plural.List([.. same.Select(r => r.Seed!.Value.ToString(CultureInfo.InvariantCulture))])}{between}{same.Key}"));
}

/// <summary>
/// One model on one domain, as tables and figures see it: runs are found by their tuning, never by the role they were first
/// planned for, so that the same runs can be looked at under any rule.
/// </summary>
public sealed class StudyCell
{
    private readonly ResolvedModel _model;
    private readonly IReadOnlyList<int> _seeds;
    private readonly AggregationRule _rule;
    private readonly bool _isOpen;
    private readonly Dictionary<(string Tuning, int? Seed), MeasuredRun> _runs;
    private readonly IReadOnlyList<DomainRankings> _kept;
    private readonly Dictionary<(AggregationRule, string Group), (GroupRanking? Ranking, string? Missing)> _ranked = [];
    private readonly Dictionary<string, Tuning> _full = [];

    private StudyCell(
        StudyFacts facts, ResolvedModel model, string domain, IEnumerable<MeasuredRun> runs, IEnumerable<DomainRankings> kept)
    {
        _model = model;
        _seeds = facts.Study.Spec.Seeds;
        (_rule, _isOpen) = (facts.Study.Rule, facts.Study.EndedAt is null);
        Domain = domain;
        _runs = runs.ToDictionary(r => (r.Run.Tuning, r.Run.Seed));
        _kept = [.. kept];
    }

    public string Model => _model.Name;

    public string Domain { get; }

    /// <summary>Every cell of the study in the order of its spec: model by model, its domains.</summary>
    public static IReadOnlyList<StudyCell> Of(StudyFacts facts)
    {
        var perplexities = facts.Perplexities.ToDictionary(p => p.Id);
        var norms = facts.Norms.ToDictionary(n => n.Id);
        var runs = facts.Runs.ToLookup(
            r => (r.Model, r.Domain), r => new MeasuredRun(r, perplexities.GetValueOrDefault(r.Id), norms.GetValueOrDefault(r.Id)));
        var kept = facts.Rankings.ToLookup(r => (r.Model, r.Domain));
        return
        [
            .. from model in facts.Study.Models
               from domain in facts.Study.Domains
               let place = (model.Name, domain.Name)
               select new StudyCell(facts, model, domain.Name, runs[place], kept[place]),
        ];
    }

    /// <summary>The tuning of a stage-1 regime: all layers.</summary>
    public Tuning Full(string regime)
    {
        if (!_full.TryGetValue(regime, out var tuning))
            _full[regime] = tuning = Tuning.Of(regime, Enumerable.Range(0, _model.Layers));
        return tuning;
    }

    /// <summary>The runs with this tuning. The pretrained model has one run, without a seed.</summary>
    /// <param name="where">What to say when there is none, for instance "not run under rule block-sum".</param>
    public TunedRuns Runs(Tuning tuning, string where = "not planned")
    {
        IReadOnlyList<int?> seeds = tuning.IsPretrained ? [null] : [.. _seeds.Select(s => (int?)s)];
        var found = seeds.Select(seed => (Seed: seed, Run: _runs.GetValueOrDefault((tuning.Text, seed)))).ToList();
        if (found.All(f => f.Run is null))
            return new([], where);
        var reasons = found
            .Where(f => f.Run?.Run.Status != RunStatuses.Completed)
            .Select(f => (f.Seed, f.Run is null ? where : WhyNotCompleted(f.Run.Run))).ToList();
        return new(
            [.. found.Where(f => f.Run?.Run.Status == RunStatuses.Completed).OrderBy(f => f.Seed).Select(f => f.Run!)],
            TunedRuns.Told(reasons, seeds.Count, " "));
    }

    /// <summary>
    /// The ranking of a group under a rule, from the <c>all</c> runs. Null with the reason while one of the seeds lacks, because a
    /// ranking is over all seeds.
    /// </summary>
    public (GroupRanking? Ranking, string? Missing) Ranking(AggregationRule rule, string group)
    {
        if (!_ranked.TryGetValue((rule, group), out var ranked))
            _ranked[(rule, group)] = ranked = RankingOf(rule, group);
        return ranked;
    }

    /// <summary>How far the ranking of a group depends on the seeds; null where there is none, or one seed only.</summary>
    public RankingStability? Stability(AggregationRule rule, string group, IEnumerable<int> tops) =>
        Ranking(rule, group).Ranking is null ? null : RankingStability.Of(rule, Runs(Full(Regimes.All)).Under(rule).Norms, group, tops);

    /// <summary>The runs that adapt only the <paramref name="k"/> highest layers of a group under a rule.</summary>
    public (Tuning? Tuning, TunedRuns Runs) Targeted(AggregationRule rule, int k, string group)
    {
        var (ranking, missing) = Ranking(rule, group);
        if (ranking is null)
            return (null, new([], missing));
        var tuning = Tuning.Of(group, ranking.Top(k));
        return (tuning, Runs(tuning, _isOpen && rule == _rule ? "not planned yet" : $"not run under rule {rule.Reference}"));
    }

    private (GroupRanking? Ranking, string? Missing) RankingOf(AggregationRule rule, string group)
    {
        var all = Runs(Full(Regimes.All));
        if (all.Missing is not null)
            return (null, (all.Completed.Count == 0 ? $"no ranking, since {Regimes.FullRun} is missing"
                : $"no ranking, which needs every seed of {Regimes.FullRun}") + $" ({all.Missing})");
        // A ranking that is kept was made of these very runs, so that their norms need not be there.
        var hash = _kept.Count == 0 ? "" : rule.Hash;
        if (_kept.FirstOrDefault(k => k.RuleHash == hash)?.Groups.FirstOrDefault(g => g.Group == group) is { Layers.Count: > 0 } kept)
            return (kept, null);
        var (norms, lacking) = all.Under(rule);
        if (lacking is not null)
            return (null, lacking);
        var ranking = Rankings.Of(rule, norms, group);
        return ranking.Layers.Count > 0 ? (ranking, null) : (null, "no norms were recorded");
    }

    // A reason is a sentence, and stands here within others.
    private static string WhyNotCompleted(RunSummary run) =>
        RunStatuses.Rows[run.Status].WhyMissing + (run.Reason is null ? "" : $": {run.Reason.TrimEnd('.')}");
}
