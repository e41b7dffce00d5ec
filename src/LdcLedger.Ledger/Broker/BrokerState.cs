using System.Net.Sockets;
using System.Text;
using LdcLedger.Ledger.Postgres;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace LdcLedger.Ledger.Broker;

/// <summary>A message of an error queue that could not be read, and why.</summary>
public sealed record Unreadable(string Queue, string Reason);

/// <summary>What the broker says when it is asked with the rights that a worker needs.</summary>
/// <param name="Version">For instance 3.10.8.</param>
/// <param name="SetsTimeoutPerQueue">
/// Whether our queue's own consumer timeout counts; otherwise only rabbitmq.conf can set it, and the broker does not tell.
/// </param>
/// <param name="Waiting">Messages that no worker has yet.</param>
/// <param name="Workers">Consumers of the queue.</param>
/// <param name="ErrorCount">Messages of the error queues.</param>
/// <param name="Errors">Of at most ten of each queue the reason.</param>
public sealed record BrokerState(
    Version Version, bool SetsTimeoutPerQueue, uint Waiting, uint Workers, uint ErrorCount, IReadOnlyList<Unreadable> Errors)
{
    private static readonly Version Oldest = new(3, 8);

    /// <summary>Connects, declares the queue as workers do, and looks at it and at the error queues.</summary>
    /// <exception cref="BrokerUnavailable">It cannot be reached, refuses, or is too old; says why and what to do.</exception>
    public static async Task<BrokerState> OfAsync(BrokerAddress address, CancellationToken cancellation = default)
    {
        IConnection? connection = null;
        try
        {
            connection = await address.Factory().CreateConnectionAsync(cancellation);
            var version = VersionOf(connection);
            if (version < Oldest)
                throw new BrokerUnavailable($"{address} is of version {version}; {Oldest} or newer is needed for quorum queues.");
            await using var channel = await connection.CreateChannelAsync(null, cancellation);
            var queue = await channel.QueueDeclareAsync(
                TrainQueue.Name, durable: true, exclusive: false, autoDelete: false,
                arguments: TrainQueue.Arguments.ToDictionary(), cancellationToken: cancellation);
            var (count, errors) = await ErrorsAsync(connection, TrainQueue.Errors, cancellation);
            var (stage2Count, stage2Errors) = await ErrorsAsync(connection, Stage2Queue.Errors, cancellation);
            return new(version, version >= new Version(3, 12), queue.MessageCount,
                queue.ConsumerCount, count + stage2Count, [.. errors, .. stage2Errors]);
        }
        catch (Exception cause) when (
            cause is RabbitMQClientException or SocketException or IOException or TimeoutException or OperationCanceledException
            && !cancellation.IsCancellationRequested)
        {
            throw new BrokerUnavailable(Sentence(address, cause, connection?.CloseReason), cause);
        }
        finally
        {
            if (connection is not null)
                await connection.DisposeAsync();
        }
    }

    private static Version VersionOf(IConnection connection)
    {
        var text = connection.ServerProperties?.TryGetValue("version", out var value) == true && value is byte[] bytes
            ? Encoding.UTF8.GetString(bytes)
            : "";
        return Version.TryParse(text.Split('-', '+')[0], out var version) ? version : new Version(0, 0);
    }

    private static async Task<(uint, IReadOnlyList<Unreadable>)> ErrorsAsync(
        IConnection connection, string queue, CancellationToken cancellation)
    {
        try
        {
            await using var channel = await connection.CreateChannelAsync(null, cancellation);
            var count = await channel.MessageCountAsync(queue, cancellation);
            var errors = new List<Unreadable>();
            while (errors.Count < 10 && await channel.BasicGetAsync(queue, autoAck: false, cancellation) is { } message)
                errors.Add(new(queue, ReasonOf(message.BasicProperties.Headers)));
            return (count, errors);   // closing the channel puts them back
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return (0, []);   // made when first needed
        }
    }

    private static string ReasonOf(IDictionary<string, object?>? headers) =>
        headers?.TryGetValue("MT-Fault-Message", out var value) == true && value is byte[] bytes
            ? Encoding.UTF8.GetString(bytes).ReplaceLineEndings(" ")
            : "no reason given";

    /// <summary>What a failed connection or declaration means for whoever runs the broker.</summary>
    public static string Sentence(BrokerAddress address, Exception cause, ShutdownEventArgs? closed)
    {
        var said = string.Join(' ', cause.WithCauses().Select(c => c.Message).Append(closed?.ReplyText ?? ""));
        if (cause.WithCauses().Any(c => c is AuthenticationFailureException)
            || said.Contains("ACCESS_REFUSED - Login", StringComparison.Ordinal))
            return $"{address} refuses user {address.User}: check user and password in LDC_RABBITMQ.";
        if (said.Contains("not found", StringComparison.Ordinal) && said.Contains("vhost", StringComparison.Ordinal))
            return $"{address} has no vhost '{address.Vhost}': "
                + $"create it (rabbitmqctl add_vhost {address.Vhost}) or name another in LDC_RABBITMQ.";
        if (said.Contains("access to vhost", StringComparison.Ordinal) || said.Contains("ACCESS_REFUSED", StringComparison.Ordinal))
            return $"{address} does not let user {address.User} use vhost '{address.Vhost}': "
                + $"rabbitmqctl set_permissions -p {address.Vhost} {address.User} '.*' '.*' '.*'.";
        if (said.Contains("PRECONDITION_FAILED", StringComparison.Ordinal))
            return $"{address} has a queue {TrainQueue.Name} whose settings differ from ours: "
                + $"delete it (rabbitmqctl -p {address.Vhost} delete_queue {TrainQueue.Name}); the ledger fills it again.";
        var innermost = cause.WithCauses().Last().Message.TrimEnd('.');
        return $"{address} cannot be reached ({innermost}): check host and port in LDC_RABBITMQ and that the server runs.";
    }
}
