using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>What was decided of a cell, when, and what became of it.</summary>
/// <param name="Position">Of the study: what the decision saw is what stood there.</param>
public sealed record DecisionOfCell(long Position, LedgerEvent Event, Stage2Planned Plan, IReadOnlyList<RunSummary> Runs);

/// <summary>
/// <c>/studies/{study}/stage2</c>: every decision of stage 2 with the ranking that it saw, and the cells that wait for one.
/// </summary>
public sealed partial class Stage2Page
{
    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required ShownStudy Study { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<DecisionOfCell> Decisions { get; set; }

    /// <summary>Cells that the study's own rule has not decided, and why.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<(string Model, string Domain, string Why)> Waiting { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view)
    {
        var study = await view.StudyAsync();
        var facts = study.Facts;
        var told = (study.Moment is null
            ? await view.Ledger.Now.StandingsAsync(facts.Runs, view.Cancellation) : facts.Runs).ToDictionary(run => run.Id);
        var milestones = await view.Ledger.MilestonesAsync(
            study.Id, study.Moment?.Sequence ?? view.State.Position, view.Cancellation);
        IReadOnlyList<DecisionOfCell> decisions =
        [
            .. from milestone in milestones
               let plan = milestone.Event.Fact as Stage2Planned
               where plan is not null
               select new DecisionOfCell(
                   milestone.Position, milestone.Event, plan,
                   [.. plan.Runs.Select(run => told.GetValueOrDefault(run.RunId)).OfType<RunSummary>()]),
        ];
        var decided = decisions.Where(d => !d.Plan.ByExtension).Select(d => (d.Plan.Model, d.Plan.Domain)).ToHashSet();
        IReadOnlyList<(string, string, string)> waiting =
        [
            .. from row in RankingTable.Of(facts, study.Study.Rule).Rows
               where facts.Study.Spec.Stage2.Groups.Contains(row.Group) && !decided.Contains((row.Model, row.Domain))
               group row by (row.Model, row.Domain) into cell
               select (cell.Key.Model, cell.Key.Domain,
                   cell.Select(row => row.Missing).FirstOrDefault(why => why is not null) ?? "its ranking is there, and is looked at next"),
        ];
        return ShownPage.Of<Stage2Page>((nameof(Study), study), (nameof(Decisions), decisions), (nameof(Waiting), waiting));
    }
}
