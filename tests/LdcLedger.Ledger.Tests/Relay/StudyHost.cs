using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Hosting;
using LdcLedger.Ledger.Relay;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Ledger.Tests.Relay;

/// <summary>A process over a ledger: the saga's endpoint on an in-memory bus, and where asked for a worker and the daemon.</summary>
internal sealed class StudyHost : IAsyncDisposable
{
    private readonly IHost _host;

    private StudyHost(IHost host) => _host = host;

    public IBusControl Bus => _host.Services.GetRequiredService<IBusControl>();

    public LedgerDaemon Daemon => _host.Services.GetRequiredService<LedgerDaemon>();

    public Deliveries Deliveries { get; } = new();

    public static async Task<StudyHost> StartAsync(
        LedgerStore store, bool daemon = false, bool worker = false,
        Func<RunPlanned, string?>? failing = null, IPublishObserver? observer = null, SealKeys? seals = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.Services.AddLedger(store).AddSingleton<RunClaims>();
        if (daemon)
            builder.Services.AddLedgerDaemon(new(SealKeys: seals));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory((context, transport) =>
            {
                transport.Stage2Endpoint(context);
                if (worker)
                    transport.ReceiveEndpoint(
                        "train", e => e.Consumer(() => new SampleWorker(context.GetRequiredService<RunClaims>(), failing)));
            });
        });
        var host = new StudyHost(builder.Build());
        host.Bus.ConnectReceiveObserver(host.Deliveries);
        if (observer is not null)
            host.Bus.ConnectPublishObserver(observer);
        await host._host.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    /// <summary>Publishes each of these messages several times in a random order, and waits until all have been handled.</summary>
    public async Task DeliverAsync(IReadOnlyCollection<object> messages, int times, int seed = 1)
    {
        var all = Enumerable.Repeat(messages, times).SelectMany(m => m).ToArray();
        new Random(seed).Shuffle(all);
        var handled = Deliveries.AfterAsync(all.Length);
        foreach (var message in all)
            await Bus.Publish(message, message.GetType());
        await handled;
    }
}

/// <summary>Counts messages that were handled to the end, retries included.</summary>
internal sealed class Deliveries : IReceiveObserver
{
    private readonly Lock _lock = new();
    private int _count, _wanted = int.MaxValue;
    private TaskCompletionSource _reached = new();

    public List<Exception> Faults { get; } = [];

    public Task AfterAsync(int more)
    {
        lock (_lock)
        {
            _wanted = _count + more;
            _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _reached.Task;
        }
    }

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context)
    {
        lock (_lock)
            if (++_count >= _wanted)
                _reached.TrySetResult();
        return Task.CompletedTask;
    }

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class =>
        Task.CompletedTask;

    public Task ReceiveFault(ReceiveContext context, Exception exception)
    {
        lock (_lock)
            Faults.Add(exception);
        return PostReceive(context);
    }
}

/// <summary>Records what a worker would, without training.</summary>
internal sealed class SampleWorker(RunClaims claims, Func<RunPlanned, string?>? failing) : IConsumer<TrainRun>
{
    public async Task Consume(ConsumeContext<TrainRun> context)
    {
        var (claim, lease) = await claims.ClaimAsync(
            context.Message.RunId, "sample", Samples.Environment, context.ReceiveContext.Redelivered, context.CancellationToken);
        if (claim != Claim.Granted)
            return;
        await using (lease)
        {
            if (failing?.Invoke(lease!.Run) is { } reason)
                await lease!.FailAsync(reason);
            else
                await lease!.RecordAsync([.. Samples.Whole(lease.Run, lease.Attempt).Skip(1)]);
        }
    }
}
