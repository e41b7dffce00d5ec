using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;

namespace LdcLedger.Cli.Studies;

/// <summary>What a study found, as tables on stdout: the same numbers as in its report, rounded.</summary>
internal static class ResultTables
{
    public static void Print(StudyFacts facts) => Print(facts, facts.Study.Rule);

    public static void Print(StudyFacts facts, AggregationRule rule)
    {
        PrintPerplexities(facts, rule);
        if (facts.Study.Spec.Stage2.Groups.Count == 0)
            return;
        PrintNorms(facts, rule);
        PrintRankings(facts, rule);
    }

    private static void PrintPerplexities(StudyFacts facts, AggregationRule rule)
    {
        var perplexities = PerplexityTable.Of(facts, rule);
        if (perplexities.Rows.All(r => r.Cells.All(c => c.Value is null)))
            return;
        var table = new TextTable(["model", "domain", .. perplexities.Columns.Select(c => ">" + c.Title)]);
        foreach (var row in perplexities.Rows)
        {
            table.Add([row.Model, row.Domain, .. row.Cells.Select(c => c.Normalised is { } n
                ? n.ToString("0.0000", CultureInfo.InvariantCulture) + (c.Best ? "*" : " ")
                : "- ")]);
            table.Add(["", "  PPL", .. row.Cells.Select(c => c.Value is { } ppl
                ? ppl.Value.ToString("0.00", CultureInfo.InvariantCulture) + " "
                : "- ")]);
        }
        Screen.Print("");
        Screen.Print(
            $"Held-out perplexity, normalised ({rule.Perplexity}; higher is better; * best of the targeted columns), and PPL below");
        Screen.Print(table);
    }

    private static void PrintNorms(StudyFacts facts, AggregationRule rule)
    {
        foreach (var norms in AggregatedNormTable.Of(facts, rule))
        {
            if (norms.Rows.All(r => r.Full.Value is null))
                continue;
            var table = new TextTable("domain", "group", ">full", ">ensemble", ">solo");
            foreach (var row in norms.Rows)
                table.Add(row.Domain, row.Title, Scientific(row.Full), Scientific(row.Ensemble), Scientific(row.Solo));
            Screen.Print("");
            Screen.Print($"Aggregated update norms of {norms.Model} ({rule.Reference}): average of the full run, "
                + "average of the ensemble run, top of the solo run");
            Screen.Print(table);
        }
    }

    private static void PrintRankings(StudyFacts facts, AggregationRule rule)
    {
        var rankings = RankingTable.WithStability(facts, rule);
        if (rankings.Rows.All(r => r.Layers.Count == 0))
            return;
        var groups = rankings.Rows.Select(r => r.Group).Distinct().ToList();
        var table = new TextTable(["model", "domain", .. groups.Select(g => $"{Regimes.Group(g).Title} layers, best first")]);
        foreach (var cell in rankings.Rows.GroupBy(r => (r.Model, r.Domain)))
            table.Add([cell.Key.Model, cell.Key.Domain, .. groups.Select(g =>
                cell.FirstOrDefault(r => r.Group == g) is { Layers.Count: > 0 } row
                    ? string.Join(' ', row.Layers.Take(Math.Max(3, rule.Top)).Select((l, i) => $"{l.Layer}{Stability(row, i)}"))
                    : "-")]);
        Screen.Print("");
        var seeds = rankings.Rows.Max(r => r.Stability?.Seeds);
        Screen.Print($"Top layers ({rule.Reference})" + (seeds is null ? ""
            : $"; in brackets, how often a layer is in the top {rankings.Tops[^1]} "
                + $"when {seeds} seeds are drawn again from those there are"));
        Screen.Print(table);
    }

    private static string Stability(RankingRow row, int rank) => row.Stability?.Layers[rank].InTop[^1] is { } p
        ? string.Create(CultureInfo.InvariantCulture, $" ({100 * p:0} %)") : "";

    private static string Scientific(NormCell cell) => cell.Value is { } v ? v.ToString("0.000e+00", CultureInfo.InvariantCulture) : "-";
}
