using LdcLedger.Ledger.Relay;
using MassTransit;

namespace LdcLedger.Ledger.Broker;

/// <summary>RabbitMQ as the bus of a cluster, with the settings that hours-long deliveries need.</summary>
public static class ClusterTransport
{
    /// <summary>A peer that vanished without a word is noticed after two of these.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);

    /// <param name="prefix">Before the name of every queue and exchange: a bench does not get in the way of workers.</param>
    public static void UsingCluster(
        this IBusRegistrationConfigurator bus, BrokerAddress address,
        Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> endpoints, string prefix = "") =>
        bus.UsingRabbitMq((context, rabbit) =>
        {
            if (prefix.Length > 0)
                rabbit.MessageTopology.SetEntityNameFormatter(
                    new PrefixEntityNameFormatter(rabbit.MessageTopology.EntityNameFormatter, prefix));
            rabbit.Host(address.HostInUrl, (ushort)address.Port, address.Vhost, "ldc", host =>
            {
                host.Username(address.User);
                host.Password(address.Password);
                host.Heartbeat(HeartbeatInterval);
                host.PublisherConfirmation = true;
                if (address.IsEncrypted)
                    host.UseSsl(ssl => ssl.ServerName = address.Host);
            });
            // Whoever publishes declares the queue as well: a run that is wanted before the first worker came waits there.
            rabbit.Publish<TrainRun>(message => message.BindQueue(prefix + TrainQueue.Name, prefix + TrainQueue.Name, queue =>
            {
                foreach (var (name, value) in TrainQueue.Arguments)
                    queue.SetQueueArgument(name, value);
            }));
            endpoints(context, rabbit);
        });

    /// <summary>The endpoint of a worker: one run at a time, whose message stays unacknowledged until it is over.</summary>
    public static void TrainEndpoint(
        this IRabbitMqBusFactoryConfigurator rabbit, Action<IReceiveEndpointConfigurator> configure, string prefix = "") =>
        rabbit.ReceiveEndpoint(prefix + TrainQueue.Name, endpoint =>
        {
            foreach (var (name, value) in TrainQueue.Arguments)
                endpoint.SetQueueArgument(name, value);
            endpoint.PrefetchCount = 1;
            endpoint.ConcurrentMessageLimit = 1;
            configure(endpoint);
        });

    /// <summary>Deletes the queues and exchanges of a bus that had a prefix.</summary>
    internal static async Task RemoveAsync(BrokerAddress address, string prefix, CancellationToken cancellation)
    {
        await using var connection = await address.Factory().CreateConnectionAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(null, cancellation);
        foreach (var queue in (string[])[TrainQueue.Name, Stage2Queue.Name])
            foreach (var name in (string[])[prefix + queue, $"{prefix}{queue}_error", $"{prefix}{queue}_skipped"])
            {
                await channel.QueueDeleteAsync(name, ifUnused: false, ifEmpty: false, cancellationToken: cancellation);
                await channel.ExchangeDeleteAsync(name, cancellationToken: cancellation);
            }
        foreach (var message in (Type[])[typeof(TrainRun), typeof(RunEnded), typeof(StudyEnding)])
            await channel.ExchangeDeleteAsync($"{prefix}{message.Namespace}:{message.Name}", cancellationToken: cancellation);
    }
}
