using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Runs;
using LdcLedger.Web.Health;
using LdcLedger.Worker.Journal;
using LdcLedger.Worker.Progress;
using LdcLedger.Worker.Runs;
using MassTransit;
using Microsoft.Extensions.Hosting;

namespace LdcLedger.Cli.Processes;

/// <summary>Tells the register every two seconds what this worker does; says nothing while the ledger is away.</summary>
internal sealed class WorkerSigns(
    WorkerRegister register, ProgressFeed feed, InputSight sight, JournalFolder journals, WorkerIdentity worker, WorkerStop stop,
    TimeProvider time, string device, IReadOnlyList<string> labels) : BackgroundService
{
    private readonly DateTimeOffset _started = time.GetUtcNow();
    private volatile RunNews? _news;
    private volatile string? _absence;

    public HealthState Health(IBusControl bus) =>
        _news is { Phase: not RunPhase.Ended } news
            ? new(true, $"{Doing(news)} run {news.Run.RunId}{(_absence is { } away ? $"; the ledger cannot be reached: {away}" : "")}")
        : _absence is { } gone ? new(false, $"the ledger cannot be reached: {gone}")
        : bus.CheckHealth() is { Status: not BusHealthStatus.Healthy } sick ? new(false, $"RabbitMQ: {sick.Description}")
        : new(true, "idle");

    protected override async Task ExecuteAsync(CancellationToken cancellation)
    {
        feed.Reported += Listen;
        try
        {
            using var rhythm = new PeriodicTimer(WorkerRegister.SignInterval, time);
            do
                await SayAsync(cancellation);
            while (await rhythm.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException)
        {
            // We leave.
        }
        finally
        {
            feed.Reported -= Listen;
            await LeaveAsync();
        }
    }

    private void Listen(RunNews news) => _news = news;

    private async Task SayAsync(CancellationToken cancellation)
    {
        try
        {
            await register.SayAsync(Sign(), cancellation);
            _absence = null;
        }
        catch (Exception cause) when (LedgerAbsence.Is(cause))
        {
            _absence = cause.Message.TrimEnd('.');
        }
    }

    private WorkerSign Sign()
    {
        var news = _news is { Phase: not RunPhase.Ended } active ? active : null;
        return new(
            worker.Name, Environment.MachineName, device, labels, WorkerIdentity.Version, _started,
            stop.Token.IsCancellationRequested ? "leaving" : news is null ? "idle" : Doing(news),
            news?.Run.RunId, null, news is null ? null : TitleOf(news.Run),
            news?.Step ?? 0, news?.Steps ?? 0, news?.TokensPerSecond, news?.Left?.TotalSeconds,
            journals.Left().Count, sight.LastMissing);
    }

    // What a worker says that it does with its run.
    private static readonly IReadOnlyList<(RunPhase Phase, string Word)> Phases =
        [(RunPhase.Preparing, "preparing"), (RunPhase.Training, "training"), (RunPhase.Evaluating, "evaluating")];

    private static string Doing(RunNews news) => Phases.FirstOrDefault(p => p.Phase == news.Phase).Word
        ?? throw new InvalidOperationException($"Run {news.Run.RunId} has ended, so no worker does anything with it.");

    /// <summary>Null where the word is none of a run's: idle, leaving, or that of another version of ldc.</summary>
    internal static RunPhase? PhaseOf(string doing) =>
        Phases.Where(p => p.Word == doing).Select(p => (RunPhase?)p.Phase).FirstOrDefault();

    private static string TitleOf(RunPlanned run) =>
        RunTitle.Of(run.Model, run.Domain, run.Role, run.Seed);

    private async Task LeaveAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
            await register.LeaveAsync(worker.Name, limit.Token);
        }
        catch (Exception cause) when (LedgerAbsence.Is(cause) || cause is OperationCanceledException)
        {
            // Its silence says the same, a little later.
        }
    }
}
