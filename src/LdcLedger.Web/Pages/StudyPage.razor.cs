using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Views;
using LdcLedger.Reports.Studies;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>The runs of a cell that belong to one stage.</summary>
/// <param name="Name">Baseline, stage 1, stage 2.</param>
/// <param name="Planned">None yet: 0.</param>
/// <param name="Epochs">Where those are that run; null: none does, or nothing is trained.</param>
public sealed record StageOfCell(int Stage, string Name, int Planned, int Completed, int Ended, int Running, int Failed, string? Epochs);

/// <summary><c>/studies/{study}</c>: its cells, perplexities and milestones.</summary>
public sealed partial class StudyPage
{
    private const int MostRunning = 50;

    private static readonly IReadOnlyList<string> Stages = ["PT", "Stage 1", "Stage 2"];

    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required ShownStudy Study { get; set; }

    /// <summary>Its runs, their statuses told by the leases of this moment; of an earlier one, as they were stored.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<RunSummary> Runs { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<(long Position, LedgerEvent Event)> Milestones { get; set; }

    /// <summary>The rules that it could be extended by; none where it cannot, or not by whoever asks.</summary>
    [Parameter]
    public IReadOnlyList<AggregationRule> Rules { get; set; } = [];

    /// <summary>What was asked for on the page before; null: nothing.</summary>
    [Parameter]
    public Receipt? Receipt { get; set; }

    private bool IsOpen => Study.Study.Status is not (StudyStatuses.Completed or StudyStatuses.Cancelled);

    private PerplexityTable Perplexities => PerplexityTable.Of(Study.Facts, Study.Study.Rule);

    /// <summary>As the report's summary has them, without what needs norms: these are there only if somebody else has asked for
    /// them.</summary>
    private IReadOnlyList<string> FindingsOf(PerplexityTable table) =>
        [.. Findings.OfPerplexities(TargetedGains.Of(Study.Facts with { Norms = [] }, table))];

    private string Latex => View.Url($"/api/v1/studies/{Id}/perplexities", ("at", View["at"]), ("format", "tex"));

    private IReadOnlyList<RunSummary> Active =>
        [.. Runs.Where(run => run.Status is RunStatuses.Running or RunStatuses.Interrupted)];

    /// <summary>The last milestone before the position that is shown; null: there is none.</summary>
    private long? Before => Milestones.Where(m => m.Position < Study.Facts.Position).Select(m => (long?)m.Position).LastOrDefault();

    private string Id => Study.Id.ToString("D");

    internal static async Task<ShownPage> LoadAsync(View view)
    {
        var study = await view.StudyAsync();
        var runs = study.Moment is null
            ? await view.Ledger.Now.StandingsAsync(study.Facts.Runs, view.Cancellation) : study.Facts.Runs;
        // Of an earlier moment none that came later: the page is the same for ever.
        var upTo = study.Moment?.Sequence ?? view.State.Position;
        return ShownPage.Of<StudyPage>(
            (nameof(Study), study), (nameof(Runs), runs),
            (nameof(Milestones), await view.Ledger.MilestonesAsync(study.Id, upTo, view.Cancellation)),
            (nameof(Rules), view.MayAsk ? RulesFor(study.Study, await view.BookAsync()) : []),
            (nameof(Receipt), await view.ReceiptAsync()));
    }

    private static IReadOnlyList<AggregationRule> RulesFor(StudySummary study, RuleBook book) =>
        CanBeExtended(study) ? [.. book.All.Where(rule => rule.Hash != study.Rule.Hash)] : [];

    internal static bool CanBeExtended(StudySummary study) =>
        study.Status != StudyStatuses.Cancelled && Stage2Decision.HasStage2(study.Spec);

    // The one that a worker is in, of each that runs.
    private static string? EpochsOf(IReadOnlyList<RunSummary> runs)
    {
        var running = runs.Where(run => run is { Status: RunStatuses.Running, Stage: > 0 }).ToList();
        return running.Count == 0 ? null : $"epoch {string.Join(", ", running.Select(run => Math.Min(run.EpochsCompleted + 1, run.Epochs))
            .Distinct().Order())} of {running[0].Epochs}";
    }

    private IEnumerable<StageOfCell> StagesOf(ILookup<(string, string), RunSummary> cells, string model, string domain) =>
        Stages.Index().Select(stage =>
        {
            var runs = cells[(model, domain)].Where(run => run.Stage == stage.Index).ToList();
            return new StageOfCell(
                stage.Index, stage.Item, runs.Count, runs.Count(r => r.Status == RunStatuses.Completed),
                runs.Count(r => RunStatuses.Rows[r.Status].IsEnded), runs.Count(r => r.Status == RunStatuses.Running),
                runs.Count(r => r.Status is RunStatuses.Failed or RunStatuses.Abandoned), EpochsOf(runs));
        }).Where(stage => stage.Planned > 0 || stage.Stage < 2 || Stage2Decision.HasStage2(Study.Study.Spec));

    // Every cell has a line for its time from the beginning: one that came later would move what is below it.
    private static string TimeOf(IEnumerable<RunSummary> cell, TimeLeft left) => left.Sum(cell) is { } rest ? $"about {Took.Of(rest)} left"
        : cell.Sum(run => run.Seconds ?? 0) is > 0 and var seconds ? $"trained for {Took.Of(seconds)}"
        : "no time known yet";
}
