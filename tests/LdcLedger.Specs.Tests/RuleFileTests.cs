using System.Reflection;
using CsCheck;
using LdcLedger.Cli.Tests;
using LdcLedger.Domain.Rules;
using Xunit;

namespace LdcLedger.Specs.Tests;

public sealed class RuleFileTests
{
    private static readonly Gen<AggregationRule> Rules =
        from name in Gen.OneOfConst("mine", "null", "1e3", "a.b-c_d")
        from measure in Gen.OneOfConst([.. Measure.Rows.Names])
        from over in Gen.OneOfConst([.. RuleScope.Rows.Names])
        from combine in Gen.OneOfConst([.. Combination.Rows.Names])
        from epoch in Gen.Int[0, 9]
        from seeds in Gen.OneOfConst([.. SeedCombination.Rows.Names])
        from ties in Gen.OneOfConst([.. TieBreak.Rows.Names])
        from top in Gen.Int[1, 9]
        from perplexity in Gen.OneOfConst([.. Normalisation.Rows.Names])
        select new AggregationRule(
            name, 1, measure, over, over == "block" ? combine : "sum", epoch == 0 ? null : epoch, seeds, ties, top, perplexity);

    [Fact]
    public void What_is_shown_of_a_rule_is_a_file_that_reads_back_as_it()
    {
        using var folder = new Folder();
        Rules.Sample(rule => RuleFile.Read(folder.Write("rule.yaml", RuleFile.Text(rule))) == rule, threads: 1, iter: 300);
        Assert.All(AggregationRule.BuiltIn, rule => Assert.Equal(rule, RuleFile.Read(folder.Write("rule.yaml", RuleFile.Text(rule)))));
    }

    [Fact]
    public void Every_field_of_a_rule_is_a_key_that_is_read_and_shown()
    {
        var text = RuleFile.Text(AggregationRule.BlockSum);
        var fields = typeof(AggregationRule).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Select(p => p.Name.ToLowerInvariant()).Where(field => field is not ("version" or "equalitycontract")).ToList();
        Assert.Equal(fields, text.Split('\n').Where(l => l.Contains(": ")).Select(l => l[..l.IndexOf(':')]));
        // A key that reading does not know is refused: all of these are known.
        Assert.Equal(AggregationRule.BlockSum, Read(text));
    }

    [Fact]
    public void Everything_but_the_name_has_a_default() =>
        Assert.Equal(AggregationRule.BlockSum with { Name = "mine" }, Read("name: mine"));

    [Theory]
    [InlineData("name: mine\nmesure: rms", 2, 1, "unknown key 'mesure'; did you mean 'measure'?")]
    [InlineData("name: mine\nmeasure: frobnius", 2, 10, "measure: 'frobnius' is unknown; allowed are frobenius, relative, rms")]
    [InlineData("name: mine\nseeds: average", 2, 8, "seeds: 'average' is unknown; allowed are mean, median, max")]
    [InlineData("name: mine\nties: higher", 2, 7, "ties: 'higher' is unknown; allowed are lower-layer, other-group")]
    [InlineData("name: mine\nover: component\ncombine: sum", 3, 10,
        "combine says how a block's projections become one number; over: component has nothing to combine, so leave it out")]
    [InlineData("name: mine\nepoch: first", 2, 8, "epoch must be last or a whole number, not 'first'")]
    [InlineData("name: mine\nepoch: 0", 2, 8, "epoch is 0; allowed is 1 to 100000")]
    [InlineData("name: mine\ntop: 0", 2, 6, "top is 0; allowed is 1 to 1000")]
    [InlineData("name: mine@2", 1, 7,
        "name: 'mine@2' cannot be part of a file name; allowed are letters and digits of any script, '.', '-' and '_', "
            + "beginning with a letter or digit")]
    [InlineData("measure: rms", 1, 1, "the rule has no name")]
    [InlineData("", 1, 1, "the file is empty; a rule file has at least the key name")]
    [InlineData("# nothing\n", 1, 1, "the file is empty; a rule file has at least the key name")]
    [InlineData("- mine", 1, 1,
        "a rule file must be a mapping of name, measure, over, combine, epoch, seeds, ties, top, perplexity, not a list")]
    [InlineData("name: mine\n---\nname: yours", 2, 1, "a second document begins here; a rule file is one document")]
    public void What_is_wrong_is_named_at_its_place(string text, int line, int column, string message) =>
        Assert.Contains(new SpecFinding(line, column, message), Refused(text));

    [Fact]
    public void What_is_no_file_of_a_rule_is_refused_by_name()
    {
        using var folder = new Folder();
        Assert.Equal($"{folder.Path}: this is a folder; a rule file is a YAML file",
            Assert.Throws<InvalidSpecException>(() => RuleFile.Read(folder.Path)).Message);
        Assert.Equal("/nowhere.yaml: there is no such file; `ldc rules show block-sum` prints one to begin with",
            Assert.Throws<InvalidSpecException>(() => RuleFile.Read("/nowhere.yaml")).Message);
        Assert.EndsWith($"; a rule file has at most {SpecTree.MaxBytes}", Assert.Throws<InvalidSpecException>(
            () => RuleFile.Read(folder.Write("huge.yaml", "name: mine\n#" + new string('x', SpecTree.MaxBytes)))).Message);
    }

    private static AggregationRule Read(string text)
    {
        using var folder = new Folder();
        return RuleFile.Read(folder.Write("rule.yaml", text));
    }

    private static IReadOnlyList<SpecFinding> Refused(string text) => Assert.Throws<InvalidSpecException>(() => Read(text)).Findings;
}
