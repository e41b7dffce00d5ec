using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>The figures of a study's report alone: the same charts under the same names, without what takes longest.</summary>
/// <param name="All">In the order of the report.</param>
/// <param name="Maps">What the heat maps among them show: by domain, then by projection.</param>
/// <param name="Findings">What the study found under the rule, as the report's summary has it, but for what needs seeds drawn
/// again.</param>
/// <param name="FindingsOfNorms">Of these, where models change.</param>
internal sealed record StudyFigures(
    IReadOnlyList<ReportFigure> All, IReadOnlyList<NormMap> Maps, IReadOnlyList<string> Findings,
    IReadOnlyList<string> FindingsOfNorms)
{
    /// <summary>Those of the report under one rule.</summary>
    /// <param name="withLosses">Without them, nothing that was measured during training is looked at.</param>
    public static StudyFigures Of(StudyFacts facts, AggregationRule rule, bool withLosses = true)
    {
        var (results, numbering) = (RuleResults.Of(facts, rule, withStability: false), new Numbering());
        IReadOnlyList<ReportSection> sections =
        [
            .. EfficiencySection.Of(results, "", "", numbering), NormSections.Figures(results, "", "", numbering),
            .. ProxySection.Of(results, "", "", numbering),
            .. withLosses ? LossSection.Of(LossFigure.Of(facts, results.Perplexities), results.Perplexities, numbering) : [],
        ];
        return new(
            [.. sections.SelectMany(section => section.AllBlocks).OfType<FigureGrid>().SelectMany(grid => grid.Figures)],
            [.. results.DomainMaps, .. results.ProjectionMaps], [.. Studies.Findings.Of(results)], [.. Studies.Findings.OfNorms(results)]);
    }
}
