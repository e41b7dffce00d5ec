namespace LdcLedger.Ledger.Broker;

/// <summary>
/// The queue of runs that wait for a worker. A worker holds one message of it, unacknowledged, while it trains. The queue is never the only
/// record that a run is wanted: it can be purged or deleted at any time, and the ledger refills it.
/// </summary>
public static class TrainQueue
{
    public const string Name = "ldc-train";

    /// <summary>Where messages go that cannot be read, with the reason in their headers.</summary>
    public const string Errors = Name + "_error";

    /// <summary>How long a delivery may stay unacknowledged: longer than any run.</summary>
    public static readonly TimeSpan ConsumerTimeout = TimeSpan.FromHours(48);

    /// <summary>
    /// Replicated where the broker is a cluster. Since RabbitMQ 4 such a queue drops a message after 20 deliveries unless told otherwise;
    /// how often a run is tried is for the ledger to say. Before 3.12 the broker ignores the timeout here: rabbitmq.conf has to set it.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, object?> Arguments = new Dictionary<string, object?>
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = 1_000_000,
        ["x-consumer-timeout"] = (long)ConsumerTimeout.TotalMilliseconds,
    };
}

/// <summary>The queue of what the saga has to settle or to end.</summary>
public static class Stage2Queue
{
    public const string Name = "ldc-stage2";

    /// <summary>Where messages go that cannot be read, with the reason in their headers.</summary>
    public const string Errors = Name + "_error";
}
