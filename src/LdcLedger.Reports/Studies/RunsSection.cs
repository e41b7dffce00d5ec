using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>
/// Every run, so that a number can be traced to its events; and before that the ones that did not complete, with the reason.
/// </summary>
internal static class RunsSection
{
    private const string RunsFile = "tables/runs.csv";

    public static IReadOnlyList<ReportSection> Of(StudyFacts facts, Numbering numbering)
    {
        var lost = facts.Runs.Where(r => r.Status != RunStatuses.Completed).ToList();
        // In reading order, because tables are numbered as they are built.
        IReadOnlyList<ReportSection> incomplete = lost.Count == 0 ? [] : [Lost(lost, numbering)];
        var all = new ReportSection("runs", "Runs", facts.Runs.Count == 0 ? [new Paragraph("No run has been planned yet.")] :
            [
                new Paragraph(
                    "Runs are listed by the first digits of their id; ldc run show ID prints a run’s history, event by event. " +
                    "The role is what a run was first planned for; the tables select runs by the projections that they adapt."),
                AllRuns(facts, numbering),
            ],
            []);
        return [.. incomplete, all];
    }

    public static DataFile Data(StudyFacts facts)
    {
        var perplexities = facts.Perplexities.ToDictionary(p => p.Id);
        return new(RunsFile,
            ["run", "model", "domain", "stage", "role", "tuning", "seed", "status",
                "perplexity", "total_nats", "scored_tokens", "bytes",
                "train_loss_nats", "steps", "trained_tokens", "seconds", "saved_sha256", "reason"],
            [.. facts.Runs.Select(r =>
            {
                var p = perplexities.GetValueOrDefault(r.Id);
                return (IReadOnlyList<object?>)
                [
                    r.Id.ToString(), r.Model, r.Domain, r.Stage, r.Role, r.Tuning, r.Seed, r.Status,
                    r.Perplexity, p?.TotalNats, p?.ScoredTokens, p?.Bytes,
                    r.TrainLossNats, r.Steps, r.TrainedTokens, r.Seconds, r.AdapterWeightsSha256 ?? r.ProjectionsSha256, r.Reason,
                ];
            })]);
    }

    private static ReportSection Lost(IReadOnlyList<RunSummary> lost, Numbering numbering) =>
        new("incomplete", "Runs that did not complete",
            [
                new ReportTable("incomplete", numbering.NextTable(), $"{Plural.Of(lost.Count, "run")} without a result, and why.",
                    [new("Run", ColumnKind.Exact), new("Model", ColumnKind.Words), new("Domain", ColumnKind.Words),
                        new("Role", ColumnKind.Words), new("Seed", ColumnKind.Number), new("Status", ColumnKind.Words),
                        new("Reason", ColumnKind.Words)],
                    [new(null, [.. lost.Select(r => (IReadOnlyList<ReportCell>)
                        [new(NameBasedGuid.Short(r.Id)), new(r.Model), new(r.Domain), new(r.Role), new(SeedOf(r)), new(r.Status),
                            new(r.Reason ?? Numbers.None)])])],
                    [])
                {
                    Data = RunsFile,
                },
            ],
            []);

    private static ReportTable AllRuns(StudyFacts facts, Numbering numbering)
    {
        var groups = facts.Runs.GroupBy(r => (r.Model, r.Domain)).Select(cell => new ReportRowGroup(
            $"{cell.Key.Model} · {cell.Key.Domain}",
            [.. cell.Select(r => (IReadOnlyList<ReportCell>)
            [
                new(NameBasedGuid.Short(r.Id)), new(r.Role), new(LayersOf(r)), new(SeedOf(r)), new(r.Status),
                new(r.Perplexity is { } p ? Numbers.Perplexity(p) : Numbers.None),
                new(r.Stage == 0 ? Numbers.None : Numbers.Count(r.Steps)),
                new(r.Stage == 0 ? Numbers.None : Numbers.Count(r.TrainedTokens)),
                new((r.AdapterWeightsSha256 ?? r.ProjectionsSha256) is { } sha ? sha[..Math.Min(12, sha.Length)] : Numbers.None),
            ])]));
        return new("runs", numbering.NextTable(), $"All runs of the study. Saved: first digits of the SHA-256 of {What(facts.Study.Spec)}.",
            [new("Run", ColumnKind.Exact), new("Role", ColumnKind.Words), new("Layers", ColumnKind.Words), new("Seed", ColumnKind.Number),
                new("Status", ColumnKind.Words), new("PPL", ColumnKind.Number), new("Steps", ColumnKind.Number),
                new("Tokens", ColumnKind.Number), new("Saved", ColumnKind.Exact)],
            [.. groups], []);
    }

    private static string What(StudySpec spec) => string.Join(", or of ", Regimes.MethodsOf(spec.Regimes).Select(method => method switch
    {
        TuningMethod.Lora => "the adapter’s weights",
        TuningMethod.Full => "the projections that were trained in full",
        _ => throw new ArgumentOutOfRangeException(nameof(spec), method, "This is not a tuning method."),
    }));

    private static string LayersOf(RunSummary run) =>
        Tuning.Parse(run.Tuning).Layers is { Count: > 0 } layers ? Numbers.Layers(layers) : Numbers.None;

    private static string SeedOf(RunSummary run) => run.Seed?.ToString(CultureInfo.InvariantCulture) ?? Numbers.None;
}
