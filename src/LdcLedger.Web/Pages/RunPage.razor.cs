using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Views;
using LdcLedger.Reports.Documents;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>One worker's time with a run.</summary>
/// <param name="Ended">The event that ended it; null while it goes on, or where the worker was lost.</param>
/// <param name="How">In words.</param>
public sealed record AttemptOfRun(LedgerEvent Claimed, RunClaimed Fact, LedgerEvent? Ended, string How);

/// <summary><c>/runs/{run}</c>: what one run is, how it went, and every event of it.</summary>
public sealed partial class RunPage
{
    private const int EventsOnPage = 200, Shades = 16;

    private IReadOnlyList<ILedgerEvent?>? _facts;
    private (int, IReadOnlyList<LayerNormMeasured>)? _norms;
    private IReadOnlyList<RunAttempt>? _timed;

    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required CitedStudy Study { get; set; }

    [Parameter, EditorRequired]
    public required ShownRun Run { get; set; }

    /// <summary>Events are listed from the one after this version of the run's stream.</summary>
    [Parameter, EditorRequired]
    public required long After { get; set; }

    /// <summary>What was asked for on the page before; null: nothing.</summary>
    [Parameter]
    public Receipt? Receipt { get; set; }

    // Read once: an event is JSON until it is asked what it states.
    private IReadOnlyList<ILedgerEvent?> Facts => _facts ??= [.. Run.History.Select(e => e.Fact)];

    private RunPlanned? Planned => Facts.OfType<RunPlanned>().FirstOrDefault();

    private PerplexityEvaluated? Evaluated => Facts.OfType<PerplexityEvaluated>().LastOrDefault();

    private IReadOnlyList<AttemptOfRun> Attempts
    {
        get
        {
            var claims = Run.History.Index().Where(e => Facts[e.Index] is RunClaimed).ToList();
            return
            [
                .. claims.Select((claim, i) =>
                {
                    var end = i + 1 < claims.Count ? claims[i + 1].Index : Run.History.Count;
                    var ended = Enumerable.Range(claim.Index + 1, end - claim.Index - 1).Where(place =>
                        Facts[place] is RunCompleted or RunFailed or RunReleased or RunCancelled or RunAbandoned)
                        .Select(place => Run.History[place]).FirstOrDefault();
                    return new AttemptOfRun(claim.Item, (RunClaimed)Facts[claim.Index]!, ended, ended is not null ? ended.Type
                        : i + 1 < claims.Count ? "taken over by the next" : Run.Run.Status);
                }),
            ];
        }
    }

    /// <summary>The same attempts with how long each took.</summary>
    private IReadOnlyList<RunAttempt> Timed => _timed ??= RunAttempt.Of(
        from place in Facts.Index()
        where place.Item is not null
        select (place.Item, Run.History[place.Index].Timestamp));

    /// <summary>The run's last event, and no clock: the page is the same for ever.</summary>
    private DateTimeOffset To =>
        Timed.Select(attempt => Lane.EndOf(attempt, Run.History[^1].Timestamp)).Append(Run.History[^1].Timestamp).Max();

    private (string Class, string Words) Drawn(RunAttempt attempt) => (
        attempt.How is Outcomes.Failed or Outcomes.Abandoned ? Lane.FailedClass : $"stage-{Run.Run.Stage}",
        FormattableString.Invariant($"attempt {attempt.Attempt} by {attempt.Worker}, {attempt.Seconds:0.0} s, {attempt.How}"));

    /// <summary>Norms of the last epoch that has any, by layer; each layer is one event.</summary>
    private (int Epoch, IReadOnlyList<LayerNormMeasured> Layers) Norms
    {
        get
        {
            if (_norms is { } known)
                return known;
            var measured = Facts.OfType<LayerNormMeasured>().ToList();
            var epoch = measured.Select(m => m.Epoch).DefaultIfEmpty(0).Max();
            return (_norms = (epoch, [.. measured.Where(m => m.Epoch == epoch).DistinctBy(m => m.Layer).OrderBy(m => m.Layer)])).Value;
        }
    }

    private IReadOnlyList<string> NormColumns =>
        [.. Projections.All.Where(p => Norms.Layers.Any(layer => layer.Projections.Any(n => n.Projection == p)))];

    /// <summary>The run's loss, as the report draws it; null where no epoch has ended.</summary>
    private Chart? Losses => RunFigures.Loss(Run);

    private IReadOnlyList<LedgerEvent> Listed => [.. Run.History.Where(e => e.Version > After).Take(EventsOnPage)];

    internal static async Task<ShownPage> LoadAsync(View view)
    {
        var after = view.Whole("after", 0, int.MaxValue) ?? 0;
        var run = await view.RunAsync();
        var study = await view.CitedAsync(run.Run.StudyId);
        return ShownPage.Of<RunPage>(
            (nameof(Run), run), (nameof(Study), study), (nameof(After), after), (nameof(Receipt), await view.ReceiptAsync()));
    }

    private static Guid EventOf(ILedgerEvent fact) => EventIds.Of(fact);

    private static int Shade(double value, double most) =>
        most > 0 && double.IsFinite(value) ? (int)Math.Clamp(value / most * (Shades - 1), 0, Shades - 1) : 0;
}
