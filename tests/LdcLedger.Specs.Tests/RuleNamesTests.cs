using LdcLedger.Cli.Tests;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using Xunit;

namespace LdcLedger.Specs.Tests;

public sealed class RuleNamesTests
{
    private static readonly AggregationRule Mine = AggregationRule.BlockSum with { Name = "mine", Seeds = "median" };
    private static readonly RuleBook Rules = new([Mine, Mine with { Version = 2, Top = 1 }, Mine with { Name = "single" }]);

    [Theory]
    [InlineData("block-sum", "block-sum")]
    [InlineData("block-sum@1", "block-sum")]
    [InlineData("mine", "mine@2")]
    [InlineData("mine@1", "mine@1")]
    public void On_the_command_line_a_name_alone_is_the_newest(string text, string found) =>
        Assert.Equal(found, RuleNames.Find(Rules, text).Reference);

    [Theory]
    [InlineData("mien", "There is no rule 'mien'; did you mean 'mine'? `ldc rules list` shows them all.")]
    [InlineData("mine@3", "rule mine has versions 1 to 2, not 3.")]
    [InlineData("single@2", "rule single has version 1 alone, not 2.")]
    [InlineData("block-sum@2", "rule block-sum is built in and has version 1 alone, not 2.")]
    [InlineData("mine@x", "'mine@x' names no rule; a rule is named NAME or NAME@VERSION, such as block-sum or mine@2.")]
    public void A_rule_that_is_not_there_is_said_not_to_be(string text, string message) =>
        Assert.Equal(message, Assert.Throws<RuleViolation>(() => RuleNames.Find(Rules, text)).Message);

    [Fact]
    public void A_spec_names_the_version_of_a_rule_that_is_not_built_in()
    {
        Assert.Equal(Mine, Spec("mine@1", Rules).Rule);
        Assert.Equal(("mine@1", 2), (Spec("mine@1", Rules).Spec.Stage2.Rule, Spec("mine@2", Rules).Rule.Version));
        Assert.Equal("stage2.rule: 'mine' is not built in, so a spec needs its version: mine@2 is the newest", Refused("mine", Rules));
        Assert.Equal("stage2.rule: rule mine has versions 1 to 2, not 9", Refused("mine@9", Rules));
        Assert.Equal(
            "stage2.rule: 'yours@1' is unknown; allowed are block-sum, block-relative-mean, component-frobenius, mine@1, mine@2, single@1",
            Refused("yours@1", Rules));
        Assert.Equal("stage2.rule: 'a@b' names no rule; a rule is named NAME or NAME@VERSION, such as block-sum or mine@2",
            Refused("'a@b'", Rules));
    }

    [Fact]
    public void Without_a_ledger_a_spec_with_a_rule_of_one_is_read_and_its_rule_asked_for_in_vain()
    {
        Assert.Null(Spec("mine@1", null).KnownRule);
        Assert.Contains("study.yaml:3:17: stage2.rule: 'mine@1' is not built in, and there is no ledger here that has it",
            Assert.Throws<InvalidSpecException>(() => Spec("mine@1", null).Rule).Message, StringComparison.Ordinal);
        // What can be told without one is.
        Assert.StartsWith("stage2.rule: 'mine' is unknown; allowed are block-sum", Refused("mine", null));
        Assert.Equal("stage2.rule: rule block-sum is built in and has version 1 alone, not 2", Refused("block-sum@2", null));
        Assert.Equal(AggregationRule.BlockSum, Spec("block-sum", null).Rule);
    }

    private static SpecFile Spec(string rule, RuleBook? rules)
    {
        using var folder = new Folder();
        return SpecFile.Read(folder.Write("study.yaml",
            $"models: [{{ name: m, path: m }}]\ndomains: [{{ name: d, path: d }}]\nstage2: {{ rule: {rule} }}"), rules);
    }

    private static string Refused(string rule, RuleBook? rules) =>
        Assert.Single(Assert.Throws<InvalidSpecException>(() => Spec(rule, rules)).Findings).Message;
}
