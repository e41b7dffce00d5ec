using LdcLedger.Domain.Rules;
using Xunit;

namespace LdcLedger.Domain.Tests;

public sealed class RuleBookTests
{
    private static readonly AggregationRule Mine = AggregationRule.BlockSum with { Name = "mine", Seeds = "median" };

    [Fact]
    public void The_same_content_is_there_already_and_other_content_is_the_next_version()
    {
        Assert.Equal((Mine, true), RuleBook.BuiltIn.Define(Mine with { Version = 7 }));
        var book = new RuleBook([Mine]);
        Assert.Equal((Mine, false), book.Define(Mine));
        var other = Mine with { Ties = "other-group" };
        Assert.Equal((other with { Version = 2 }, true), book.Define(other));
        // What an earlier version says is there, though a newer one says something else.
        Assert.Equal((Mine, false), new RuleBook([Mine, other with { Version = 2 }]).Define(Mine));
    }

    [Fact]
    public void A_built_in_name_stays_what_it_is()
    {
        Assert.Equal((AggregationRule.BlockSum, false), RuleBook.BuiltIn.Define(AggregationRule.BlockSum with { Version = 4 }));
        var refused = Assert.Throws<RuleViolation>(() => RuleBook.BuiltIn.Define(AggregationRule.BlockSum with { Top = 2 }));
        Assert.Equal("Rule block-sum is built in and stays as it is; define yours under another name.", refused.Message);
    }

    [Fact]
    public void A_name_alone_is_the_newest_and_a_version_is_itself()
    {
        var book = new RuleBook([Mine, Mine with { Name = "another" }, Mine with { Version = 2, Top = 1 }]);
        Assert.Equal(2, book.Find(RuleReference.Parse("mine"))!.Version);
        Assert.Equal(Mine, book.Find(RuleReference.Parse("mine@1")));
        Assert.Null(book.Find(RuleReference.Parse("mine@3")));
        Assert.Same(AggregationRule.BlockSum, book.Find(RuleReference.Parse("block-sum@1")));
        Assert.Equal(
            ["block-sum", "block-relative-mean", "component-frobenius", "another@1", "mine@1", "mine@2"],
            book.All.Select(r => r.Reference));
    }

    [Theory]
    [InlineData("")]
    [InlineData("@2")]
    [InlineData("mine@")]
    [InlineData("mine@two")]
    [InlineData("mine@-1")]
    [InlineData("mine@0")]
    [InlineData("mine@1@2")]
    public void What_names_no_rule_is_refused_with_an_example(string text) => Assert.Equal(
        $"'{text}' names no rule; a rule is named NAME or NAME@VERSION, such as block-sum or mine@2.",
        Assert.Throws<RuleViolation>(() => RuleReference.Parse(text)).Message);

    [Fact]
    public void The_hash_of_a_rule_is_that_of_what_it_says()
    {
        // Written down once: read models are kept under it.
        Assert.Equal("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", AggregationRule.BlockSum.Hash);
        Assert.Equal(Mine.Hash, (Mine with { Name = "yours", Version = 9 }).Hash);
        AggregationRule[] others =
        [
            Mine, Mine with { Measure = "rms" }, Mine with { Over = "component" }, Mine with { Combine = "l2" }, Mine with { Epoch = 1 },
            Mine with { Seeds = "max" }, Mine with { Ties = "other-group" }, Mine with { Top = 2 }, Mine with { Perplexity = "relative" },
        ];
        Assert.Equal(others.Length, others.Select(r => r.Hash).Distinct().Count());
    }
}
