using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>The figures of a study's report alone: the same charts under the same names, without what takes longest.</summary>
internal static class StudyFigures
{
    /// <summary>All figures of the report under one rule, in its order.</summary>
    public static IReadOnlyList<ReportFigure> Of(StudyFacts facts, AggregationRule rule)
    {
        var (results, numbering) = (RuleResults.Of(facts, rule, withStability: false), new Numbering());
        IReadOnlyList<ReportSection> sections =
        [
            .. EfficiencySection.Of(results, "", "", numbering), NormSections.Figures(results, "", "", numbering),
            .. ProxySection.Of(results, "", "", numbering),
            .. LossSection.Of(LossFigure.Of(facts, results.Perplexities), results.Perplexities, numbering),
        ];
        return [.. sections.SelectMany(section => section.AllBlocks).OfType<FigureGrid>().SelectMany(grid => grid.Figures)];
    }
}
