using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Views;
using LdcLedger.Reports.Comparisons;

namespace LdcLedger.Web.Views;

/// <summary>Two studies, or one at two positions, whose reports are laid beside each other: `ldc report diff`.</summary>
public sealed record ReportSides(ShownStudy Left, ShownStudy Right, AggregationRule? Rule, ReportComparison Compared)
{
    /// <exception cref="NotThere">A study or the rule is not there.</exception>
    /// <exception cref="BadQuery">A side is not named, or no moment is one.</exception>
    /// <exception cref="RuleViolation">Their tables cannot be compared.</exception>
    public static async Task<ReportSides> OfAsync(View view, ShownReports reports)
    {
        var rule = (await view.RulesAsync(most: 1))?[0];
        var (left, right) = (await SideAsync(view, "left", rule), await SideAsync(view, "right", rule));
        var compared = await reports.Work.RunAsync(
            () => ReportComparison.Of(Tables(left, "left"), Tables(right, "right"), []), view.Cancellation);
        return new(left, right, rule, compared);

        StatedTables Tables(ShownStudy side, string name) => StatedTables.Of(
            reports.Document(side, [rule ?? side.Study.Rule]),
            FormattableString.Invariant($"{side.Study.Name} at {side.Facts.Position} ({name})"));
    }

    private static async Task<ShownStudy> SideAsync(View view, string side, AggregationRule? rule) => await view.StudyAsync(
        view[side] ?? throw new BadQuery($"{side} names a study: its id, a prefix of it, or its name."),
        rule is null ? null : [rule], StudyDepth.All, view.Moment($"{side}At"));
}
