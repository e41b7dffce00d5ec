using System.Globalization;
using System.Text;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Specs;

/// <summary>An aggregation rule as a YAML file: what <c>ldc rules add</c> takes and <c>ldc rules show</c> prints.</summary>
public static class RuleFile
{
    private const int MostEpochs = 100_000, MostUnits = 1_000;
    private const string LastEpoch = "last";

    // Everything but the name has the value of block-sum.
    private static readonly AggregationRule Usual = AggregationRule.BlockSum;

    /// <summary>Reads and checks a rule; its version is 1 until a ledger gives it one.</summary>
    /// <exception cref="InvalidSpecException">With every finding.</exception>
    public static AggregationRule Read(string path) => Of(path, SpecTree.Read(path, SpecKind.Rule));

    /// <summary>The same of a text that is in no file.</summary>
    /// <param name="name">As findings name it.</param>
    /// <exception cref="InvalidSpecException">With every finding.</exception>
    public static AggregationRule Parse(string name, string text) => Of(name, SpecTree.Parse(name, text, SpecKind.Rule));

    private static AggregationRule Of(string path, SpecNode tree)
    {
        var reading = new SpecReading(SpecKind.Rule);
        var rule = new SpecSection(
            "", tree, reading,
            "name", "measure", "over", "combine", "epoch", "seeds", "ties", "top", "perplexity");
        var name = rule.Required("name");
        FileNames.Check(reading, "name", name);
        var over = rule.Choice("over", Usual.Over, RuleScope.Rows.Names);
        if (!RuleScope.Rows[over].IsBlock && rule.Node("combine") is { } combined)
            reading.Note(combined,
                $"combine says how a block's projections become one number; over: {over} has nothing to combine, so leave it out");
        var read = new AggregationRule(
            name, 1,
            rule.Choice("measure", Usual.Measure, Measure.Rows.Names),
            over,
            rule.Choice("combine", Usual.Combine, Combination.Rows.Names),
            rule.WholeOr("epoch", LastEpoch, 1, MostEpochs),
            rule.Choice("seeds", Usual.Seeds, SeedCombination.Rows.Names),
            rule.Choice("ties", Usual.Ties, TieBreak.Rows.Names),
            rule.Whole("top", Usual.Top, 1, MostUnits),
            rule.Choice("perplexity", Usual.Perplexity, Normalisation.Rows.Names));
        return reading.Findings.Count == 0 ? read : throw new InvalidSpecException(path, reading.Findings);
    }

    /// <summary>The rule as <see cref="Read(string)"/> takes it, every default written out.</summary>
    public static string Text(AggregationRule rule)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {rule.Reference}\n");
        // Of all names only this word would not read back as a text.
        Line("name", rule.Name.Equals("null", StringComparison.OrdinalIgnoreCase) ? $"'{rule.Name}'" : rule.Name, null);
        Line("measure", rule.Measure, Measure.Rows.Names);
        Line("over", rule.Over, RuleScope.Rows.Names);
        if (RuleScope.Rows[rule.Over].IsBlock)
            Line("combine", rule.Combine, Combination.Rows.Names);
        Line("epoch", rule.Epoch?.ToString(CultureInfo.InvariantCulture) ?? LastEpoch, [LastEpoch, "1, 2, ..."]);
        Line("seeds", rule.Seeds, SeedCombination.Rows.Names);
        Line("ties", rule.Ties, TieBreak.Rows.Names);
        Line("top", rule.Top.ToString(CultureInfo.InvariantCulture), null);
        Line("perplexity", rule.Perplexity, Normalisation.Rows.Names);
        return text.ToString();

        void Line(string key, string value, IReadOnlyList<string>? allowed)
        {
            var line = $"{key}: {value}";
            text.Append(allowed is null ? line : $"{line,-24} # {string.Join(" | ", allowed)}").Append('\n');
        }
    }
}
