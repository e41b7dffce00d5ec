using System.Globalization;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Statistics;

namespace LdcLedger.Domain.Tables;

/// <param name="Key">pt, mlp, attention, all, top1_mlp, ...: as in files.</param>
/// <param name="Title">PT, MLP, Attn, Both, Top-1 MLP, ...: as in print.</param>
/// <param name="Targeted">Whether it adapts only some layers: the columns that compete for the bold number.</param>
public sealed record PerplexityColumn(string Key, string Title, bool Targeted);

/// <param name="Value">Pooled over seeds; null where no run completed.</param>
/// <param name="OverSeeds">Nats per token of the runs, one each; null where no run completed.</param>
/// <param name="Normalised">By the rule; higher is better.</param>
/// <param name="Best">The best of the targeted columns of its row (of equals, each); none where one of them has no value, or has runs to
/// come.</param>
/// <param name="Tuning">What the cell's runs adapt; null where the ranking that decides it is missing.</param>
/// <param name="Runs">Ids of the runs pooled.</param>
/// <param name="Note">Why it is empty, or which seeds lack; else null.</param>
public sealed record PerplexityCell(
    Perplexity? Value, Estimate? OverSeeds, double? Normalised, bool Best, Tuning? Tuning, IReadOnlyList<Guid> Runs, string? Note)
{
    /// <summary>
    /// 95 % interval of the perplexity: that of the mean of nats per token, as PPL, so that it is never below 1 and not even on both
    /// sides. Null of a single run.
    /// </summary>
    public Interval? Confidence => OverSeeds?.Confidence?.Map(nats => PortableMath.Exp(Math.Max(nats, 0)));
}

public sealed record PerplexityRow(string Model, string Domain, IReadOnlyList<PerplexityCell> Cells);

/// <summary>
/// Held-out perplexity of the pretrained model and of every tuned one: a row per model and domain in the order of the spec. Under
/// another rule the targeted columns may be other runs, or runs that do not exist.
/// </summary>
public sealed record PerplexityTable(
    AggregationRule Rule, IReadOnlyList<PerplexityColumn> Columns, IReadOnlyList<PerplexityRow> Rows)
{
    public static PerplexityTable Of(StudyFacts facts, AggregationRule rule)
    {
        var spec = facts.Study.Spec;
        var regimes = Regimes.InTables.Where(r => spec.Regimes.Contains(r.Name)).ToList();
        var targets = (from k in spec.Stage2.Top from @group in spec.Stage2.Groups select (K: k, Group: @group)).ToList();
        IReadOnlyList<PerplexityColumn> columns =
        [
            new("pt", "PT", false),
            .. regimes.Select(s => new PerplexityColumn(s.Name, s.Title, false)),
            .. targets.Select(t => new PerplexityColumn(
                string.Create(CultureInfo.InvariantCulture, $"top{t.K}_{t.Group}"), Regimes.Group(t.Group).Top(t.K), true)),
        ];
        var rows = StudyCell.Of(facts).Select(cell =>
        {
            IEnumerable<(Tuning?, TunedRuns)> runs =
            [
                .. regimes.Select(s => cell.Full(s.Name)).Prepend(Tuning.Pretrained).Select(t => ((Tuning?)t, cell.Runs(t))),
                .. targets.Select(t => cell.Targeted(rule, t.K, t.Group)),
            ];
            return new PerplexityRow(
                cell.Model, cell.Domain,
                CellsOf(rule, columns, [.. runs.Select(r => CellOf(r.Item1, r.Item2))], facts.Study.EndedAt is not null));
        });
        return new(rule, columns, [.. rows]);
    }

    private static PerplexityCell CellOf(Tuning? tuning, TunedRuns runs)
    {
        var measured = runs.Perplexities;
        var note = runs.Missing ?? (measured.Count < runs.Completed.Count ? "completed, but no perplexity was recorded" : null);
        if (measured.Count == 0)
            return new(null, null, null, false, tuning, [], note);
        var nats = Estimate.Of([.. measured.Select(p => Perplexity.Of([p]).NatsPerToken)]);
        return new(Perplexity.Of(measured), nats, null, false, tuning, [.. measured.Select(p => p.Id)], note);
    }

    /// <summary>Fills in what depends on the whole row: the normalised values, and which targeted column is best.</summary>
    /// <param name="hasEnded">Whether seeds that are missing will stay so: else they may change which column is the best.</param>
    private static IReadOnlyList<PerplexityCell> CellsOf(
        AggregationRule rule, IReadOnlyList<PerplexityColumn> columns, IReadOnlyList<PerplexityCell> cells, bool hasEnded)
    {
        var values = cells.Select(c => c.Value?.Value).ToList();
        var normalised = Normalisation.Rows[rule.Perplexity].Of(values[0], values);
        // The lowest PPL is the highest normalised value under every normalisation, and also there where PT is missing.
        var targeted = cells.Where((_, i) => columns[i].Targeted).ToList();
        var areKnown = targeted.TrueForAll(c => c.Value is not null && (hasEnded || c.Note is null));
        var best = areKnown ? targeted.Min(c => c.Value?.Value) : null;
        return [.. cells.Select((c, i) =>
            c with { Normalised = normalised[i], Best = columns[i].Targeted && best is not null && values[i] == best })];
    }
}
