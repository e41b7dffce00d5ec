using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Specs;

namespace LdcLedger.Web.Views;

/// <summary>
/// What a study would be under a rule that is only tried: nothing is defined, trained or kept, only stored norms are read again.
/// </summary>
/// <param name="Known">The rule of this ledger that says the same already; null: there is none.</param>
/// <param name="Diff">From the study's own rule to this one.</param>
/// <param name="Costs">Of the runs that it would take and the study lacks.</param>
public sealed record RuleTrial(ShownStudy Study, AggregationRule Rule, AggregationRule? Known, RuleDiff Diff, IReadOnlyList<RunCost> Costs)
{
    /// <summary>As findings name the text.</summary>
    private const string Name = "rule";

    /// <param name="study">With its norms.</param>
    /// <exception cref="InvalidSpecException">The text is no rule; with every finding.</exception>
    /// <exception cref="RuleViolation">It could not be defined under that name, or the study cannot be ranked by it.</exception>
    public static async Task<RuleTrial> OfAsync(View view, ShownStudy study, string text, HeavyWork work)
    {
        var rule = RuleFile.Parse(Name, text);
        var (tried, isNew) = (await view.BookAsync()).Define(rule);
        StudyPlan.CheckEpoch(study.Study.Spec, tried);
        study.Facts.CheckMeasured();
        var diff = await work.RunAsync(() => RuleDiff.Of(study.Facts, study.Study.Rule, tried), view.Cancellation);
        return new(study, tried, isNew ? null : tried, diff, RunCost.Of(study.Facts, diff.MissingRuns));
    }
}
