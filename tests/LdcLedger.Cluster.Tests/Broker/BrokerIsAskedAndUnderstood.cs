using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Settings;
using RabbitMQ.Client;
using Xunit;

namespace LdcLedger.Cluster.Tests.Broker;

public sealed class BrokerIsAskedAndUnderstood(ClusterServers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<string> Refusal(Uri address) =>
        (await Assert.ThrowsAsync<BrokerUnavailable>(
            () => BrokerState.OfAsync(BrokerAddress.Parse(address.ToString()), Cancellation))).Message;

    [Fact]
    public async Task A_healthy_broker_tells_its_version_and_has_the_queue()
    {
        var broker = await servers.RabbitMq;
        var vhost = broker.FreshVhost();
        for (var time = 0; time < 2; time++)
        {
            var state = await BrokerState.OfAsync(BrokerAddress.Parse(vhost.ToString()), Cancellation);
            Assert.True(state.Version >= new Version(3, 8));
            Assert.Equal((0u, 0u, 0u), (state.Waiting, state.Workers, state.ErrorCount));
        }
    }

    [Fact]
    public async Task Wrong_credentials_are_called_that_and_the_password_is_not_told()
    {
        var broker = await servers.RabbitMq;
        var message = await Refusal(new($"amqp://ldc:s3cret@127.0.0.1:{broker.Port}/v0"));
        Assert.Equal($"RabbitMQ at 127.0.0.1:{broker.Port} refuses user ldc: check user and password in LDC_RABBITMQ.", message);
    }

    [Fact]
    public async Task A_vhost_without_permission_and_a_missing_one_are_told_apart()
    {
        var broker = await servers.RabbitMq;
        Assert.Contains("does not let user stranger use vhost 'v0': rabbitmqctl set_permissions",
            await Refusal(broker.Address("v0", "stranger")), StringComparison.Ordinal);
        Assert.Contains("has no vhost 'nowhere': create it", await Refusal(broker.Address("nowhere")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_host_is_called_that() =>
        Assert.Contains("cannot be reached",
            await Refusal(new($"amqp://ldc:ldc@127.0.0.1:{ServerProcess.FreePort()}/v0")), StringComparison.Ordinal);

    [Fact]
    public async Task A_queue_with_other_settings_is_not_used_silently()
    {
        var broker = await servers.RabbitMq;
        var vhost = broker.FreshVhost();
        await using (var connection = await new ConnectionFactory { Uri = vhost }.CreateConnectionAsync(Cancellation))
        await using (var channel = await connection.CreateChannelAsync(null, Cancellation))
            await channel.QueueDeclareAsync(TrainQueue.Name, durable: true, exclusive: false, autoDelete: false,
                cancellationToken: Cancellation);
        Assert.Contains("whose settings differ from ours: delete it", await Refusal(vhost), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("http://localhost/")]
    [InlineData("amqp://localhost/a/b")]
    public void What_is_no_address_is_refused(string text) => Assert.Throws<SettingRefused>(() => BrokerAddress.Parse(text));
}
