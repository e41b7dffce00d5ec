using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Views;
using LdcLedger.Specs;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>
/// <c>/studies/{study}/playground</c>: a rule is written, and what would follow from it is seen; the text is in the address, and nothing is
/// written anywhere.
/// </summary>
public sealed partial class PlaygroundPage
{
    // An address holds no more: some 8 KB with every sign of YAML as three. A rule has ten lines.
    private const int LongestText = 2500;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required ShownStudy Study { get; set; }

    [Parameter, EditorRequired]
    public required string Text { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<AggregationRule> Known { get; set; }

    /// <summary>Null where the text is no rule, or none that the study can be ranked by.</summary>
    [Parameter]
    public RuleTrial? Trial { get; set; }

    /// <summary>What is wrong with the text, at its places.</summary>
    [Parameter]
    public IReadOnlyList<SpecFinding> Findings { get; set; } = [];

    private string Brief => Domain.Identity.NameBasedGuid.Short(Study.Id);

    internal static async Task<ShownPage> LoadAsync(View view, HeavyWork work)
    {
        var from = await view.RulesAsync(most: 1);
        var study = await view.StudyAsync(depth: StudyDepth.All);
        var text = view[View.RuleText] ?? BeginningOf(from?[0] ?? study.Study.Rule);
        var (trial, findings) = await TryAsync(view, study, text, work);
        return ShownPage.Of<PlaygroundPage>(
            (nameof(Study), study), (nameof(Text), text), (nameof(Known), (await view.BookAsync()).Newest),
            (nameof(Trial), trial), (nameof(Findings), findings));
    }

    private static async Task<(RuleTrial? Trial, IReadOnlyList<SpecFinding> Findings)> TryAsync(
        View view, ShownStudy study, string text, HeavyWork work)
    {
        try
        {
            return (await RuleTrial.OfAsync(view, study, text, work), []);
        }
        catch (InvalidSpecException wrong)
        {
            return (null, wrong.Findings);
        }
        catch (RuleViolation refused)
        {
            return (null, [new(0, 0, refused.Message.TrimEnd('.'))]);
        }
    }

    // A built-in name stays what it is: to be changed, a rule needs one of its own.
    private static string BeginningOf(AggregationRule rule)
    {
        var lines = RuleFile.Text(rule).Split('\n').Skip(1);
        return string.Join('\n', lines.Select(
            line => rule.IsBuiltIn && line.StartsWith("name:", StringComparison.Ordinal) ? "name: mine" : line));
    }
}
