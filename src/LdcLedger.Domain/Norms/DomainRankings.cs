using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;

namespace LdcLedger.Domain.Norms;

/// <summary>
/// The rankings of one model and domain under one rule: the <c>all</c> runs' layers, per group, over all seeds. Read model; id =
/// <see cref="IdOf"/>. One is kept for the study's own rule and for every other that somebody has asked for, by what the rule says.
/// </summary>
/// <param name="RuleHash">What the rule says; its name and version in <paramref name="Rule"/> are those it was first asked for by.</param>
/// <param name="Runs">Ids of the completed <c>all</c> runs that it ranks by, in the order of seeds: with others, or more, it is another
/// ranking.</param>
/// <param name="Groups">Empty while no run has completed, or where one lacks what the rule asks for.</param>
public sealed record DomainRankings(
    string Id, Guid StudyId, string Model, string Domain, string RuleHash, AggregationRule Rule, IReadOnlyList<Guid> Runs,
    IReadOnlyList<GroupRanking> Groups)
{
    /// <param name="completed">Norms of the completed <c>all</c> runs by run; what was not measured is null. In any order.</param>
    public static DomainRankings Of(
        Guid study, string model, string domain, AggregationRule rule,
        IReadOnlyCollection<(Guid Run, int? Seed, RunNorms? Norms)> completed)
    {
        var seeds = completed.OrderBy(c => c.Seed).ToList();
        var hash = rule.Hash;
        IReadOnlyList<RunNorms> norms = [.. seeds.Select(c => c.Norms).OfType<RunNorms>()];
        return new(
            IdOf(study, model, domain, hash), study, model, domain, hash, rule, [.. seeds.Select(c => c.Run)],
            seeds.Count == 0 || seeds.Exists(c => NormUnits.Lacking(rule, c.Norms) is not null) ? []
                : [.. Regimes.Groups.Select(g => Rankings.Of(rule, norms, g)).Where(g => g.Layers.Count > 0)]);
    }

    public static string IdOf(Guid study, string model, string domain, string ruleHash) => $"{study:N}/{model}/{domain}/{ruleHash}";
}
