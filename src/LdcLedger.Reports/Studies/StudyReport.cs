using System.Reflection;
using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>Everything that one rule says about a study.</summary>
internal sealed record RuleResults(
    AggregationRule Rule, PerplexityTable Perplexities, TargetedGains Gains, RankingTable Rankings, IReadOnlyList<NormFigure> Figures,
    IReadOnlyList<AggregatedNormTable> Norms, NormFindings Findings, IReadOnlyList<EfficiencyRow> Efficiency,
    IReadOnlyList<NormMap> DomainMaps, IReadOnlyList<NormMap> ProjectionMaps, IReadOnlyList<LoraProxy> Proxies)
{
    /// <param name="withStability">Whether rankings say how far they depend on the seeds, which takes longest of all.</param>
    public static RuleResults Of(StudyFacts facts, AggregationRule rule, bool withStability = true)
    {
        var perplexities = PerplexityTable.Of(facts, rule);
        var norms = AggregatedNormTable.Of(facts, rule);
        return new(
            rule, perplexities, TargetedGains.Of(facts, perplexities),
            withStability ? RankingTable.WithStability(facts, rule) : RankingTable.Of(facts, rule), NormFigure.Of(facts, rule), norms,
            NormFindings.Of(facts, rule, norms), EfficiencyRow.Of(facts, perplexities), NormMap.ByDomain(facts, rule),
            NormMap.ByProjection(facts, rule), LoraProxy.Of(facts, rule));
    }
}

/// <summary>
/// Builds the report of a study: pure, so the same facts under the same rules give the same document, and its renderers the same
/// bytes.
/// </summary>
public static class StudyReport
{
    /// <summary>Version of ldc that builds the report; part of its provenance.</summary>
    public static readonly string LdcVersion =
        typeof(StudyReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The report under the study's own rule.</summary>
    public static ReportDocument Build(StudyFacts facts) => Build(facts, [facts.Study.Rule]);

    /// <param name="rules">
    /// At least one, none twice; the first is the report's main one, whose files have no folder of their own.
    /// </param>
    public static ReportDocument Build(StudyFacts facts, IReadOnlyList<AggregationRule> rules)
    {
        if (rules.Count == 0)
        {
            var known = Plural.List([.. AggregationRule.BuiltIn.Select(r => r.Name)]);
            throw new RuleViolation($"A report needs at least one rule; the built-in rules are {known}.");
        }
        if (rules.GroupBy(r => r.Reference).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new RuleViolation($"Rule {twice.Key} is named {twice.Count()} times; a report shows each rule once.");
        var numbering = new Numbering();
        var results = rules.Select(rule => RuleResults.Of(facts, rule)).ToList();
        var folders = new Slug();
        var ruleSections = results
            .Select((result, i) => (Result: result, Folder: i == 0 ? "" : folders.Of(result.Rule.Reference) + "/"))
            .Select((r, i) => (r.Result, r.Folder, Prefix: i == 0 ? "" : $"rule-{i + 1}-")).ToList();
        // In reading order, because tables, figures and equations are numbered as they are built.
        var method = MethodSection.Of(facts, rules[0], numbering);
        var seeds = facts.Study.Spec.Seeds.Count;
        IReadOnlyList<ReportSection> body = rules.Count == 1
            ? SectionsOf(results[0], "", "", numbering, facts)
            : [.. ruleSections.Select((r, i) => new ReportSection(
                $"rule-{i + 1}", $"Results under rule {r.Result.Rule.Reference}",
                [new Paragraph(RuleWords.Definition(r.Result.Rule)),
                    .. i == 0 ? [] : MethodSection.Scores(r.Result.Rule, r.Prefix, seeds, numbering)],
                SectionsOf(r.Result, r.Folder, r.Prefix, numbering, facts)))];
        var losses = LossFigure.Of(facts, results[0].Perplexities);
        IReadOnlyList<RuleDiff> diffs = [.. rules.Skip(1).Select(other => RuleDiff.Of(facts, rules[0], other))];
        IReadOnlyList<DataFile> whole =
        [
            .. ruleSections.SelectMany(r => RuleData.Of(r.Result, r.Folder, seeds)),
            .. losses.SelectMany(l => l.Curves).Any(c => c.Points.Count > 0) ? [LossSection.Data(losses)] : (DataFile[])[],
            .. ComparisonData.Of(diffs), RunsSection.Data(facts), .. ProvenanceData.Of(facts, rules),
        ];
        var fonts = StudyOrigin.Fonts(facts, whole);
        IReadOnlyList<ReportSection> rest =
        [
            .. ComparisonSection.Of(diffs, numbering),
            .. LossSection.Of(losses, results[0].Perplexities, numbering), .. MissingSection.Of(results[0], numbering),
            .. RunsSection.Of(facts, numbering), .. ProvenanceSection.Of(facts, rules, fonts, numbering),
        ];
        var summary = SummarySection.Of(facts, results[0], PlacesIn([method, .. body]));
        IReadOnlyList<ReportSection> sections = [summary, method, .. body, .. rest];
        var study = facts.Study;
        IReadOnlyList<DataFile> data = [.. whole, .. PrintedData.Of(sections, whole)];
        return new(
            study.Name,
            "Layer-Domain Control study: which layers change most, and does tuning only those work as well?",
            $"study {NameBasedGuid.Short(study.Id)} · position {facts.Position} · root {facts.Root[..Math.Min(16, facts.Root.Length)]}…",
            facts.AsOf,
            NoticeOf(facts),
            StudyOrigin.Of(facts, rules, fonts, data),
            [
                new("Study", study.Id.ToString(), true),
                new("As of", $"{Numbers.Moment(facts.AsOf)}, position {Numbers.Count(facts.Position)} (number of the study’s events)"),
                new("Root", facts.Root, true),
                new(rules.Count == 1 ? "Rule" : "Rules", string.Join(", ", rules.Select(r => r.Reference))),
            ],
            sections, data);
    }

    /// <summary>Where the results under the first rule are shown.</summary>
    /// <param name="afterSummary">The sections that follow the summary.</param>
    private static FindingPlaces PlacesIn(IReadOnlyList<ReportSection> afterSummary)
    {
        var tables = afterSummary.SelectMany(section => section.AllBlocks).OfType<ReportTable>()
            .ToDictionary(table => table.Name, table => table.Label);
        var sections = Labels(afterSummary, "Section ", first: 2).ToDictionary(s => s.Anchor, s => s.Label);
        return new(
            sections.GetValueOrDefault("norms"), tables.GetValueOrDefault("targeted-gains"), sections.GetValueOrDefault("aggregated-norms"),
            tables.GetValueOrDefault("rankings"), tables.GetValueOrDefault("ranking-stability"));
    }

    private static IEnumerable<(string Anchor, string Label)> Labels(IReadOnlyList<ReportSection> sections, string prefix, int first) =>
        sections.Select((section, i) => (Section: section, Label: $"{prefix}{first + i}"))
            .SelectMany(s => Labels(s.Section.Sections, s.Label + ".", 1).Prepend((s.Section.Anchor, s.Label)));

    private static string? NoticeOf(StudyFacts facts)
    {
        if (facts.Study.Status == StudyStatuses.Cancelled)
            return "Cancelled: the study was ended before its plan was; what it lacks is marked in the tables.";
        if (facts.Study.EndedAt is not null)
            return null;
        var open = facts.Runs.Count(r => !RunStatuses.Rows[r.Status].IsEnded);
        return "Preliminary: the study has not ended at this position"
            + (open == 0 ? "." : $"; {open} of {Plural.Of(facts.Runs.Count, "planned run")} {(open == 1 ? "has" : "have")} not finished.");
    }

    private static IReadOnlyList<ReportSection> SectionsOf(
        RuleResults results, string folder, string prefix, Numbering numbering, StudyFacts facts) =>
    [
        PerplexitySection.Of(results, folder, prefix, numbering, facts.Study.Spec.Seeds.Count),
        NormSections.Figures(results, folder, prefix, numbering),
        .. results.Rankings.Rows.Count == 0 ? []
            : (ReportSection[])[NormSections.Rankings(results, folder, prefix, numbering, facts.Study.Spec.Stage2)],
        // Of the groups that stage 2 targets: a study that turned it off has none.
        .. results.Norms.All(table => table.Rows.Count == 0) ? []
            : (ReportSection[])[NormSections.Aggregated(results, folder, prefix, numbering)],
        .. ProxySection.Of(results, folder, prefix, numbering),
    ];
}
