using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;

namespace LdcLedger.Domain.Tables;

/// <summary>A completed run that lacks what a rule asks for.</summary>
/// <param name="What">For instance "no norms of epoch 3, which rule mine@2 asks for".</param>
public sealed record RuleGap(RunSummary Run, string What)
{
    /// <summary>Every trained run that completed and lacks something, in the order of the study's runs.</summary>
    public static IReadOnlyList<RuleGap> In(StudyFacts facts, AggregationRule rule)
    {
        var norms = facts.Norms.ToDictionary(n => n.Id);
        return
        [
            .. from run in facts.Runs
               where run is { Status: RunStatuses.Completed, Stage: > 0 }
               let what = NormUnits.Lacking(rule, norms.GetValueOrDefault(run.Id))
               where what is not null
               select new RuleGap(run, what),
        ];
    }
}
