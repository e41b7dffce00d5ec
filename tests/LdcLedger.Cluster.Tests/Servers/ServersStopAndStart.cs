using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace LdcLedger.Cluster.Tests.Servers;

/// <summary>The servers of the tests do what the tests of faults rely on.</summary>
public sealed class ServersStopAndStart(ClusterServers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_persistent_message_outlives_a_restart_of_the_broker_and_not_a_purge()
    {
        var broker = await servers.RabbitMq;
        var vhost = broker.FreshVhost();
        await using (var connection = await new ConnectionFactory { Uri = vhost }.CreateConnectionAsync(Cancellation))
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), Cancellation))
        {
            await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancellation);
            await channel.BasicPublishAsync("", "q", true, new BasicProperties { Persistent = true }, new byte[] { 1 }, Cancellation);
        }
        await broker.Stop();
        await broker.Continue();
        Assert.Equal(1u, await RabbitMqNode.Waiting(vhost, "q"));
        await RabbitMqNode.Purge(vhost, "q");
        Assert.Equal(0u, await RabbitMqNode.Waiting(vhost, "q"));
    }

    [Fact]
    public async Task A_stranger_may_not_use_a_vhost()
    {
        var broker = await servers.RabbitMq;
        // The client thinks itself connected until the refusal arrives: only the first use tells.
        var stranger = new ConnectionFactory { Uri = broker.Address("v0", "stranger") };
        await using var connection = await stranger.CreateConnectionAsync(Cancellation);
        var refused = await Assert.ThrowsAnyAsync<RabbitMQClientException>(() => connection.CreateChannelAsync(null, Cancellation));
        Assert.Contains("refused", refused.Message + connection.CloseReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_comes_back_with_what_was_committed()
    {
        var postgres = await servers.Postgres;
        await using var database = NpgsqlDataSource.Create(await postgres.FreshDatabase());
        await database.CreateCommand("create table t as select 7 as n").ExecuteNonQueryAsync(Cancellation);
        await postgres.Stop();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => database.CreateCommand("select n from t").ExecuteScalarAsync(Cancellation));
        await postgres.Continue();
        Assert.Equal(7, await database.CreateCommand("select n from t").ExecuteScalarAsync(Cancellation));
    }
}
