using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Statistics;

namespace LdcLedger.Domain.Norms;

/// <summary>How often a layer is among the highest, had other seeds been drawn.</summary>
/// <param name="InTop">Probabilities, 0 to 1, in the order of <see cref="RankingStability.Tops"/>.</param>
public sealed record LayerStability(int Layer, IReadOnlyList<double> InTop);

/// <summary>
/// How far a group's ranking depends on which seeds were run: the probability of each layer to be among the highest, by the
/// <see cref="Bootstrap"/> over seeds. A layer of probability 1 is there whichever of the seeds count; it says nothing of seeds that
/// would be unlike all of them.
/// </summary>
/// <param name="Seeds">2 or more.</param>
/// <param name="Tops">How many layers count as the highest, ascending: 1, 3.</param>
/// <param name="Layers">Every layer, in the order of the ranking.</param>
public sealed record RankingStability(int Seeds, IReadOnlyList<int> Tops, IReadOnlyList<LayerStability> Layers)
{
    /// <summary>The numbers of highest layers that are looked at where a study targets none.</summary>
    public static readonly IReadOnlyList<int> UsualTops = [1, 3];

    /// <param name="allRuns">Norms of the completed <c>all</c> runs, one per seed, in any order.</param>
    /// <param name="tops">Each 1 or more.</param>
    /// <returns>Null of fewer than two seeds: a single one says nothing of how another would rank.</returns>
    public static RankingStability? Of(AggregationRule rule, IReadOnlyList<RunNorms> allRuns, string group, IEnumerable<int> tops)
    {
        if (allRuns.Count < 2)
            return null;
        IReadOnlyList<int> wanted = [.. tops.Distinct().Order()];
        var groups = new Dictionary<string, SeededUnits>();
        var ranking = Rankings.Of(rule, allRuns, group);
        var held = ranking.Layers.ToDictionary(l => l.Layer, _ => new long[wanted.Count]);
        var total = 0L;
        foreach (var (counts, weight) in Bootstrap.Resamples(allRuns.Count))
        {
            total += weight;
            var ranked = Rankings.InOrder(rule, group, g => UnitsOf(g).Scores(counts));
            for (var k = 0; k < wanted.Count; k++)
                foreach (var layer in ranked.Top(wanted[k]))
                    held[layer][k] += weight;
        }
        return new(allRuns.Count, wanted,
            [.. ranking.Layers.Select(l => new LayerStability(l.Layer, [.. held[l.Layer].Select(h => (double)h / total)]))]);

        SeededUnits UnitsOf(string of) =>
            groups.TryGetValue(of, out var units) ? units : groups[of] = new(rule, allRuns, of);
    }

    // The values of every unit in each run, read once: there are hundreds of resamples.
    private sealed class SeededUnits
    {
        private readonly SeedCombination _combination;
        private readonly List<(int Layer, double?[] Values)> _units = [];
        private readonly List<double> _drawn = [];

        public SeededUnits(AggregationRule rule, IReadOnlyList<RunNorms> runs, string group)
        {
            _combination = SeedCombination.Rows[rule.Seeds];
            var values = new Dictionary<(int Layer, string? Projection), double?[]>();
            foreach (var (seed, run) in runs.OrderBy(run => run.Seed).Index())
                foreach (var unit in Rankings.Units(rule, [run], group))
                {
                    if (!values.TryGetValue((unit.Layer, unit.Projection), out var ofSeeds))
                        values[(unit.Layer, unit.Projection)] = ofSeeds = new double?[runs.Count];
                    ofSeeds[seed] = unit.Value;
                }
            _units = [.. values.Select(v => (v.Key.Layer, v.Value)).OrderBy(v => v.Layer)];
        }

        public IReadOnlyList<LayerScore> Scores(IReadOnlyList<int> counts)
        {
            var scores = new List<LayerScore>();
            foreach (var (layer, values) in _units)
            {
                _drawn.Clear();
                for (var seed = 0; seed < values.Length; seed++)
                    for (var i = 0; i < counts[seed] && values[seed] is { } value; i++)
                        _drawn.Add(value);
                if (_drawn.Count == 0)
                    continue;
                var score = _combination.Of(_drawn);
                if (scores.Count == 0 || scores[^1].Layer != layer)
                    scores.Add(new(layer, score));
                else if (score.CompareTo(scores[^1].Score) > 0)
                    scores[^1] = new(layer, score);
            }
            return scores;
        }
    }
}
