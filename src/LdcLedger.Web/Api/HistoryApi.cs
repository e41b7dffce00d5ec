using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <param name="Rule">NAME@VERSION.</param>
/// <param name="RuleHash">Of what it says.</param>
public sealed record RankingHistoryAnswer(StudyPosition At, string Rule, string RuleHash, IReadOnlyList<RankingHistory> Items);

/// <param name="Position">Of the study.</param>
public sealed record MilestoneAnswer(long Position, EventAnswer Event);

public sealed record MilestonesAnswer(StudyPosition At, IReadOnlyList<MilestoneAnswer> Items);

/// <param name="Position">Of the study: the decision saw what stood there.</param>
/// <param name="Event">That records it.</param>
/// <param name="Cause">The event that led to it; null: a person did.</param>
/// <param name="Rule">NAME@VERSION.</param>
/// <param name="Rankings">That it saw.</param>
/// <param name="Runs">That it asked for, as they stand.</param>
public sealed record DecisionAnswer(
    long Position, Guid Event, Guid? Cause, string Model, string Domain, string Rule, string RuleHash, bool ByExtension,
    IReadOnlyList<GroupRanking> Rankings, IReadOnlyList<RunSummary> Runs);

/// <param name="Waiting">Cells that the study's own rule has not decided, and why.</param>
public sealed record DecisionsAnswer(StudyPosition At, IReadOnlyList<DecisionAnswer> Items, IReadOnlyList<WaitingCell> Waiting);

public sealed record AttemptsAnswer(StudyPosition At, IReadOnlyList<RunAttempt> Items);

/// <summary>What is answered of how a study came to be what it is.</summary>
internal static class HistoryApi
{
    public static async Task<RankingHistoryAnswer> RankingsAsync(View view)
    {
        var (from, to) = (view.Whole("from", 1, long.MaxValue) ?? 1, view.Whole("to", 1, long.MaxValue) ?? long.MaxValue);
        var chosen = await view.RulesAsync(most: 1);
        var study = await view.StudyAsync(depth: StudyDepth.All);
        var rule = chosen?[0] ?? study.Study.Rule;
        return new(StudyPosition.Of(study), rule.Reference, rule.Hash,
        [
            .. (await RankingHistories.OfAsync(view, study, rule)).Select(history => history with
            {
                Points = [.. history.Points.Where(point => point.Position >= from && point.Position <= to)],
            }),
        ]);
    }

    public static async Task<MilestonesAnswer> MilestonesAsync(View view)
    {
        var study = await view.StudyAsync();
        var milestones = await view.Ledger.MilestonesAsync(
            study.Id, study.Moment?.Sequence ?? view.State.Position, view.Cancellation);
        return new(StudyPosition.Of(study), [.. milestones.Select(m => new MilestoneAnswer(m.Position, EventAnswer.Of(m.Event)))]);
    }

    public static async Task<DecisionsAnswer> DecisionsAsync(View view)
    {
        var study = await view.StudyAsync();
        var (made, waiting) = await Decisions.OfAsync(view, study);
        return new(
            StudyPosition.Of(study),
            [.. made.Select(d => new DecisionAnswer(
                d.Position, d.Event.Id, d.Cause?.Id, d.Plan.Model, d.Plan.Domain, d.Plan.Rule.Reference, d.Plan.Rule.Hash,
                d.Plan.ByExtension, d.Plan.Rankings, d.Runs))],
            waiting);
    }

    public static async Task<AttemptsAnswer> AttemptsAsync(View view)
    {
        var study = await view.StudyAsync();
        return new(StudyPosition.Of(study), (await StudyWork.OfAsync(view, study)).Attempts);
    }
}
