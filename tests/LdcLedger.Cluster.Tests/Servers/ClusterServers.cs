using LdcLedger.Cluster.Tests.Servers;
using Xunit;

[assembly: AssemblyFixture(typeof(ClusterServers))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace LdcLedger.Cluster.Tests.Servers;

/// <summary>
/// The real servers that the tests share, started when first asked for. A test that stops one starts it again; tests run one after
/// another, so none sees another's fault.
/// </summary>
public sealed class ClusterServers : IAsyncLifetime
{
    private readonly Lazy<Task<RabbitMqNode>> _rabbitMq = new(RabbitMqNode.Start);
    private readonly Lazy<Task<PostgresNode>> _postgres = new(PostgresNode.Start);

    internal Task<RabbitMqNode> RabbitMq => _rabbitMq.Value;
    internal Task<PostgresNode> Postgres => _postgres.Value;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_rabbitMq.IsValueCreated)
            await (await _rabbitMq.Value).DisposeAsync();
        if (_postgres.IsValueCreated)
            await (await _postgres.Value).DisposeAsync();
    }
}
