using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.ReadModels;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>Stage 2 of a study of one cell whose runs of stage 1 have ended, as it would be decided.</summary>
internal static class Stage2
{
    public static async Task<(Stage2Planned Plan, IReadOnlyList<RunPlanned> Runs)> DecidedAsync(TestLedger ledger, StudySubmitted study)
    {
        var facts = await LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System)
            .FactsAsync(study.StudyId, TestContext.Current.CancellationToken);
        var (rankings, targets) = Stage2Plan.For(
            study.StudyId, "model-1", "domain-1", study.Rule, study.Spec.Stage2, study.Spec.Seeds,
            [.. facts.Norms.Where(norms => norms.Role == "all")]);
        return (new(study.StudyId, "model-1", "domain-1", study.Rule, rankings, targets),
            [.. targets.Select(target => StudyPlan.Targeted(study, "model-1", "domain-1", target))]);
    }
}
