namespace LdcLedger.Ledger.Broker;

/// <summary>
/// RabbitMQ cannot be reached or refuses what we need of it. The message is one sentence that names the thing and what to do, and holds no
/// password.
/// </summary>
public sealed class BrokerUnavailable(string message, Exception? cause = null) : Exception(message, cause);
