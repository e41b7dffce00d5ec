using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;

namespace LdcLedger.Web.Views;

/// <summary>What was decided of a cell, when, and what became of it.</summary>
/// <param name="Position">Of the study: what the decision saw is what stood there.</param>
/// <param name="Measured">The runs whose norms it ranked by.</param>
/// <param name="Cause">The event that led to it; null: a person did, or it is not told.</param>
public sealed record DecisionOfCell(
    long Position, LedgerEvent Event, Stage2Planned Plan, IReadOnlyList<RunSummary> Runs, IReadOnlyList<RunSummary> Measured,
    LedgerEvent? Cause)
{
    /// <summary>When the first of its runs was taken; null: none was.</summary>
    public DateTimeOffset? Begun => Runs.Min(run => run.ClaimedAt);

    /// <summary>When the last of its runs ended; null: not all have.</summary>
    public DateTimeOffset? Ended => Runs.Count > 0 && Runs.All(run => run.EndedAt is not null) ? Runs.Max(run => run.EndedAt) : null;
}

/// <summary>A cell that the study's own rule has not decided.</summary>
public sealed record WaitingCell(string Model, string Domain, string Why);

/// <summary>Every decision of stage 2, and the cells that wait for one.</summary>
public sealed record Decisions(IReadOnlyList<DecisionOfCell> Made, IReadOnlyList<WaitingCell> Waiting)
{
    public static async Task<Decisions> OfAsync(View view, ShownStudy study)
    {
        var facts = study.Facts;
        var told = (study.Moment is null
            ? await view.Ledger.Now.StandingsAsync(facts.Runs, view.Cancellation) : facts.Runs).ToDictionary(run => run.Id);
        var upTo = study.Moment?.Sequence ?? view.State.Position;
        var milestones = await view.Ledger.MilestonesAsync(study.Id, upTo, view.Cancellation);
        var causes = (await view.Ledger.EventsByIdAsync(
            [.. from m in milestones
                where m.Event.Fact is Stage2Planned && Guid.TryParse(m.Event.Causation, out _)
                select Guid.Parse(m.Event.Causation!)],
            upTo, view.Cancellation)).Where(e => (e.Fact as IStudyEvent)?.StudyId == study.Id).ToDictionary(e => e.Id.ToString("D"));
        IReadOnlyList<DecisionOfCell> made =
        [
            .. from milestone in milestones
               let plan = milestone.Event.Fact as Stage2Planned
               where plan is not null
               select new DecisionOfCell(
                   milestone.Position, milestone.Event, plan,
                   [.. plan.Runs.Select(run => told.GetValueOrDefault(run.RunId)).OfType<RunSummary>()],
                   [.. facts.Runs.Where(run =>
                       run is { Stage: 1, Role: Regimes.All } && (run.Model, run.Domain) == (plan.Model, plan.Domain))],
                   causes.GetValueOrDefault(milestone.Event.Causation ?? "")),
        ];
        var decided = made.Where(d => !d.Plan.ByExtension).Select(d => (d.Plan.Model, d.Plan.Domain)).ToHashSet();
        return new(made,
        [
            .. from row in RankingTable.Of(facts, study.Study.Rule).Rows
               where facts.Study.Spec.Stage2.Groups.Contains(row.Group) && !decided.Contains((row.Model, row.Domain))
               group row by (row.Model, row.Domain) into cell
               select new WaitingCell(cell.Key.Model, cell.Key.Domain,
                   cell.Select(row => row.Missing).FirstOrDefault(why => why is not null) ?? "its ranking is there, and is looked at next"),
        ]);
    }
}
