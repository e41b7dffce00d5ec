using JasperFx;
using JasperFx.Events.Daemon;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Relay;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Ledger.Hosting;

/// <param name="RefillStudy">Which study it leads: its open work is published when this process begins to lead; null: every
/// study's.</param>
/// <param name="Broker">Where messages can be lost while this process leads; null: an in-memory bus, which loses none.</param>
/// <param name="SealKeys">With what the ledger is sealed when a study has completed; null: it is not.</param>
public sealed record LedgerDaemonOptions(Guid? RefillStudy = null, BrokerAddress? Broker = null, SealKeys? SealKeys = null);

/// <summary>
/// Runs projections and relay in the one process that leads. Others stand by and take over when the leader's connection ends or falls
/// silent. It begins when the bus is up, so that no message is published before its endpoint is there.
/// </summary>
public sealed class LedgerDaemon(
    LedgerStore store, IBusControl bus, Refill refill, LedgerDaemonOptions options,
    TimeProvider time, ILogger<LedgerDaemon> log) : BackgroundService
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private TaskCompletionSource _leading = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether this process leads.</summary>
    public bool IsLeading => _leading.Task.IsCompleted;

    /// <summary>
    /// What is wrong, in a sentence, for whoever watches: the ledger is away, or a projection or the relay stopped at an error. Null:
    /// nothing.
    /// </summary>
    public string? Trouble { get; private set; }

    /// <summary>Completes when this process begins to lead.</summary>
    public Task LeadingAsync(CancellationToken cancellation = default) => _leading.Task.WaitAsync(cancellation);

    protected override async Task ExecuteAsync(CancellationToken cancellation)
    {
        await using var sign = DriverSign.Begin(store, options.RefillStudy, time);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await BusIsUpAsync(cancellation);
                await using var leader = await LeaderLock.LeadAsync(store, options.RefillStudy, time, cancellation, () => Trouble = null);
                await LeadAsync(leader, cancellation);
                log.LogInformation("another process leads, or the ledger is away");
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception cause)
            {
                // Whatever it was (ledger or broker away, at any point): this process leads again when both are back, or another does.
                if (Trouble is null)
                    log.LogWarning("relay and read models stopped and are being restarted: {Reason}", cause.Message);
                Trouble = $"relay and read models stopped and are being restarted: {cause.Message}";
                await Task.WhenAny(Task.Delay(RetryInterval, time, cancellation));
            }
        }
    }

    private async Task LeadAsync(SessionLease leader, CancellationToken cancellation)
    {
        var seals = options.SealKeys is { } keys ? new SealWatch(new(store, new(store, time), keys, time), log) : null;
        await using var projecting = store.Configure(marten =>
        {
            ReadModelProjection.AddTo(marten);
            marten.Events.Subscribe(new LedgerRelay(store, refill, bus, () => seals?.Want()));
        });
        using var daemon = await projecting.BuildProjectionDaemonAsync(logger: log);
        var refilled = await refill.PublishAsync(options.RefillStudy, cancellation);
        if (seals is not null)
            await seals.BeginAsync(cancellation);
        await daemon.StartAllAsync();
        log.LogInformation("this process leads; {Count} messages were published again", refilled);
        Trouble = null;
        _leading.TrySetResult();
        var lost = options.Broker is { } broker ? new LostMessages(store, refill, broker, time) : null;
        try
        {
            await leader.HoldAsync(BeatInterval, () =>
            {
                seals?.Look(cancellation);
                return MendAsync(daemon, lost, cancellation);
            }, cancellation);
        }
        finally
        {
            _leading = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await daemon.StopAllAsync();
            if (seals is not null)
                await seals.EndAsync();
        }
    }

    // A page that failed pauses its projection or the relay: it goes on from the last page that was committed.
    private async Task MendAsync(IProjectionDaemon daemon, LostMessages? lost, CancellationToken cancellation)
    {
        Trouble = null;
        if (!daemon.HasAnyPaused())
        {
            if (lost is not null)
                await FindLostAsync(lost, cancellation);
            return;
        }
        foreach (var paused in daemon.CurrentAgents().Where(a => a.Status == AgentStatus.Paused))
        {
            log.LogWarning("{Name} stopped at an error and is being restarted", paused.Name.Identity);
            Trouble = $"{paused.Name.Identity} stopped at an error and is being restarted; the log names the event";
        }
        await daemon.StopAllAsync();
        await daemon.StartAllAsync();
    }

    private async Task FindLostAsync(LostMessages lost, CancellationToken cancellation)
    {
        try
        {
            if (await lost.MendAsync(cancellation) is > 0 and var count)
                log.LogWarning("the broker has lost messages: {Count} were published again", count);
        }
        catch (Exception cause) when (!cancellation.IsCancellationRequested)
        {
            log.LogInformation("the broker cannot be asked what it holds: {Reason}", cause.Message);   // it is away: the next look tells
        }
    }

    private async Task BusIsUpAsync(CancellationToken cancellation)
    {
        while (bus.CheckHealth().Status != BusHealthStatus.Healthy)
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellation);
    }
}
