using LdcLedger.Domain.Rules;
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

/// <summary>What is answered of rules.</summary>
internal static class RulesApi
{
    public static async Task<RulesAnswer> ListAsync(View view) => new([.. (await view.BookAsync()).All.Select(RuleAnswer.Of)]);

    public static async Task<RuleAnswer> ShowAsync(View view) => RuleAnswer.Of(View.RuleOf(await view.BookAsync(), view.Part("rule")));
}
