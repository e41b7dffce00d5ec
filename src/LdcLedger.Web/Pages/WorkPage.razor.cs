using LdcLedger.Domain.Runs;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/studies/{study}/work</c>: who trained what of it, when, and how long that took.</summary>
public sealed partial class WorkPage
{
    private const int MostAttempts = 200;

    private Dictionary<Guid, RunSummary>? _runs;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required ShownStudy Study { get; set; }

    [Parameter, EditorRequired]
    public required StudyWork Work { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view)
    {
        var study = await view.StudyAsync();
        return ShownPage.Of<WorkPage>((nameof(Study), study), (nameof(Work), await StudyWork.OfAsync(view, study)));
    }

    private DateTimeOffset From => Work.Attempts[0].Began;

    /// <summary>The study's last event, and no clock: the page is the same for ever.</summary>
    private DateTimeOffset To => Work.Attempts.Select(attempt => Lane.EndOf(attempt, Study.Facts.AsOf)).Append(Study.Facts.AsOf).Max();

    private Dictionary<Guid, RunSummary> Runs => _runs ??= Study.Facts.Runs.ToDictionary(run => run.Id);

    private string TitleOf(RunAttempt attempt) => Runs.GetValueOrDefault(attempt.RunId) is { } run
        ? RunTitle.Of(run.Model, run.Domain, run.Role, run.Seed) : Domain.Identity.NameBasedGuid.Short(attempt.RunId);

    private (string Class, string Words) Drawn(RunAttempt attempt) => (
        attempt.How is Outcomes.Failed or Outcomes.Abandoned ? Lane.FailedClass
            : $"stage-{Runs.GetValueOrDefault(attempt.RunId)?.Stage ?? 0}",
        FormattableString.Invariant($"{TitleOf(attempt)}, attempt {attempt.Attempt}, {attempt.Seconds:0.0} s, {attempt.How}"));
}
