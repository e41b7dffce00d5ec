using LdcLedger.Ledger.Relay;
using MassTransit;

namespace LdcLedger.Ledger.Broker;

/// <summary>RabbitMQ as the bus of a cluster, with the settings that hours-long deliveries need.</summary>
public static class ClusterTransport
{
    /// <summary>A peer that vanished without a word is noticed after two of these.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public static void UsingCluster(
        this IBusRegistrationConfigurator bus, BrokerAddress address, Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> endpoints) =>
        bus.UsingRabbitMq((context, rabbit) =>
        {
            rabbit.Host(address.Host, (ushort)address.Port, address.Vhost, "ldc", host =>
            {
                host.Username(address.User);
                host.Password(address.Password);
                host.Heartbeat(Heartbeat);
                host.PublisherConfirmation = true;
                if (address.IsEncrypted)
                    host.UseSsl(ssl => ssl.ServerName = address.Host);
            });
            // Whoever publishes declares the queue as well: a run that is wanted before the first worker came waits there.
            rabbit.Publish<TrainRun>(message => message.BindQueue(TrainQueue.Name, TrainQueue.Name, queue =>
            {
                foreach (var (name, value) in TrainQueue.Arguments)
                    queue.SetQueueArgument(name, value);
            }));
            endpoints(context, rabbit);
        });

    /// <summary>The endpoint of a worker: one run at a time, whose message stays unacknowledged until it is over.</summary>
    public static void TrainEndpoint(this IRabbitMqBusFactoryConfigurator rabbit, Action<IReceiveEndpointConfigurator> configure) =>
        rabbit.ReceiveEndpoint(TrainQueue.Name, endpoint =>
        {
            foreach (var (name, value) in TrainQueue.Arguments)
                endpoint.SetQueueArgument(name, value);
            endpoint.PrefetchCount = 1;
            endpoint.ConcurrentMessageLimit = 1;
            configure(endpoint);
        });
}
