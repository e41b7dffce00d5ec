using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Views;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;

namespace LdcLedger.Web.Views;

/// <summary>A sum of norms of a run.</summary>
/// <param name="Of">A projection, over all layers; or a layer, over its projections.</param>
/// <param name="Sum">Of ‖ΔW‖_F after the last epoch.</param>
public sealed record NormSum(string Of, double Sum);

/// <summary>A run beside others.</summary>
/// <param name="Settings">All of them, by name.</param>
/// <param name="Losses">Empty where no epoch has ended.</param>
public sealed record ComparedRun(
    RunSummary Run, IReadOnlyList<(string Name, string Value)> Settings, IReadOnlyList<NormSum> ByProjection,
    IReadOnlyList<NormSum> ByLayer, RunLosses Losses)
{
    public string? this[string setting] => Settings.Where(s => s.Name == setting).Select(s => s.Value).FirstOrDefault();
}

/// <summary>A part of the runs that a filter chooses, beside each other.</summary>
/// <param name="Differing">Names of the settings in which the runs of this part differ.</param>
/// <param name="Of">How many the filter chooses in all.</param>
/// <param name="Next">The cursor of the next part; null: there are no more.</param>
public sealed record RunComparison(
    IReadOnlyList<ComparedRun> Runs, IReadOnlyList<string> Differing, long Of, string? Next)
{
    public const int MostRuns = 200;

    // What names the panel, or only follows from it; and the seed, over which curves are pooled.
    private static readonly IReadOnlyList<string> NotInNames =
    [
        "studyId", "model", "domain", "seed", "stage", "role", "tuning", "weightsSha256", "configSha256", "tokenizerSha256", "dataSha256",
    ];

    /// <summary>So many curves a chart can tell apart.</summary>
    private const int MostCurves = 11;

    /// <summary>Curves of training loss: a chart for each model and domain (and study, of several), seeds pooled, as in a report.</summary>
    public IReadOnlyList<ReportFigure> LossCharts()
    {
        var studies = Runs.Select(run => run.Run.StudyId).Distinct().Count();
        var named = Differing.Except(NotInNames).ToList();
        var panels =
            from run in Runs
            where run.Losses.Points.Count > 0
            group run by (run.Run.StudyId, run.Run.Model, run.Run.Domain) into cell
            from part in cell.GroupBy(run => NameOf(run, named)).Chunk(MostCurves)
            select (cell.Key, Curves: part);
        return
        [
            .. panels.Select((panel, i) => new ReportFigure(
                FormattableString.Invariant($"loss-{i + 1}"),
                LossChart.Of(
                    studies > 1
                        ? [Domain.Identity.NameBasedGuid.Short(panel.Key.StudyId), panel.Key.Model, panel.Key.Domain]
                        : [panel.Key.Model, panel.Key.Domain],
                    [.. panel.Curves.Select((curve, style) => new LossLine(
                        curve.Key, style, LossFigure.Pooled([.. curve.OrderBy(run => run.Run.Seed).Select(run => run.Losses)])))],
                    "No run has ended an epoch."),
                null)),
        ];
    }

    private static string NameOf(ComparedRun run, IReadOnlyList<string> named) => string.Join(", ",
        [
            run.Run.Stage < 2 ? run.Run.Role : $"{run.Run.Role} ({Numbers.Layers(Tuning.Parse(run.Run.Tuning).Layers)})",
            .. named.Select(name => $"{name} {run[name] ?? Numbers.None}"),
        ]);
}

/// <summary>Runs beside each other. What an ended run measured does not change any more, and is kept for a while.</summary>
public sealed class RunComparisons
{
    private const int MostKept = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (RunSummary As, ComparedRun Run)> _kept = [];

    /// <summary>The part of the runs that an address chooses.</summary>
    public async Task<RunComparison> OfAsync(View view, Cursor cursor)
    {
        var limit = (int)(view.Whole("limit", 1, RunComparison.MostRuns) ?? RunComparison.MostRuns);
        var filter = await view.FilterAsync();
        // Page, answer and figures are of one list.
        var list = Cursor.ListOf(view, "compare");
        var after = view["cursor"] is { } text ? cursor.Read(list, text) : null;
        var (runs, next) = await view.Ledger.RunsAsync(filter, after, limit, view.Cancellation);
        var compared = await LookAsync(view.Ledger, runs, view.State.Position, view.Cancellation);
        return new(
            compared, RunSettings.Differing([.. compared.Select(run => run.Settings)]),
            await view.Ledger.CountRunsAsync(filter, view.Cancellation),
            next is null ? null : cursor.Write(list, next));
    }

    private async Task<IReadOnlyList<ComparedRun>> LookAsync(
        LedgerViews ledger, IReadOnlyList<RunSummary> runs, long upTo, CancellationToken cancellation)
    {
        var found = new Dictionary<Guid, ComparedRun>();
        lock (_lock)
            foreach (var run in runs)
                if (_kept.TryGetValue(run.Id, out var kept) && kept.As == run)
                    found[run.Id] = kept.Run;
        var wanted = runs.Where(run => !found.ContainsKey(run.Id)).ToList();
        if (wanted.Count > 0)
            foreach (var run in await ReadAsync(ledger, wanted, upTo, cancellation))
                found[run.Run.Id] = run;
        lock (_lock)
            foreach (var run in wanted.Where(run => RunStatuses.Rows[run.Status].IsEnded && found.ContainsKey(run.Id)))
            {
                if (_kept.Count >= MostKept)
                    _kept.Clear();
                _kept[run.Id] = (run, found[run.Id]);
            }
        return [.. runs.Where(run => found.ContainsKey(run.Id)).Select(run => found[run.Id])];
    }

    private static async Task<IEnumerable<ComparedRun>> ReadAsync(
        LedgerViews ledger, IReadOnlyList<RunSummary> runs, long upTo, CancellationToken cancellation)
    {
        IReadOnlyList<Guid> ids = [.. runs.Select(run => run.Id)];
        var events = await ledger.EventsOfAsync(ids, [typeof(RunPlanned), typeof(EpochCompleted)], upTo, cancellation);
        var norms = (await ledger.NormsAsync(ids, cancellation)).ToDictionary(n => n.Id);
        var (plans, losses) = (new Dictionary<Guid, string>(), new RunLossesBuilder());
        foreach (var e in events)
            if (e.Fact is EpochCompleted epoch)
                losses.Add(epoch);
            else
                plans.TryAdd(e.Stream, e.Data);
        var curves = losses.Losses().ToDictionary(l => l.Id);
        return runs.Where(run => plans.ContainsKey(run.Id)).Select(run =>
        {
            var last = norms.GetValueOrDefault(run.Id) is { } measured
                ? measured.Modules.Where(m => m.Epoch == measured.LastEpoch).ToList() : [];
            return new ComparedRun(
                run, RunSettings.Of(plans[run.Id], run.Environment),
                [.. last.GroupBy(m => m.Projection).OrderBy(p => Projections.Order(p.Key)).Select(Sum)],
                [.. last.GroupBy(m => m.Layer).OrderBy(l => l.Key).Select(l => Sum(l))],
                curves.GetValueOrDefault(run.Id) ?? new(run.Id, []));
        });

        static NormSum Sum<T>(IGrouping<T, ModuleNorm> modules) =>
            new(FormattableString.Invariant($"{modules.Key}"), modules.Sum(m => m.UpdateFrobenius));
    }
}
