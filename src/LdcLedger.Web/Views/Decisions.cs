using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;

namespace LdcLedger.Web.Views;

/// <summary>What was decided of a cell, when, and what became of it.</summary>
/// <param name="Position">Of the study: what the decision saw is what stood there.</param>
public sealed record DecisionOfCell(long Position, LedgerEvent Event, Stage2Planned Plan, IReadOnlyList<RunSummary> Runs);

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
        var milestones = await view.Ledger.MilestonesAsync(
            study.Id, study.Moment?.Sequence ?? view.State.Position, view.Cancellation);
        IReadOnlyList<DecisionOfCell> made =
        [
            .. from milestone in milestones
               let plan = milestone.Event.Fact as Stage2Planned
               where plan is not null
               select new DecisionOfCell(
                   milestone.Position, milestone.Event, plan,
                   [.. plan.Runs.Select(run => told.GetValueOrDefault(run.RunId)).OfType<RunSummary>()]),
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
