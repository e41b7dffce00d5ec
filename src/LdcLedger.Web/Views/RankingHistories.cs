using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;

namespace LdcLedger.Web.Views;

/// <summary>How the rankings of a study came about.</summary>
internal static class RankingHistories
{
    /// <param name="study">With its norms.</param>
    public static async Task<IReadOnlyList<RankingHistory>> OfAsync(View view, ShownStudy study, AggregationRule rule)
    {
        IReadOnlyList<Guid> runs = [.. RankingHistory.AllRuns(study.Facts).Select(run => run.Id)];
        var epochs = await view.Ledger.MeasuredEpochsAsync(
            study.Id, runs, study.Moment?.Sequence ?? view.State.Position, view.Cancellation);
        return RankingHistory.Of(study.Facts, rule, epochs);
    }
}
