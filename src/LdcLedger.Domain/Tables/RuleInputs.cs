using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;

namespace LdcLedger.Domain.Tables;

/// <summary>What has to lie somewhere for a study to go on under a rule: inputs of the runs that it lacks, and of
/// those not done yet.</summary>
public sealed record RuleInputs(IReadOnlyList<ResolvedModel> Models, IReadOnlyList<ResolvedDomain> Domains)
{
    public static RuleInputs Of(StudyFacts facts, AggregationRule rule)
    {
        var wanted = RuleDiff.Of(facts, facts.Study.Rule, rule).MissingRuns.Select(r => (r.Model, r.Domain))
            .Concat(facts.Runs.Where(r => !RunStatuses.Rows[r.Status].IsEnded).Select(r => (r.Model, r.Domain))).ToList();
        return new(
            [.. facts.Study.Models.Where(m => wanted.Any(r => r.Model == m.Name))],
            [.. facts.Study.Domains.Where(d => wanted.Any(r => r.Domain == d.Name))]);
    }
}
