using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Domain.Tables;

/// <summary>Everything a report states, read from the read models at one position of the study.</summary>
/// <param name="Position">Number of the study's events, in ledger order.</param>
/// <param name="Root">RFC 6962 root over them, lower-case hexadecimal.</param>
/// <param name="AsOf">Time of the last of them; a report's only clock.</param>
public sealed record StudyFacts(
    StudySummary Study, IReadOnlyList<RunSummary> Runs, IReadOnlyList<RunNorms> Norms, IReadOnlyList<RunPerplexity> Perplexities,
    long Position, string Root, DateTimeOffset AsOf)
{
    /// <summary>
    /// Rankings that are kept, of the completed runs of this very moment, under whichever rules. Under any other rule tables rank by
    /// <see cref="Norms"/>, with the same result.
    /// </summary>
    public IReadOnlyList<DomainRankings> Rankings { get; init; } = [];

    /// <summary>Training losses of the runs that completed an epoch, in the order of planning.</summary>
    public IReadOnlyList<RunLosses> Losses { get; init; } = [];

    /// <summary>The rules that the study was extended by, in order.</summary>
    public IReadOnlyList<RuleExtension> Extensions { get; init; } = [];

    /// <exception cref="RuleViolation">There is nothing yet that a rule could rank by.</exception>
    public void CheckMeasured()
    {
        if (Norms.Count == 0)
            throw new RuleViolation($"study {Study.Name} has no norms yet: no run has completed an epoch, "
                + "so there is nothing that a rule could rank by.");
    }

    /// <summary>With runs, and what they measured, in the order of planning, whatever order they were read in.</summary>
    public static StudyFacts InOrder(
        StudySummary study, IEnumerable<RunSummary> runs, IEnumerable<RunNorms> norms, IEnumerable<RunPerplexity> perplexities,
        IEnumerable<RunLosses> losses, IReadOnlyList<RuleExtension> extensions, long position, string root, DateTimeOffset asOf)
    {
        var ordered = OrderOfPlanning(runs);
        var place = ordered.Select((run, i) => (run.Id, i)).ToDictionary(p => p.Id, p => p.i);
        return new(
            study, ordered, [.. norms.OrderBy(n => place[n.Id])], [.. perplexities.OrderBy(p => place[p.Id])], position, root, asOf)
        {
            Losses = [.. losses.OrderBy(l => place[l.Id])], Extensions = extensions,
        };
    }

    /// <summary>Runs in the order in which lists and reports have them.</summary>
    public static IReadOnlyList<RunSummary> OrderOfPlanning(IEnumerable<RunSummary> runs) =>
    [
        .. runs.OrderBy(r => r.PlannedAt).ThenBy(r => r.Model, StringComparer.Ordinal).ThenBy(r => r.Domain, StringComparer.Ordinal)
            .ThenBy(r => r.Stage).ThenBy(r => r.Role, StringComparer.Ordinal).ThenBy(r => r.Seed).ThenBy(r => r.Id),
    ];
}
