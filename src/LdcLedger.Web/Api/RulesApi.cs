using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Views;
using LdcLedger.Specs;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <param name="Reference">NAME@VERSION.</param>
/// <param name="Hash">Of what it says.</param>
/// <param name="Words">The same as a sentence.</param>
/// <param name="File">The YAML that `ldc rules add` takes.</param>
public sealed record RuleAnswer(string Reference, string Hash, bool IsBuiltIn, string Words, string File, AggregationRule Rule)
{
    public static RuleAnswer Of(AggregationRule rule) =>
        new(rule.Reference, rule.Hash, rule.IsBuiltIn, RuleWords.Definition(rule), RuleFile.Text(rule), rule);
}

public sealed record RulesAnswer(IReadOnlyList<RuleAnswer> Items);

/// <param name="Role">A role of stage 2 that the rules give to different layers.</param>
/// <param name="A">Canonical text of what rule A trains in it.</param>
public sealed record TargetAnswer(string Model, string Domain, string Role, string A, string B);

/// <param name="Role">The first of the roles that come to this run.</param>
/// <param name="Tuning">Canonical text of what it trains.</param>
public sealed record MissingRunAnswer(Guid Id, string Model, string Domain, string Role, string Tuning, int Seed);

/// <param name="Targets">The runs of stage 2 that are others under B.</param>
/// <param name="MissingRuns">What extending the study by B would train now.</param>
public sealed record RuleDiffAnswer(
    StudyPosition At, RuleAnswer A, RuleAnswer B, IReadOnlyList<RankingDiff> Rankings, IReadOnlyList<TargetAnswer> Targets,
    IReadOnlyList<MissingRunAnswer> MissingRuns);

/// <summary>What is answered of rules.</summary>
internal static class RulesApi
{
    public static async Task<RulesAnswer> ListAsync(View view) => new([.. (await view.BookAsync()).All.Select(RuleAnswer.Of)]);

    public static async Task<RuleDiffAnswer> DiffAsync(View view)
    {
        var book = await view.BookAsync();
        var (a, b) = (View.RuleOf(book, Named(view, "a")), View.RuleOf(book, Named(view, "b")));
        var shown = await view.StudyAsync(Named(view, "study"), [a, b], StudyDepth.All);
        foreach (var rule in (AggregationRule[])[a, b])
            StudyPlan.CheckEpoch(shown.Study.Spec, rule);
        shown.Facts.CheckMeasured();
        var diff = RuleDiff.Of(shown.Facts, a, b);
        return new(
            StudyPosition.Of(shown), RuleAnswer.Of(a), RuleAnswer.Of(b), diff.Rankings,
            [.. diff.Targets.Select(t => new TargetAnswer(t.Model, t.Domain, t.Role, t.A.Text, t.B.Text))],
            [.. diff.MissingRuns.Select(r => new MissingRunAnswer(r.Id, r.Model, r.Domain, r.Role, r.Tuning.Text, r.Seed))]);
    }

    private static string Named(View view, string parameter) =>
        view[parameter] ?? throw new BadQuery($"{parameter} is missing; a and b are rules, study the study that they rank.");

    public static async Task<RuleAnswer> ShowAsync(View view) => RuleAnswer.Of(View.RuleOf(await view.BookAsync(), view.Part("rule")));
}
