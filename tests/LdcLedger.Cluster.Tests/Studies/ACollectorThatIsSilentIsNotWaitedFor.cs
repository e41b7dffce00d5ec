using System.Net;
using System.Net.Sockets;
using LdcLedger.Cluster.Tests.Deployment;
using LdcLedger.Cluster.Tests.Servers;
using Xunit;

namespace LdcLedger.Cluster.Tests.Studies;

/// <summary>Telemetry goes to a collector that takes connections and never answers: who submits a study is not kept, and told.</summary>
public sealed class ACollectorThatIsSilentIsNotWaitedFor(ClusterServers servers) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-silent-").FullName;
    private readonly TcpListener _collector = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task By_whoever_submits_a_study()
    {
        _collector.Start();
        var spec = Path.Combine(_folder, "study.yaml");
        await File.WriteAllTextAsync(spec, $$"""
            models: [{ name: tiny-llama, path: {{Repository.PathOf("infra/demo/models/tiny-llama")}} }]
            domains: [{ name: math, path: {{Repository.PathOf("infra/demo/domains/math.jsonl")}} }]
            """, TestContext.Current.CancellationToken);
        var settings = new Dictionary<string, string?>
        {
            ["LDC_POSTGRES"] = await (await servers.Postgres).FreshDatabase(), ["LDC_RABBITMQ"] = "amqp://127.0.0.1:1/v",
            ["LDC_DATA"] = _folder, ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{_collector.LocalEndpoint}",
        };

        var submitted = await Ldc.Done(settings, "study", "submit", spec);

        // Without the limit it says nothing, and takes the ten seconds that each exporter waits.
        Assert.Contains("The telemetry collector (OTEL_EXPORTER_OTLP_ENDPOINT) did not answer within 1.5 s", submitted,
            StringComparison.Ordinal);
        Assert.Contains("submitted: ", submitted, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _collector.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
