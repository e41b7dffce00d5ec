using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Relay;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Studies;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LdcLedger.Ledger.Hosting;

/// <summary>
/// What a process needs of the ledger. One that only asks and submits: <see cref="AddLedger"/>. One that also runs studies:
/// <code>
/// services.AddLedger(store).AddLedgerDaemon(new());
/// services.AddMassTransit(bus =>
/// {
///     bus.DisableUsageTelemetry();
///     bus.UsingInMemory((context, transport) =>
///     {
///         transport.Stage2Endpoint(context);
///         transport.ReceiveEndpoint("ldc-train", ...);
///     });
/// });
/// </code>
/// </summary>
public static class LedgerHosting
{
    /// <summary>The store stays the caller's, who opened it.</summary>
    public static IServiceCollection AddLedger(this IServiceCollection services, LedgerStore store)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(store)
            .AddSingleton<LedgerWriter>()
            .AddSingleton<LedgerQueries>()
            .AddSingleton<ReadModelProgress>()
            .AddSingleton<LedgerRules>()
            .AddSingleton<StudySubmission>()
            .AddSingleton<RunRequests>();
    }

    /// <summary>Projections, relay and refill, while this process leads.</summary>
    public static IServiceCollection AddLedgerDaemon(this IServiceCollection services, LedgerDaemonOptions options) => services
        .AddSingleton(options)
        .AddSingleton<Refill>()
        .AddSingleton<LedgerDaemon>()
        .AddHostedService(provider => provider.GetRequiredService<LedgerDaemon>());

    /// <summary>
    /// The endpoint of <see cref="Stage2Saga"/>, on any transport. Messages are handled one at a time: they meet on the study's stream
    /// anyway.
    /// </summary>
    public static void Stage2Endpoint(this IBusFactoryConfigurator bus, IServiceProvider services, string prefix = "") =>
        bus.ReceiveEndpoint(prefix + Stage2Queue.Name, endpoint =>
    {
        var store = services.GetRequiredService<LedgerStore>();
        endpoint.PrefetchCount = 16;
        endpoint.ConcurrentMessageLimit = 1;
        // First the ledger away for a while, then somebody else's append in between.
        endpoint.UseMessageRetry(
            retry => retry.Exponential(60, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(500)));
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<LedgerConflict>();
            retry.Interval(50, TimeSpan.FromMilliseconds(10));
        });
        endpoint.StateMachineSaga(
            new Stage2Saga(store, services.GetRequiredService<RunRequests>()),
            LedgerSagaRepository.Over(store, services.GetRequiredService<LedgerWriter>()));
    });
}
