using LdcLedger.Ledger.Broker;

namespace LdcLedger.Cli.Doctor;

/// <summary>
/// RabbitMQ: reachable, with the rights that workers need, the queue of the right kind, the timeout, unreadable messages.
/// </summary>
internal static class BrokerChecks
{
    private const string Subject = "RabbitMQ";

    public static async Task<IReadOnlyList<Finding>> AllAsync(BrokerAddress? address, CancellationToken cancelled)
    {
        if (address is null)
            return [Finding.Fine(Subject, "not used: LDC_RABBITMQ is not set, so studies run in one process (ldc study run)")];
        try
        {
            var state = await BrokerState.OfAsync(address, cancelled);
            return
            [
                Finding.Fine(Subject, $"version {state.Version}, {address.Host}:{address.Port}, vhost {address.Vhost}: quorum queue "
                    + $"{TrainQueue.Name} with {state.Waiting} waiting, {state.Workers} workers listening"),
                Timeout(state),
                Errors(state),
            ];
        }
        catch (BrokerUnavailable unavailable)
        {
            return [Finding.ToDo(Subject, unavailable.Message)];
        }
    }

    private static Finding Timeout(BrokerState state) => state.SetsTimeoutPerQueue
        ? Finding.Fine("consumer timeout", $"{TrainQueue.ConsumerTimeout.TotalHours:F0} h, set on the queue")
        : Finding.Fine("consumer timeout", $"RabbitMQ {state.Version} sets it for the whole server and does not tell it: make sure that "
            + $"rabbitmq.conf has consumer_timeout = {TrainQueue.ConsumerTimeout.TotalMilliseconds:F0} (infra/rabbitmq/rabbitmq.conf); "
            + "otherwise runs of more than 30 minutes are given to a second worker");

    private static IEnumerable<string> Queues(BrokerState state) => state.Errors.Select(e => e.Queue).Distinct();

    private static Finding Errors(BrokerState state) => state.ErrorCount == 0
        ? Finding.Fine("error queue", "empty")
        : Finding.ToDo("error queue", $"{state.ErrorCount} messages of {string.Join(" and ", Queues(state))} could not be read "
            + $"({string.Join("; ", state.Errors.Select(e => e.Reason).Distinct())}): nothing is lost, the ledger sends again whatever "
            + $"is wanted; purge it ({string.Join("; ", Queues(state).Select(q => $"rabbitmqctl purge_queue {q}"))}).");
}
