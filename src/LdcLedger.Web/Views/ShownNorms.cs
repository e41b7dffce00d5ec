using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Views;

namespace LdcLedger.Web.Views;

/// <summary>Which of a study's norms are shown: under a rule, after one epoch or the rule's own, of one seed or of all.</summary>
/// <param name="Study">With its norms; of one seed alone where one was chosen.</param>
/// <param name="Named">The rule as it is named.</param>
/// <param name="Rule">The same, after the epoch that was chosen.</param>
/// <param name="Epoch">Null: that of the rule.</param>
/// <param name="Seed">Null: all.</param>
public sealed record ShownNorms(ShownStudy Study, AggregationRule Named, AggregationRule Rule, int? Epoch, int? Seed)
{
    /// <summary>What an address chooses them by.</summary>
    public static readonly IReadOnlyList<string> Parameters = ["rule", "epoch", "seed"];

    /// <param name="depth">How much of the study is wanted: norms at least.</param>
    /// <exception cref="BadQuery">The study has no such epoch or seed.</exception>
    public static async Task<ShownNorms> OfAsync(View view, StudyDepth depth = StudyDepth.All)
    {
        var chosen = await view.RulesAsync(most: 1);
        var study = await view.StudyAsync(chosen, depth);
        var (named, spec) = (chosen?[0] ?? study.Study.Rule, study.Study.Spec);
        var epoch = (int?)view.Whole("epoch", 1, spec.Training.Epochs);
        var seed = (int?)view.Whole("seed", int.MinValue, int.MaxValue);
        if (seed is { } one && !spec.Seeds.Contains(one))
            throw new BadQuery(
                $"seed is {one}; the study's {(spec.Seeds.Count == 1 ? "seed is" : "seeds are")} {string.Join(", ", spec.Seeds)}.");
        return new(seed is null ? study : study with { Facts = OfSeed(study.Facts, seed.Value) }, named,
            epoch is null ? named : named with { Epoch = epoch }, epoch, seed);
    }

    /// <summary>Told apart from others of the same study.</summary>
    public string Key => FormattableString.Invariant($"seed {Seed}");

    private static StudyFacts OfSeed(StudyFacts facts, int seed)
    {
        var runs = facts.Runs.Where(run => run.Seed is null || run.Seed == seed).ToList();
        var ids = runs.Select(run => run.Id).ToHashSet();
        return facts with
        {
            Study = facts.Study with { Spec = facts.Study.Spec with { Seeds = [seed] } }, Runs = runs, Rankings = [],
            Norms = [.. facts.Norms.Where(norms => ids.Contains(norms.Id))],
            Perplexities = [.. facts.Perplexities.Where(perplexity => ids.Contains(perplexity.Id))],
            Losses = [.. facts.Losses.Where(losses => ids.Contains(losses.Id))],
        };
    }
}
